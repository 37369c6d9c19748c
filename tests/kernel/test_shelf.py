"""Objects under names of our own: in a folder and in a bucket alike."""

import os
from io import BytesIO
from pathlib import Path

import pytest

from suite.kernel.shelf import Shelf
from suite.settings import load
from tests.conftest import KEY
from tests.kernel.test_files import bucket

assert bucket


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    given = {"SUITE_SECRET_KEYS": KEY, "SUITE_DATA_FOLDER": str(tmp_path)}
    url = f"file://{tmp_path}/shelf"
    if request.param == "bucket":
        address = request.getfixturevalue("bucket")
        given |= {"SUITE_S3_ENDPOINT": address, "SUITE_S3_ACCESS_KEY": "a", "SUITE_S3_SECRET_KEY": "b"}
        url = f"s3://files/{os.urandom(4).hex()}"
    return Shelf(load(given), url)


def test_what_was_put_is_listed_read_and_deleted(shelf: Shelf) -> None:
    content = b"backup" * 3_000_000

    shelf.put("2026.age", BytesIO(content))

    assert [(entry.name, entry.size) for entry in shelf.entries()] == [("2026.age", len(content))]
    assert b"".join(shelf.open("2026.age")) == content
    shelf.delete(["2026.age", "never.age"])
    assert list(shelf.entries()) == []
    with pytest.raises(FileNotFoundError):
        list(shelf.open("2026.age"))


def test_of_two_who_make_an_object_one_does(shelf: Shelf) -> None:
    assert shelf.put_new("ab/cd", b"first")
    assert not shelf.put_new("ab/cd", b"second")

    assert shelf.read("ab/cd") == b"first"
    assert shelf.read("ab/ef") is None


def test_what_is_destroyed_was_written_over_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(load({"SUITE_SECRET_KEYS": KEY, "SUITE_DATA_FOLDER": str(tmp_path)}), f"file://{tmp_path}/shelf")
    shelf.put_new("ab/cd", b"key" * 10)
    kept = os.open(tmp_path / "shelf/ab/cd", os.O_RDONLY)

    shelf.destroy(["ab/cd", "ab/never"])

    left = os.read(kept, 100)
    os.close(kept)
    assert (len(left), b"key" in left, shelf.read("ab/cd")) == (30, False, None)


def test_what_was_written_or_deleted_is_on_the_disk_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(load({"SUITE_SECRET_KEYS": KEY, "SUITE_DATA_FOLDER": str(tmp_path)}), f"file://{tmp_path}/shelf")
    shelf.put("ab/cd", b"whole")
    synced: list[str] = []
    fsync = os.fsync

    def noted(file: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{file}").readlink().relative_to(tmp_path)))
        fsync(file)

    monkeypatch.setattr(os, "fsync", noted)
    shelf.put("ab/ef", b"whole")
    shelf.delete(["ab/cd"])

    assert synced == ["shelf/ab/ef", "shelf", "shelf/ab", "shelf", "shelf/ab"]
