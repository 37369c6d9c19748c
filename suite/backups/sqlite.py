"""Backups of SQLite: a copy by the online backup interface, from which the bundled rows are deleted."""

import base64
import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import UUID

import orjson
from sqlalchemy import Delete, Select, delete, func, not_

from suite.backups import plan
from suite.backups.bundles import Row
from suite.backups.errors import BackupProblem, BrokenBackup
from suite.kernel import system

_PART = "database.sqlite"


class Snapshot:
    """The database at one instant."""

    kind = "sqlite"

    def __init__(self, room: Path, copy: sqlite3.Connection) -> None:
        self._room, self._copy = room, copy

    def facts(self) -> dict[str, Any]:
        """Give what a restore has to know about this database."""
        return {}

    def all(self, statement: Select[Any]) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a question."""
        yield from self._copy.execute(_written(statement))

    def bundled(self, held: plan.Held) -> Iterator[Row]:
        """Give the rows of a table that need a key."""
        for person, apart, *content in self.all(held.bundled()):
            yield Row(UUID(person), apart, orjson.dumps(content, default=_blob))

    def parts(self) -> Iterator[tuple[str, BinaryIO]]:
        """Give the database without the bundled rows; written anew, so that their bytes are gone with them."""
        with _without_triggers(self._copy):
            for held in reversed(plan.held_tables()):
                gone = delete(held.table).where(not_(func.coalesce(held.in_the_open, False)))
                self._copy.execute(_written(gone))
        self._copy.commit()
        rest = self._room / "rest.db"
        self._copy.execute("VACUUM INTO ?", (str(rest),))
        with rest.open("rb") as content:
            yield _PART, content
        rest.unlink()


@contextmanager
def _without_triggers(connection: sqlite3.Connection) -> Iterator[None]:
    """Let rows go that a trigger protects: what is done here is no change of what happened."""
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in found:
        connection.execute(f"DROP TRIGGER {name}")
    yield
    for _, made in found:
        connection.execute(made)


def _written(statement: Select[Any] | Delete) -> str:
    dialect = system.current().database.engine.dialect
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _blob(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"b": base64.b64encode(value).decode()}
    raise TypeError(value)


@contextmanager
def snapshot(room: Path) -> Iterator[Snapshot]:
    """Copy the database as it is at one instant."""
    with closing(sqlite3.connect(room / "copy.db")) as copy:
        with closing(sqlite3.connect(_file(), timeout=30)) as source:
            source.backup(copy)
        copy.execute("PRAGMA journal_mode=OFF")
        copy.execute("CREATE TEMP TABLE open_people (person PRIMARY KEY)")
        copy.execute(f"INSERT INTO open_people {_written(plan.open_people())}")
        copy.commit()
        yield Snapshot(room, copy)


def _file() -> Path:
    return Path(system.current().database.url.database or "")


def holds_people() -> bool:
    """Say whether a restore would overwrite anybody; a file that cannot be read holds nobody."""
    if not _file().exists():
        return False
    with closing(sqlite3.connect(_file())) as present, contextlib.suppress(sqlite3.DatabaseError):
        return present.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None
    return False


def clear() -> None:
    """Leave nothing: a trial is a file in a room that is cleared."""


@contextmanager
def scratch(room: Path) -> Iterator[str]:
    """Give the address of a database that goes with the room."""
    yield f"sqlite:///{room / 'trial.db'}"


class Load:
    """A database being made from a backup; the present one is replaced at the end, in one step."""

    def __init__(self, room: Path, manifest: dict[str, Any]) -> None:
        self._path, self._manifest = room / "staged.db", manifest
        self._staged: sqlite3.Connection | None = None

    def part(self, name: str, content: IO[bytes]) -> None:
        """Take a part of the archive."""
        if name != _PART:
            raise BrokenBackup(f"The archive holds a part {name!r} that this release does not know.")
        with self._path.open("wb") as file:
            while piece := content.read(1 << 20):
                file.write(piece)

    @property
    def staged(self) -> sqlite3.Connection:
        """The database that is being made."""
        if self._staged is None:
            self._staged = sqlite3.connect(self._path)
            self._staged.execute("PRAGMA journal_mode=OFF")
            self._staged.execute("PRAGMA synchronous=OFF")
        return self._staged

    def rows(self, table: str, lines: Iterable[bytes]) -> None:
        """Take rows that were under a key."""
        columns = self._manifest["columns"][table]
        wanted = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of the declared tables
        self.staged.executemany(wanted, ([_value(value) for value in orjson.loads(line)] for line in lines))

    def clean(self, statements: Sequence[str]) -> None:
        """Run statements that take out what leads nowhere, as long as rows change."""
        with _without_triggers(self.staged):
            while sum(self.staged.execute(statement).rowcount for statement in statements):
                continue

    def mark(self, name: str, facts: dict[str, Any]) -> None:
        """Write a mark into the database."""
        self.staged.execute("INSERT INTO backup_marks VALUES (?, ?)", (name, orjson.dumps(facts).decode()))

    def take_place(self) -> None:
        """Replace the present database in one transaction of SQLite's own, or not at all."""
        self.staged.commit()
        if self.staged.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BrokenBackup("The database in the archive is damaged: use another backup.")
        _remove_unreadable()
        with closing(sqlite3.connect(_file(), timeout=5)) as present:
            try:
                # Only the last connection may leave the write-ahead log: a server that runs would notice nothing.
                present.execute("PRAGMA journal_mode=DELETE")
            except sqlite3.OperationalError as problem:
                raise BackupProblem(IN_USE) from problem
            self.staged.backup(present)
            present.execute("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        """Let go of the database that was being made."""
        if self._staged is not None:
            self._staged.close()
            self._staged = None


IN_USE = "The database is in use: end `suite serve` and `suite worker` everywhere, then run this again."


def _remove_unreadable() -> None:
    """Make room where the present file is no database any more."""
    with closing(sqlite3.connect(_file())) as present:
        try:
            present.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.DatabaseError as problem:
            if isinstance(problem, sqlite3.OperationalError):
                raise BackupProblem(IN_USE) from problem
        else:
            return
    for ending in ("", "-wal", "-shm", "-journal"):
        _file().with_name(_file().name + ending).unlink(missing_ok=True)
    _file().touch(mode=0o600)


def _value(value: Any) -> Any:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value
