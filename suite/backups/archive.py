"""One file per backup: a tar of parts and a manifest, compressed, encrypted with age, written and read as a stream."""

import gzip
import hashlib
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, cast

import orjson
import pyrage
from pyrage.x25519 import Identity

from suite.backups.errors import BrokenBackup, NoBackupKey

MANIFEST = "manifest.json"
_PIECE = 1 << 20


class Writer:
    """Takes parts one after another; the manifest comes last and holds what makes a missing part show."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._digest = hashlib.sha256()
        self.parts = 0

    def add(self, name: str, content: IO[bytes]) -> None:
        """Write a part from its beginning."""
        info = tarfile.TarInfo(name)
        info.size = content.seek(0, os.SEEK_END)
        content.seek(0)
        counted = _Hashed(content)
        self._tar.addfile(info, cast("IO[bytes]", counted))
        self._tar.members.clear()  # type: ignore[attr-defined]
        _note(self._digest, name, counted.digest.hexdigest())
        self.parts += 1

    def seal(self) -> dict[str, Any]:
        """Give what the manifest says about the parts."""
        return {"parts": self.parts, "sha256": self._digest.hexdigest()}


class _Hashed:
    """A file whose content is hashed while it is read."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content, self.digest = content, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._content.read(size)
        self.digest.update(piece)
        return piece


def _note(digest: Any, name: str, sha256: str) -> None:
    digest.update(f"{name}\0{sha256}\n".encode())


def write(out: BinaryIO, key: Identity, fill: Callable[[Writer], dict[str, Any]]) -> None:
    """Write an archive; `fill` writes the parts and gives the manifest."""
    with (
        _encrypted(out, key) as pipe,
        gzip.GzipFile(fileobj=pipe, mode="wb", compresslevel=1, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        writer = Writer(tar)
        manifest = orjson.dumps(fill(writer) | {"content": writer.seal()})
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(manifest)
        tar.addfile(info, cast("IO[bytes]", _Once(manifest)))


class _Once:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int = -1) -> bytes:
        piece, self._content = self._content[:size], self._content[size:]
        return piece


@contextmanager
def _encrypted(out: BinaryIO, key: Identity) -> Iterator[BinaryIO]:
    """Give a file; what is written to it goes encrypted into `out`. Encryption runs in a thread of its own."""
    reading, writing = os.pipe()
    problems: list[BaseException] = []

    def encrypt() -> None:
        with os.fdopen(reading, "rb") as source:
            try:
                pyrage.encrypt_io(source, out, [key.to_public()])
            except BaseException as problem:  # noqa: BLE001 - it is raised where the archive is written
                problems.append(problem)

    thread = threading.Thread(target=encrypt, name="backup-encryption")
    thread.start()
    try:
        with os.fdopen(writing, "wb", buffering=_PIECE) as pipe:
            yield pipe
    except BrokenPipeError:
        thread.join()
        if not problems:
            raise
    finally:
        thread.join()
    if problems:
        raise problems[0]


def decrypt(pieces: Iterator[bytes], keys: list[Identity], into: BinaryIO) -> None:
    """Decrypt an archive into a private file."""
    source = _Pieces(pieces)
    try:
        pyrage.decrypt_io(cast("BinaryIO", source), into, keys)
    except (pyrage.DecryptError, OSError) as problem:
        if source.problem is not None:
            raise source.problem from None
        if isinstance(problem, OSError) and problem.errno is not None:
            raise
        if "matching keys" in str(problem):
            raise NoBackupKey(
                "SUITE_BACKUP_KEY does not open this backup: add the key it was made with, behind the newest one and "
                "a comma."
            ) from problem
        raise BrokenBackup(_BROKEN) from problem
    into.seek(0)


_BROKEN = "The archive is damaged or was cut off: use another backup, `suite backup list` shows them."


class _Pieces:
    """A file made of pieces that come one after another; remembers what went wrong behind it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, b""
        self.problem: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            try:
                found = next(self._pieces, None)
            except Exception as problem:
                self.problem = problem
                raise
            if found is None:
                return b""
            self._rest = found
        if size < 0:
            size = len(self._rest)
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def parts(decrypted: BinaryIO) -> Iterator[tuple[str, IO[bytes]]]:
    """Give name and content of each part in order, the manifest last."""
    decrypted.seek(0)
    try:
        with tarfile.open(fileobj=decrypted, mode="r|gz", bufsize=_PIECE) as tar:
            while (info := tar.next()) is not None:
                content = tar.extractfile(info)
                if content is not None:
                    yield info.name, content
                tar.members.clear()  # type: ignore[attr-defined]
    except (tarfile.TarError, gzip.BadGzipFile, EOFError) as problem:
        raise BrokenBackup(_BROKEN) from problem


def check(decrypted: BinaryIO, tell: Callable[[int], None] = lambda _bytes: None) -> dict[str, Any]:
    """Read every part and compare with the manifest; give the manifest."""
    digest = hashlib.sha256()
    for count, (name, content) in enumerate(parts(decrypted)):
        if name == MANIFEST:
            manifest: dict[str, Any] = orjson.loads(content.read())
            if manifest.get("content") != {"parts": count, "sha256": digest.hexdigest()}:
                break
            return manifest
        one = hashlib.sha256()
        while piece := content.read(_PIECE):
            one.update(piece)
            tell(len(piece))
        _note(digest, name, one.hexdigest())
    raise BrokenBackup(_BROKEN)
