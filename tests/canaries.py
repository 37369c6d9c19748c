"""Canaries: words that stand for a person's data, and the search for them in the bytes of every store.

A canary is looked for as it is and in every form in which a program may have written it: other encodings, inside
compressed data, and as a plain hash.
"""

import base64
import hashlib
import io
import subprocess
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from suite.kernel import metrics, system
from suite.kernel.secrets import CannotOpen, Keyring
from suite.privacy import stores

Named = tuple[str, bytes]
_MOST = 1 << 24
_WINDOW = 8


def forms(canary: str, *, hashes: bool = True) -> dict[str, bytes]:
    """Give the byte sequences in which a canary may stand somewhere."""
    plain = canary.encode()
    found = {
        "UTF-8": plain,
        "UTF-16 LE": canary.encode("utf-16-le"),
        "UTF-16 BE": canary.encode("utf-16-be"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "percent": "".join(f"%{byte:02X}" for byte in plain).encode(),
        "percent, small": "".join(f"%{byte:02x}" for byte in plain).encode(),
        "percent where needed": _needed(canary, "%"),
        "quoted-printable": "".join(f"={byte:02X}" for byte in plain).encode(),
        "quoted-printable where needed": _needed(canary, "="),
        "JSON escape": "".join(f"\\u{ord(letter):04x}" for letter in canary).encode(),
        "JSON escape where needed": canary.encode("ascii", "backslashreplace"),
    }
    for offset in range(3):
        for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
            found[f"{name}, offset {offset}"] = _inner(encode(b"\0" * offset + plain), offset, len(plain))
    for name in ("md5", "sha1", "sha256") if hashes else ():
        digest = hashlib.new(name, plain, usedforsecurity=False)
        found |= {name: digest.hexdigest().encode(), f"{name}, raw": digest.digest()}
        found |= {f"{name}, base64": base64.b64encode(digest.digest()).rstrip(b"=")}
    return found


def _needed(canary: str, sign: str) -> bytes:
    return "".join(
        letter if letter.isascii() and letter.isalnum() else "".join(f"{sign}{byte:02X}" for byte in letter.encode())
        for letter in canary
    ).encode()


def _inner(encoded: bytes, offset: int, length: int) -> bytes:
    """Give the letters of base64 that the canary alone decides, whatever stands before and after it."""
    first = -(-offset * 8 // 6)
    return encoded[first : (offset + length) * 8 // 6]


class Search:
    """Looks for many canaries at once: bytes are compared by windows of eight, and only what fits is looked at."""

    def __init__(self, canaries: Iterable[str]) -> None:
        self._by_window: dict[int, list[tuple[str, str, bytes]]] = defaultdict(list)
        for canary in dict.fromkeys(canaries):
            for form, sought in forms(canary).items():
                window = memoryview(sought[:_WINDOW]).cast("Q")[0]
                self._by_window[window].append((canary, form, sought))

    def sightings(self, places: Iterable[Named]) -> Iterator[tuple[str, str, str]]:
        """Give canary, form and place of whatever is found."""
        for place, content in places:
            for name, part in unpacked(place, content):
                for canary, form, sought in self._near(part):
                    if sought in part:
                        yield canary, form, name

    def _near(self, part: bytes) -> Iterator[tuple[str, str, bytes]]:
        windows: set[int] = set()
        for offset in range(min(_WINDOW, len(part))):
            length = (len(part) - offset) // _WINDOW * _WINDOW
            windows |= self._by_window.keys() & set(memoryview(part)[offset : offset + length].cast("Q"))
        for window in sorted(windows):
            yield from self._by_window[window]


def found(canaries: Iterable[str], places: Iterable[Named]) -> list[str]:
    """Say where which canary stands, in the first form in which it does."""
    first: dict[tuple[str, str], str] = {}
    for canary, form, name in Search(canaries).sightings(places):
        first.setdefault((canary, name), form)
    return [f"{canary} as {form} in {name}" for (canary, name), form in first.items()]


def unpacked(name: str, content: bytes, depth: int = 3) -> Iterator[Named]:
    """Give bytes, and what stands compressed inside them."""
    yield name, content
    if depth == 0:
        return
    for at in _each(content, b"\x1f\x8b\x08"):
        yield from _inflated(f"{name}, gzip at {at}", content[at:], 31, depth)
    for at in _each(content, b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content[at:])) as archive:
                for entry in archive.infolist():
                    yield from unpacked(f"{name}, zip at {at}, {entry.filename}", archive.read(entry), depth - 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, zlib.error):
            head = content[at : at + 30]
            start = at + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            yield from _inflated(f"{name}, part of a zip at {at}", content[start:], -15, depth)


def _each(content: bytes, magic: bytes) -> Iterator[int]:
    at = content.find(magic)
    while at >= 0:
        yield at
        at = content.find(magic, at + 1)


def _inflated(name: str, content: bytes, bits: int, depth: int) -> Iterator[Named]:
    try:
        yield from unpacked(name, zlib.decompressobj(bits).decompress(content, _MOST), depth - 1)
    except zlib.error:
        return


# --- every store as bytes


@contextmanager
def open_seals() -> Iterator[None]:
    """Let what is sealed stand in the open, so that a row that should be gone is found by its content too."""

    def seal(self: Keyring, plain: str, context: str) -> bytes:
        return self.header(self.primary) + f"{context}\n{plain}".encode()

    def opened(self: Keyring, sealed: bytes, context: str) -> str:
        known, _, plain = sealed.removeprefix(self.header(self.key_id(sealed))).decode().partition("\n")
        if known != context:
            raise CannotOpen(context)
        return plain

    with patch.object(Keyring, "seal", seal), patch.object(Keyring, "open", opened):
        yield


def everywhere(logged: str = "") -> Iterator[Named]:
    """Give the bytes of every store of the running system: database, folder, declared stores, log, metrics, Redis."""
    running = system.current()
    yield from _folder(Path(running.settings.data_folder))
    if not running.database.sqlite:
        yield "pg_dump", _dump(running.database.url)
    for store in stores():
        for name, content in store.bytes():
            yield f"{store.key}: {name}", content
    yield "log", logged.encode()
    yield "metrics", metrics.page()
    if running.settings.redis_url:
        yield from _redis(running.settings.redis_url)


def _folder(folder: Path) -> Iterator[Named]:
    """Give every file under the data folder: the database with its logs, stored files, journal, backups, exports.

    Another process reads the database: closing a file drops the locks this process holds on it, and SQLite's with them.
    """
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(file.relative_to(folder))
        if ".db" in file.name:
            yield name, subprocess.run(["cat", str(file)], capture_output=True, check=False).stdout
        else:
            yield name, file.read_bytes()


def _dump(url: Any) -> bytes:
    """Give everything PostgreSQL would put into a backup."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(["pg_dump", "--dbname", address], capture_output=True, check=True).stdout


def _redis(address: str) -> Iterator[Named]:
    import redis

    with redis.Redis.from_url(address) as client:
        for key in client.scan_iter():
            yield f"redis {key!r}", bytes(key) + (client.dump(key) or b"")
