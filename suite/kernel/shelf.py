"""Objects under names of our own choosing: a private folder or a prefix of a bucket."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from suite.kernel.files import open_at

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
        self._folder = Path(urlsplit(url).path) if url.startswith("file:") else None

    def put(self, name: str, content: BinaryIO | bytes) -> None:
        """Write an object, or write it anew."""
        import obstore

        obstore.put(self._store, name, content, chunk_size=8 * _PIECE, max_concurrency=2)

    def put_new(self, name: str, content: bytes) -> bool:
        """Write an object unless there is one of that name; say whether it was written."""
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

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; deleting what is not there is fine."""
        import obstore

        for name in names:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._store, name)

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
