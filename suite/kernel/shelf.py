"""Objects under names of our own choosing: a private folder or a prefix of a bucket."""

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from suite.kernel.files import folder_at, open_at, settle

if TYPE_CHECKING:
    from suite.settings import Settings

_PIECE = 1 << 20


@dataclass(frozen=True)
class Entry:
    """What stands on a shelf."""

    name: str
    size: int


class Shelf:
    """Objects in one place; each is there whole or not at all."""

    def __init__(self, settings: "Settings", url: str) -> None:
        self._store: Any = open_at(settings, url)
        self._folder = folder_at(url)

    def put(self, name: str, content: BinaryIO | bytes) -> None:
        """Write an object, or write it anew; it lasts when this returns."""
        import obstore

        obstore.put(self._store, name, content, chunk_size=8 * _PIECE, max_concurrency=2)
        settle(self._folder, [name])

    def put_new(self, name: str, content: bytes) -> bool:
        """Write an object unless there is one of that name; say whether it was written. `settle` makes it last."""
        import obstore
        from obstore.exceptions import AlreadyExistsError

        try:
            obstore.put(self._store, name, content, mode="create", use_multipart=False)
        except (AlreadyExistsError, FileExistsError):
            return False
        return True

    def read(self, name: str) -> bytes | None:
        """Give the whole content of a small object, None when there is none."""
        import obstore

        try:
            return bytes(obstore.get(self._store, name).bytes())
        except FileNotFoundError:
            return None

    def open(self, name: str) -> Iterator[bytes]:
        """Stream an object; FileNotFoundError when there is none."""
        import obstore

        for piece in obstore.get(self._store, name).stream(min_chunk_size=_PIECE):
            yield bytes(piece)

    def settle(self, names: Iterable[str]) -> None:
        """Wait until objects are on the disk under their names."""
        settle(self._folder, names)

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects for good; deleting what is not there is fine."""
        import obstore

        gone = list(names)
        for name in gone:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, name)
        settle(self._folder, gone)

    def destroy(self, names: Iterable[str]) -> None:
        """Delete small objects after writing over them, where the file system writes in place."""
        gone = list(names)
        for name in gone if self._folder is not None else ():
            with contextlib.suppress(FileNotFoundError), (self._folder / name).open("r+b", buffering=0) as file:  # type: ignore[operator]
                file.write(secrets.token_bytes(os.fstat(file.fileno()).st_size))
                os.fsync(file.fileno())
        self.delete(gone)

    def entries(self) -> Iterator[Entry]:
        """List every whole object."""
        import obstore

        for batch in obstore.list(self._store):
            yield from (Entry(str(entry["path"]), int(entry["size"])) for entry in batch)

    def discard_halves(self, before: datetime) -> None:
        """Delete what broken off writes left in a folder; a bucket shows no halves."""
        for half in self._folder.rglob("*#*") if self._folder is not None else ():
            if half.stat().st_mtime < before.timestamp():
                half.unlink(missing_ok=True)
