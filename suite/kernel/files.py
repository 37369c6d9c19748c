"""Stored files: a local folder or an S3 bucket, behind opaque random names.

Type, name, size and checksum live in the database; the store knows only bytes. What a process that died had written of
a file stands in a folder until `forget_begun`; a bucket keeps it as an incomplete multipart upload, which nobody can
list as a file: give the bucket a lifecycle rule AbortIncompleteMultipartUpload with DaysAfterInitiation 1.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from suite.settings import Settings

_PIECE = 1 << 20
_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{30}")
_JOURNAL = "-journal"


@dataclass(frozen=True)
class StoredFile:
    """What the database keeps about stored bytes."""

    key: str
    size: int
    sha256: str


class FileTooLarge(Exception):
    """More bytes came than allowed; nothing was kept."""


class FileStore(Protocol):
    """The eight things a file store can do."""

    def put(self, pieces: Iterable[bytes], *, most: int, key: str = "") -> StoredFile:
        """Store a stream of at most `most` bytes, under a key of `new_key` made before; FileTooLarge keeps nothing."""

    def put_back(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store the bytes of a file of that name out of a backup."""

    def open(self, key: str) -> Iterator[bytes]:
        """Give the bytes in pieces; FileNotFoundError when there are none."""

    def delete(self, key: str) -> None:
        """Delete; deleting what is not there is fine."""

    def exists(self, key: str) -> bool:
        """Say whether there are bytes under this key."""

    def keys(self, *, before: datetime | None = None) -> Iterator[str]:
        """Give every key, or those written before an instant, for the search for orphans and for backups."""

    def forget_begun(self, *, before: datetime) -> int:
        """Delete what was left of files nobody finished, if it was last written before an instant; return how many."""

    def check(self) -> None:
        """Raise OSError when the store cannot be written."""


