"""Backups of PostgreSQL: pg_dump and our own COPY out of one exported snapshot; one psql transaction brings it back."""

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Select, select

from suite.backups import plan
from suite.backups.bundles import Row
from suite.backups.errors import BackupProblem
from suite.backups.postgres_load import DUMP, ROWS, Load
from suite.backups.postgres_programs import check_programs, run, url
from suite.backups.work import nameless
from suite.kernel import system

_TRIAL = "suite_trial_"
_LEFT = (
    "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_get_userbyid(datdba) = current_user "
    "AND split_part(datname, '_', 3) NOT IN (SELECT pid::text FROM pg_stat_activity)"
)
"""Trials whose session is gone; its number stands in their name."""


__all__ = ["Load", "Snapshot", "clear", "holds_people", "scratch", "snapshot"]


class Snapshot:
    """The database at one instant."""

    kind = "postgresql"

    def __init__(self, room: Path, connection: "psycopg.Connection[Any]") -> None:
        self._room, self._connection = room, connection
        self._held = plan.held_tables()

    def facts(self) -> dict[str, Any]:
        """Give what a restore has to know about this database."""
        return {"server": self._connection.info.server_version}

    def all(self, statement: Select[Any]) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a question, as they come."""
        with self._connection.cursor(name="backup") as cursor:
            cursor.itersize = 2000
            yield from cursor.execute(_written(statement))

    def bundled(self, held: plan.Held) -> Iterator[Row]:
        """Give the rows of a table that need a key."""
        for line in self._copied(held.bundled()):
            person, apart, content = line.split(b"\t", 2)
            yield Row(UUID(person.decode()), apart.decode(), content)

    def parts(self) -> Iterator[tuple[str, BinaryIO]]:
        """Give the dump without tables about people, then the open rows of each of those."""
        with nameless(self._room) as content:
            self._dump(content)
            yield DUMP, content
        for held in self._held:
            with nameless(self._room) as content:
                for line in self._copied(select(*held.table.columns).where(held.in_the_open)):
                    content.write(line + b"\n")
                yield ROWS + held.table.name, content

    def _dump(self, content: BinaryIO) -> None:
        (exported,) = self._connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        left_out = [f'--exclude-table-data=*."{held.table.name}"' for held in self._held]
        options = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={exported}")
        run("pg_dump", *options, *left_out, stdout=content)

    def _copied(self, statement: Select[Any]) -> Iterator[bytes]:
        """Give rows as lines in the text form of COPY, in which a line break is never part of a value."""
        rest = b""
        with self._connection.cursor() as cursor, cursor.copy(f"COPY ({_written(statement)}) TO STDOUT") as copy:
            for piece in copy:
                *lines, rest = (rest + bytes(piece)).split(b"\n")
                yield from lines


def _written(statement: Select[Any]) -> str:
    dialect = system.current().database.engine.dialect
    return str(statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


@contextmanager
def snapshot(room: Path) -> Iterator[Snapshot]:
    """Hold the database as it is at one instant."""
    check_programs()
    with psycopg.connect(url()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("CREATE TEMP TABLE open_people (person uuid PRIMARY KEY) ON COMMIT DROP")
        connection.execute(f"INSERT INTO open_people {_written(plan.open_people())}")
        yield Snapshot(room, connection)
        connection.rollback()


def holds_people() -> bool:
    """Say whether a restore would overwrite anybody."""
    with psycopg.connect(url()) as connection:
        try:
            return connection.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None
        except psycopg.errors.UndefinedTable:
            return False


@contextmanager
def scratch(_room: Path) -> Iterator[str]:
    """Make a database on the same server and drop it again."""
    present = system.current().database.url
    with psycopg.connect(url(), autocommit=True) as connection:
        name = f"{_TRIAL}{connection.info.backend_pid}_{secrets.token_hex(6)}"
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as problem:
            raise BackupProblem(
                "The database role may not make databases: give it CREATEDB for the trial, or verify without --trial."
            ) from problem
        try:
            yield present.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def clear() -> None:
    """Drop the databases of trials that were killed."""
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url(), autocommit=True) as connection:
        for (left,) in connection.execute(_LEFT, (_TRIAL,)).fetchall():
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(left)))
