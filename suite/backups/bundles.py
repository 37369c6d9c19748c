"""What is in a backup only under a key of its own: rows of people, and their files."""

import hashlib
import secrets
import struct
import zlib
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import IO, Any, BinaryIO, NamedTuple
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from suite.backups import shredding
from suite.backups.errors import BrokenBackup
from suite.backups.shredding import KeyStore

_ROWS = 500
_GROUPS = 256
_PIECE = 1 << 20
_NONCE = 12


class Row(NamedTuple):
    """A row to bundle: whose it is, the service it ends with or nothing, and its content as the database gave it."""

    person: UUID
    service: str
    content: bytes


def write_rows(out: IO[bytes], table: str, rows: Iterable[Row], keys: KeyStore) -> int:
    """Write the rows of one table, those of one key together; return how many."""
    count = 0
    groups = _groups(rows)
    while some := list(islice(groups, _GROUPS)):
        names = [_key_name(person, service) for person, service, _ in some]
        for (person, _, lines), name, key in zip(some, names, keys.get_or_make_all(names), strict=True):
            head = {"table": table, "owner": shredding.of_person(person), "key": name}
            _write(out, head, key, b"\n".join(lines))
            count += len(lines)
    return count


def _groups(rows: Iterable[Row]) -> Iterator[tuple[UUID, str, list[bytes]]]:
    for (person, service), same in groupby(rows, key=lambda row: (row.person, row.service)):
        while lines := [row.content for row in islice(same, _ROWS)]:
            yield person, service, lines


def _key_name(person: UUID, service: str) -> str:
    return shredding.of_membership(person, service) if service else shredding.of_person(person)


def write_file(out: IO[bytes], person: UUID, file: str, pieces: Iterable[bytes], keys: KeyStore) -> None:
    """Write a file of a person, under a key that is its own."""
    name = shredding.of_file(file)
    head, key = {"owner": shredding.of_person(person), "key": name}, keys.get_or_make(name)
    for number, piece in enumerate(_even(pieces)):
        _write(out, head | {"piece": number}, key, piece)


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece[start : start + _PIECE] for start in range(0, len(piece), _PIECE))


def _write(out: IO[bytes], head: dict[str, Any], key: bytes, content: bytes) -> None:
    described = orjson.dumps(head | {"made": _fingerprint(key)})
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, zlib.compress(content, 1), described)
    out.write(struct.pack(">II", len(described), len(sealed)) + described + sealed)


def _fingerprint(key: bytes) -> str:
    """Tell a key from one made anew under the same name; of no use to guess 256 random bits."""
    return hashlib.sha256(b"fingerprint" + key).hexdigest()[:16]


class Opened(NamedTuple):
    """A record whose keys are still there."""

    head: dict[str, Any]
    content: bytes


class Opener:
    """Opens records with the keys that are left, and counts those that stay closed."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._owner = ("", False)
        self.closed = 0

    def open(self, source: IO[bytes] | BinaryIO) -> Iterator[Opened]:
        """Give the records whose own key and whose person's key are there."""
        while lengths := source.read(8):
            head_size, size = struct.unpack(">II", lengths)
            described, sealed = source.read(head_size), source.read(size)
            head = orjson.loads(described)
            key = self._keys.get(head["key"]) if self._lives(head["owner"]) else None
            if key is None or _fingerprint(key) != head["made"]:
                self.closed += 1
                continue
            yield Opened(head, _opened(key, sealed, described))

    def _lives(self, owner: str) -> bool:
        """A membership or a file does not outlive its person, whichever key was destroyed first."""
        if self._owner[0] != owner:
            self._owner = owner, self._keys.get(owner) is not None
        return self._owner[1]


def _opened(key: bytes, sealed: bytes, described: bytes) -> bytes:
    try:
        return zlib.decompress(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], described))
    except (InvalidTag, zlib.error) as problem:
        raise BrokenBackup("A bundle in the archive is damaged: use another backup.") from problem
