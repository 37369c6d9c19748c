"""Stored files: in a folder and in a bucket alike."""

import contextlib
import hashlib
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from suite.kernel import clock
from suite.kernel.files import FileStore, FileTooLarge, new_key, store_for
from suite.settings import load
from tests.conftest import KEY

MEGABYTE = 1 << 20


def connected(address: str) -> Any:
    import boto3

    return boto3.client(
        "s3", endpoint_url=address, region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Give the address of a server that speaks S3."""
    moto = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = connected(address)
    with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):  # the servers of one process share them
        client.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client.close()
    yield address
    server.stop()


def in_a_bucket(tmp_path: Path, address: str) -> FileStore:
    return in_a_folder(
        tmp_path,
        SUITE_FILES_URL=f"s3://files/{os.urandom(4).hex()}",
        SUITE_S3_ENDPOINT=address,
        SUITE_S3_ACCESS_KEY="a",
        SUITE_S3_SECRET_KEY="b",
    )


def in_a_folder(tmp_path: Path, **others: str) -> FileStore:
    return store_for(load({"SUITE_SECRET_KEYS": KEY, "SUITE_DATA_FOLDER": str(tmp_path / "data")} | others))


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "bucket":
        return in_a_bucket(tmp_path, request.getfixturevalue("bucket"))
    return in_a_folder(tmp_path)


def read(store: FileStore, key: str) -> bytes:
    return b"".join(store.open(key))


@pytest.mark.parametrize("pieces", [[], [b""], [b"hello"], [b"a" * MEGABYTE] * 3 + [b"end"]])
def test_what_was_stored_comes_back_with_its_size_and_checksum(store: FileStore, pieces: list[bytes]) -> None:
    kept = store.put(iter(pieces), most=4 * MEGABYTE)

    whole = b"".join(pieces)
    assert (kept.size, kept.sha256) == (len(whole), hashlib.sha256(whole).hexdigest())
    assert read(store, kept.key) == whole
    assert store.exists(kept.key)
    assert list(store.keys()) == [kept.key]


def test_the_largest_allowed_is_kept_and_one_byte_more_leaves_nothing(store: FileStore) -> None:
    kept = store.put([b"x" * 100, b"y" * 100], most=200)
    with pytest.raises(FileTooLarge):
        store.put([b"x" * 100, b"y" * 101], most=200)

    assert list(store.keys()) == [kept.key]


def test_a_file_of_many_megabytes_that_grows_too_large_leaves_nothing(store: FileStore) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * MEGABYTE

    with pytest.raises(FileTooLarge):
        store.put(endless(), most=12 * MEGABYTE)

    assert list(store.keys()) == []


def test_an_upload_that_breaks_off_leaves_nothing(store: FileStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * 100
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(broken(), most=1000)

    assert list(store.keys()) == []


def test_deleting_is_final_and_can_be_repeated(store: FileStore) -> None:
    kept = store.put([b"secret"], most=100)

    for _ in range(2):
        store.delete(kept.key)

    assert not store.exists(kept.key)
    with pytest.raises(FileNotFoundError):
        read(store, kept.key)


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "aa/../../secret",
        "/etc/passwd",
        "..",
        ".",
        "",
        "aa/b\0c",
        "..\\secret",
        "%2e%2e/secret",
        "aa/" + "A" * 30,
        "aa/" + "a" * 31,
        "check/1234",
    ],
)
def test_a_name_that_the_store_did_not_make_leads_nowhere(store: FileStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret").write_text("secret", encoding="ascii")

    for ask in (lambda: read(store, name), lambda: store.delete(name), lambda: store.exists(name)):
        with pytest.raises(ValueError, match="no name of a stored file"):
            ask()
    assert (tmp_path / "secret").exists()


def test_names_are_128_random_bits_and_say_nothing() -> None:
    keys = {new_key() for _ in range(1000)}

    assert len(keys) == 1000
    assert all(len(key.replace("/", "")) == 32 for key in keys)


def test_the_check_leaves_nothing_behind(store: FileStore) -> None:
    store.check()

    assert list(store.keys()) == []


def test_a_folder_that_cannot_be_written_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "files").write_text("in the way", encoding="ascii")
    store: Any = store_for(load({"SUITE_SECRET_KEYS": KEY, "SUITE_DATA_FOLDER": str(tmp_path / "data")}))

    with pytest.raises(OSError):
        store.check()


def test_a_bucket_keeps_no_parts_of_an_upload_that_was_refused(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge):
        in_a_bucket(tmp_path, bucket).put((b"x" * MEGABYTE for _ in range(30)), most=20 * MEGABYTE)

    client = connected(bucket)
    assert client.list_multipart_uploads(Bucket="files").get("Uploads", []) == []
    client.close()


def test_a_folder_keeps_no_half_of_a_file_that_was_refused(tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge):
        in_a_folder(tmp_path).put((b"x" * MEGABYTE for _ in range(30)), most=20 * MEGABYTE)

    assert [file for file in (tmp_path / "data").rglob("*") if file.is_file()] == []


def test_what_a_process_that_died_had_written_of_a_file_goes_with_time_and_nothing_else(tmp_path: Path) -> None:
    store, folder = in_a_folder(tmp_path), tmp_path / "data" / "files"
    whole = store.put([b"whole"], most=10).key
    old, young = (folder / f"{new_key()}#1" for _ in range(2))
    long_ago = clock.now() - timedelta(days=2)
    for begun in (old, young):
        begun.parent.mkdir(exist_ok=True)
        begun.write_bytes(b"half a private t")
    for place in (old, folder / whole):
        os.utime(place, (long_ago.timestamp(), long_ago.timestamp()))

    went = store.forget_begun(before=clock.now() - timedelta(days=1))

    assert (went, old.exists(), young.exists(), [*store.keys()]) == (1, False, True, [whole])


def test_a_bucket_forgets_begun_uploads_by_its_own_rule(tmp_path: Path, bucket: str) -> None:
    store = in_a_bucket(tmp_path, bucket)
    key = store.put([b"whole"], most=10).key

    assert store.forget_begun(before=clock.now() + timedelta(days=1)) == 0
    assert store.exists(key)
