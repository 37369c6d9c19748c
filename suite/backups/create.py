"""Making a backup: everything at one instant, under the backup key; some of it under keys of its own inside."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import func, select

from suite.backups import archive, bundles, databases, keys, listing, plan, shredding
from suite.backups.archive import Writer
from suite.backups.errors import BackupProblem
from suite.backups.listing import Backup
from suite.backups.work import nameless, room
from suite.kernel import audit, clock, db, schema, system
from suite.kernel.db import Base
from suite.privacy import declared

FORMAT = 1
PEOPLE, FILES, SHREDDED = "people", "files/", "shredded/"

Tell = Callable[[str, int, int], None]
"""Hears about progress: of what, how much is done, and of how much (0 where nobody knows)."""


def quiet(_what: str, _done: int, _of: int) -> None:
    """Hear nothing."""


def create(tell: Tell = quiet) -> Backup:
    """Make a backup; it is listed when it is whole."""
    key = keys.identities()[0]
    shredding.claim()
    created_at = clock.now().replace(microsecond=0)
    name = listing.new_name(created_at)
    with _enough_room(), room() as work, nameless(work) as whole:
        tell("copying the database", 0, 0)
        with databases.snapshot(work) as snapshot:
            archive.write(whole, key, lambda writer: _fill(_Making(writer, snapshot, work, tell), name, created_at))
        # Somebody may have been erased since the copy was made; no key is made after this.
        shredding.destroy_orphans()
        size = whole.tell()
        whole.seek(0)
        tell("storing", 0, size)
        listing.place().put(name, whole)
        tell("storing", size, size)
    with db.transaction():
        audit.write("backup.created", backup=name, bytes=size)
    return Backup(name, created_at, size)


@contextmanager
def _enough_room() -> Iterator[None]:
    """Say what to do about a full disk, whoever noticed it."""
    try:
        yield
    except Exception as problem:
        if any(words in str(problem) for words in _FULL):
            raise BackupProblem(
                "There is no room left for the backup, and nothing of it stays: it needs about the size of the "
                "database in SUITE_DATA_FOLDER, and its own at SUITE_BACKUPS_URL. Make room, then run this again."
            ) from problem
        raise


_FULL = "No space left on device", "disk is full", "Disk quota exceeded"


class _Making:
    """What a backup in the making is made of."""

    def __init__(self, writer: Writer, snapshot: databases.Snapshot, work: Path, tell: Tell) -> None:
        self.writer, self.snapshot, self.work, self.tell = writer, snapshot, work, tell
        self.keys = shredding.KeyStore()

    def spooled(self) -> AbstractContextManager[BinaryIO]:
        """Give a temporary file."""
        return nameless(self.work)


def _fill(making: _Making, name: str, created_at: datetime) -> dict[str, Any]:
    counts = {
        str(table.name): _count(making, select(func.count()).select_from(table)) for table, _ in declared().tables()
    }
    # Asked now: SQLite deletes the bundled rows from its copy before that is written.
    shredded = list(_files(making, bundled=True))
    in_the_open = list(_files(making, bundled=False))
    with making.spooled() as people:
        bundled = _bundle(making, people, sum(counts.values()))
        for part, content in making.snapshot.parts():
            making.tell("writing the database", 0, 0)
            making.writer.add(part, content)
        making.writer.add(PEOPLE, people)
    files = _write_files(making, in_the_open, shredded)
    making.keys.settle()
    return {
        "format": FORMAT,
        "name": name,
        "created_at": created_at.isoformat(),
        "database": making.snapshot.kind,
        "revision": schema.present(system.current().database.engine),
        "rows": counts,
        "bundled_rows": bundled,
        "files": files,
        "columns": {
            str(table.name): [str(column.name) for column in table.columns] for table in Base.metadata.sorted_tables
        },
        "references": plan.references(),
    } | making.snapshot.facts()


def _count(making: _Making, question: Any) -> int:
    return int(next(making.snapshot.all(question))[0])


def _bundle(making: _Making, people: BinaryIO, total: int) -> int:
    """Write the rows that need a key."""
    count = 0
    for held in plan.held_tables():
        making.tell("bundling people", count, total)
        count += bundles.write_rows(people, held.table.name, making.snapshot.bundled(held), making.keys)
    making.tell("bundling people", total, total)
    return count


def _files(making: _Making, *, bundled: bool) -> Iterator[tuple[UUID | None, str]]:
    """Give the stored files of the rows in the open, or of the bundled ones with their person."""
    held_by = {held.table.name: held for held in plan.held_tables()}
    for column, person in plan.file_columns():
        if not plan.backed_up(column.table):
            continue
        held = held_by.get(column.table.name)
        if held is None or person is None:
            if not bundled:
                question = select(column).where(column.is_not(None))
                yield from ((None, str(key)) for (key,) in making.snapshot.all(question))
            continue
        rows = held.under_key if bundled else held.in_the_open
        question = select(person, column).where(column.is_not(None), rows)
        yield from ((UUID(str(owner)), str(key)) for owner, key in making.snapshot.all(question))


def _write_files(
    making: _Making, in_the_open: list[tuple[UUID | None, str]], shredded: list[tuple[UUID | None, str]]
) -> int:
    count, total = 0, len(in_the_open) + len(shredded)
    for person, key in (*((None, key) for _, key in in_the_open), *shredded):
        with making.spooled() as content, _still_there() as there:
            pieces = system.current().files.open(key)
            if person is None:
                content.writelines(pieces)
            else:
                bundles.write_file(content, person, key, pieces, making.keys)
            making.writer.add((SHREDDED if person else FILES) + key, content)
            there.append(key)
        count += len(there)
        making.tell("writing files", count, total)
    return count


@contextmanager
def _still_there() -> Iterator[list[str]]:
    """Pass over a file that was deleted since the copy of the database was made."""
    found: list[str] = []
    try:
        yield found
    except FileNotFoundError:
        return
