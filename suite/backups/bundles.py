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
    """A row to bundle: whose it is, its name where it has a key of its own, and its content as the database gave it."""

    person: UUID
    apart: str
    content: bytes


def write_rows(out: IO[bytes], table: str, rows: Iterable[Row], keys: KeyStore) -> int:
    """Write the rows of one table, those of one key together; return how many."""
    count = 0
    groups = _groups(rows)
    while some := list(islice(groups, _GROUPS)):
        owners = [shredding.of_person(person) for person, _, _ in some]
        names = [shredding.of_row(apart) if apart else of for of, (_, apart, _) in zip(owners, some, strict=True)]
        made = keys.get_or_make_all({*owners, *names})
        for (_, _, lines), owner, name in zip(some, owners, names, strict=True):
            head = {"table": table, "owner": owner, "key": name}
            _write(out, head, _both(made[owner], made[name]), b"\n".join(lines))
            count += len(lines)
    return count


def _groups(rows: Iterable[Row]) -> Iterator[tuple[UUID, str, list[bytes]]]:
    for (person, apart), same in groupby(rows, key=lambda row: (row.person, row.apart)):
        while lines := [row.content for row in islice(same, _ROWS)]:
            yield person, apart, lines


def write_file(out: IO[bytes], person: UUID, file: str, pieces: Iterable[bytes], keys: KeyStore) -> None:
    """Write a file of a person, under a key that is its own."""
    owner, name = shredding.of_person(person), shredding.of_file(file)
    made, head = keys.get_or_make_all({owner, name}), {"owner": owner, "key": name}
    for number, piece in enumerate(_even(pieces)):
        _write(out, head | {"piece": number}, _both(made[owner], made[name]), piece)


def _both(owner: bytes, own: bytes) -> bytes:
    """Give a key that is gone as soon as one of the two is: nothing outlives its person."""
    return own if own == owner else hashlib.sha256(b"both" + owner + own).digest()


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
        self._owner: tuple[str, bytes | None] = "", None
        self.closed = 0

    def open(self, source: IO[bytes] | BinaryIO) -> Iterator[Opened]:
        """Give the records whose own key and whose person's key are there."""
        while lengths := source.read(8):
            head_size, size = struct.unpack(">II", lengths)
            described, sealed = source.read(head_size), source.read(size)
            head = orjson.loads(described)
            key = self._key(head["owner"], head["key"])
            if key is None or _fingerprint(key) != head["made"]:
                self.closed += 1
                continue
            yield Opened(head, _opened(key, sealed, described))

    def _key(self, owner: str, name: str) -> bytes | None:
        if self._owner[0] != owner:
            self._owner = owner, self._keys.get(owner)
        above = self._owner[1]
        own = self._keys.get(name) if above is not None and name != owner else above
        return None if above is None or own is None else _both(above, own)


def _opened(key: bytes, sealed: bytes, described: bytes) -> bytes:
    try:
        return zlib.decompress(AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], described))
    except (InvalidTag, zlib.error) as problem:
        raise BrokenBackup("A bundle in the archive is damaged: use another backup.") from problem
