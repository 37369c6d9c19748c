"""The copy as one zip, written piece by piece: nobody holds it in memory, and no file of it touches the disk before."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files as package

from suite.exports import document, readable
from suite.exports.content import Content
from suite.exports.deadlines import Deadlines
from suite.kernel import clock, system

PARTS = 3
"""How often the tables are gone through: for the document, the page and the files."""


class _Pipe(io.RawIOBase):
    """Takes what the zip writes and gives it away."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._waiting += data
        return len(data)

    def taken(self) -> Iterator[bytes]:
        """Give what was written since the last time."""
        if self._waiting:
            piece, self._waiting = bytes(self._waiting), bytearray()
            yield piece


def pieces(content: Content) -> Iterator[bytes]:
    """Give the zip: the document, its schema, the page and the stored files."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for name, parts in _members(content):
            yield from _member(archive, pipe, name, parts)
    yield from pipe.taken()


def _members(content: Content) -> Iterator[tuple[str, Iterable[bytes]]]:
    schema = package("suite.exports").joinpath("export.schema.json").read_bytes()
    yield "index.html", readable.pieces(content)
    yield "export.json", document.pieces(content)
    yield "export.schema.json", [schema]
    deadlines = Deadlines(content.person_id, content.language)
    for section in content.sections():
        if any(column.info["kind"].name == "file_key" for column in section.table.columns):
            for entry in content.entries(section, deadlines):
                for column, key in entry.files.items():
                    yield document.file_name(section, entry, column), _stored(content, key)


def _stored(content: Content, key: str) -> Iterator[bytes]:
    """Give a stored file; nothing of one that was deleted meanwhile."""
    pieces = system.current().files.open(key)
    with ThreadPoolExecutor(1) as reader:  # a file store cannot read in the thread in which it writes
        try:
            while piece := reader.submit(next, pieces, b"").result():
                yield piece
                content.step(0)
        except FileNotFoundError:
            return


def _member(archive: zipfile.ZipFile, pipe: _Pipe, name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    about = zipfile.ZipInfo(name, clock.now().timetuple()[:6])
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    with archive.open(about, "w", force_zip64=True) as member:
        for part in parts:
            member.write(part)
            yield from pipe.taken()