class ObjectFiles:
    """A file store over obstore: local folders and S3 alike."""

    def __init__(self, store: Any, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    def put(self, pieces: Iterable[bytes], *, most: int, key: str = "") -> StoredFile:
        """Store a stream while counting and hashing it."""
        import obstore

        key = _sound(key or new_key())
        digest, size = hashlib.sha256(), 0

        def counted() -> Iterator[bytes]:
            nonlocal size
            for piece in pieces:
                size += len(piece)
                if size > most:
                    raise FileTooLarge
                digest.update(piece)
                yield piece

        try:
            obstore.put(self._store, key, counted(), chunk_size=8 * _PIECE, max_concurrency=2)
        except BaseException as problem:
            self.delete(key)
            if size > most:
                raise FileTooLarge from problem
            raise
        settle(self._folder, [key])
        return StoredFile(key, size, digest.hexdigest())

    def put_back(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store a stream under the name it had."""
        import obstore

        obstore.put(self._store, _sound(key), iter(pieces), chunk_size=8 * _PIECE, max_concurrency=2)
        settle(self._folder, [key])

    def open(self, key: str) -> Iterator[bytes]:
        """Stream the bytes."""
        import obstore

        found = obstore.get(self._store, _sound(key))
        for piece in found.stream(min_chunk_size=_PIECE):
            yield bytes(piece)

    def delete(self, key: str) -> None:
        """Delete the bytes."""
        import obstore

        with suppress(FileNotFoundError):
            obstore.delete(self._store, _sound(key))
        if self._folder is not None:  # a process that died while storing left its bytes under a name of their own
            for begun in self._folder.glob(f"{key}#*"):
                begun.unlink(missing_ok=True)

    def exists(self, key: str) -> bool:
        """Ask for the head of the object."""
        import obstore

        try:
            obstore.head(self._store, _sound(key))
        except FileNotFoundError:
            return False
        return True

    def keys(self, *, before: datetime | None = None) -> Iterator[str]:
        """List every file made here, whatever else stands in the same bucket."""
        import obstore

        for batch in obstore.list(self._store):
            for entry in batch:
                if _KEY.fullmatch(str(entry["path"])) and (before is None or entry["last_modified"] < before):
                    yield str(entry["path"])

    def forget_begun(self, *, before: datetime) -> int:
        """Delete files under the name they had while they were written; a bucket does it by its lifecycle rule."""
        went = 0
        for begun in self._folder.glob("??/*#*") if self._folder is not None else ():
            with suppress(FileNotFoundError):  # just now it got its own name, or another sweep was faster
                if begun.stat().st_mtime < before.timestamp():
                    begun.unlink()
                    went += 1
        return went

    def check(self) -> None:
        """Write and delete a small object."""
        key = f"check/{secrets.token_hex(8)}"
        import obstore

        obstore.put(self._store, key, b"ready")
        obstore.delete(self._store, key)


class Journal:
    """Small files under names of our own beside the stored ones, where no restore of a backup reaches.

    It stands in `<folder>-journal` or under `<prefix>-journal` of the bucket.
    """

    def __init__(self, store: Any, folder: Path | None = None) -> None:
        self._store, self._folder = store, folder

    def write(self, name: str, content: bytes) -> None:
        """Write a file; it is there whole or not at all."""
        import obstore

        obstore.put(self._store, name, content)
        settle(self._folder, [name])

    def names(self, folder: str = "") -> Iterator[str]:
        """List the files, or those of one folder."""
        import obstore

        for batch in obstore.list(self._store, prefix=folder or None):
            yield from (str(entry["path"]) for entry in batch)

    def read(self, name: str) -> bytes:
        """Give the content of a file."""
        import obstore

        return bytes(obstore.get(self._store, name).bytes())

    def delete(self, name: str) -> None:
        """Delete a file."""
        import obstore

        obstore.delete(self._store, name)


class Late:
    """Opens the real store at its first use: many processes never touch a file."""

    def __init__(self, opened: Callable[[], Any]) -> None:
        self._opened = opened
        self._found: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._found is None:
            self._found = self._opened()
        return getattr(self._found, name)


def new_key() -> str:
    """Make an opaque name of 128 random bits, spread over folders."""
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name[2:]}"


def _sound(key: str) -> str:
    """Refuse every name but those made here, whoever wrote it into a row."""
    if not _KEY.fullmatch(key):
        raise ValueError("This is no name of a stored file.")
    return key


def store_for(settings: "Settings") -> FileStore:
    """Give the store the settings name."""
    return cast("FileStore", Late(lambda: ObjectFiles(_open_store(settings), folder_at(settings.files_url))))


def journal_for(settings: "Settings") -> Journal:
    """Give the journal beside the store the settings name."""
    return cast(
        "Journal", Late(lambda: Journal(_open_store(settings, _JOURNAL), folder_at(settings.files_url, _JOURNAL)))
    )


def folder_at(url: str, beside: str = "") -> Path | None:
    """Give the folder of a local store, None for a bucket."""
    parts = urlsplit(url)
    return Path(parts.path.rstrip("/") + beside) if parts.scheme == "file" else None


def settle(folder: Path | None, names: Iterable[str]) -> None:
    """Wait until files and their names are on the disk, so that a power cut takes none of them; a bucket did so."""
    if folder is None:
        return
    holding = set()
    for path in (folder / name for name in names):
        with suppress(FileNotFoundError):  # deleted since, or this is what has to last
            _sync(path)
        holding |= {above for above in path.parents if above.is_relative_to(folder)}
    for above in sorted(holding):
        with suppress(FileNotFoundError):
            _sync(above)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def open_at(settings: "Settings", url: str) -> Any:
    """Open another place of the same kinds, with the same access to buckets."""
    return _open_store(replace(settings, files_url=url))


def _open_store(settings: "Settings", beside: str = "") -> Any:
    from obstore.store import LocalStore, S3Store

    url, folder = urlsplit(settings.files_url), folder_at(settings.files_url, beside)
    if folder is not None:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync(folder.parent)
        return LocalStore(folder, mkdir=True)
    options: dict[str, Any] = {"region": settings.s3_region}
    if settings.s3_endpoint:
        options["endpoint"] = settings.s3_endpoint
        options["virtual_hosted_style_request"] = False
    if settings.s3_access_key:
        options |= {"access_key_id": settings.s3_access_key, "secret_access_key": settings.s3_secret_key}
    client: Any = {"allow_http": settings.s3_endpoint.startswith("http://")}
    return S3Store(
        url.netloc, prefix=(url.path.strip("/") + beside).strip("-") or None, client_options=client, **options
    )
