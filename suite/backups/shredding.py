"""Keys whose destruction makes data unreadable in every backup; they stand in no backup themselves.

A key belongs to a person, to a row of a service that must not come back, or to one stored file. Its name is a hash of
random numbers, so that it names nobody; whoever has only the key store knows neither people nor data.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, select

from suite.backups import plan
from suite.backups.errors import BackupProblem
from suite.backups.models import KEYS, BackupMark
from suite.kernel import db, system
from suite.kernel.ids import new_id
from suite.kernel.log import log
from suite.kernel.shelf import Shelf
from suite.privacy import declared

_OWNER = "owner"
_AT_ONCE = 16
_SIZE = 32
_BATCH = 1000


def of_person(person: UUID) -> str:
    """Name the key of a person."""
    return _name("person", person.hex)


def of_row(name: str) -> str:
    """Name the key of a row that may go before its person."""
    return _name("row", name)


def of_file(file: str) -> str:
    """Name the key of a stored file."""
    return _name("file", file)


def _name(*parts: str) -> str:
    digest = hashlib.sha256("/".join(("suite", *parts)).encode()).hexdigest()
    return f"{digest[:2]}/{digest[2:]}"


class KeyStore:
    """The place of the keys."""

    def __init__(self) -> None:
        self._made = set[str]()

    @cached_property
    def shelf(self) -> Shelf:
        """The place the settings name."""
        chosen = system.current().settings
        return Shelf(chosen, chosen.shredding_url)

    def get(self, name: str) -> bytes | None:
        """Give a key, None when it was destroyed, or lost its content with the power."""
        found = self.shelf.read(name)
        return found if found is not None and len(found) == _SIZE else None

    def get_or_make(self, name: str) -> bytes:
        """Give a key; of two who make it at once, both get the same. `settle` makes it last."""
        found = self.get(name)
        if found is None:
            if not self.shelf.put_new(name, secrets.token_bytes(_SIZE)) and self.get(name) is None:
                self.shelf.delete([name])
                self.shelf.put_new(name, secrets.token_bytes(_SIZE))
            self._made.add(name)
            found = self.get(name)
        if found is None:
            raise BackupProblem("SUITE_SHREDDING_URL does not keep what is written to it: look at its rights.")
        return found

    def settle(self) -> None:
        """Wait until the keys that were made are on the disk; no backup may be listed before."""
        folders = [list(names) for _, names in groupby(sorted(self._made), key=lambda name: name.partition("/")[0])]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(self.shelf.settle, folders))
        self._made.clear()

    def get_or_make_all(self, names: Collection[str]) -> dict[str, bytes]:
        """Give many keys at once, by name."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return dict(zip(names, pool.map(self.get_or_make, names), strict=True))

    def owner(self) -> str:
        """Give the number of the database the keys belong to, empty when there is none yet."""
        return (self.shelf.read(_OWNER) or b"").decode()

    def names(self) -> set[str]:
        """Give the names of all keys."""
        return {entry.name for entry in self.shelf.entries() if entry.name != _OWNER}

    def contents(self) -> Iterator[bytes]:
        """Give everything that is kept, for whoever searches for remains of people."""
        for entry in self.shelf.entries():
            yield entry.name.encode() + (self.shelf.read(entry.name) or b"")


def claim() -> None:
    """Bind the key store to this database; keys of another one are never taken for those of people who are gone."""
    store = KeyStore()
    if not store.owner():
        mark = system.current().database.insert(BackupMark).values(name=KEYS, facts={"id": str(new_id())})
        with db.transaction() as session:
            session.execute(mark.on_conflict_do_nothing())
    if number := _number():
        store.shelf.put_new(_OWNER, number.encode())
        store.shelf.settle([_OWNER])
    if number != store.owner():
        raise BackupProblem(
            "The keys in SUITE_SHREDDING_URL belong to another database: restore a backup of that database with "
            "`suite backup restore`, or name an empty place for the keys of this one."
        )


def _number() -> str:
    with db.reading() as connection:
        facts = connection.scalar(select(BackupMark.facts).where(BackupMark.name == KEYS))
    return str(facts["id"]) if facts else ""


def destroy(person: UUID) -> None:
    """Destroy the key of a person who is erased: no backup can bring the person back from now on.

    What was under keys of rows and files needs this one too; those go with the job that follows.
    """
    KeyStore().shelf.destroy([of_person(person)])


def destroy_orphans() -> int:
    """Destroy the keys of people, rows and files that are no more; return how many."""
    store, number = KeyStore(), _number()
    if not number or store.owner() != number:
        return 0
    orphans = store.names()
    with db.reading() as connection:
        for name in _living(connection) if orphans else ():
            orphans.discard(name)
    store.shelf.destroy(orphans)
    if orphans:
        log.info("backup_keys_destroyed", keys=len(orphans))
    return len(orphans)


def _living(connection: Connection) -> Iterator[str]:
    people = declared().metadata.tables["people"]
    for (person,) in connection.execute(select(people.c.id)).yield_per(_BATCH):
        yield of_person(person)
    for held in plan.held_tables():
        for (name,) in connection.execute(held.set_apart()).yield_per(_BATCH):
            yield of_row(name)
    for column, _ in plan.file_columns():
        for (key,) in connection.execute(select(column).where(column.is_not(None))).yield_per(_BATCH):
            yield of_file(key)
