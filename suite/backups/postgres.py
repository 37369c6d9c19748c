"""Backups of PostgreSQL: pg_dump and our own COPY out of one exported snapshot; one psql transaction brings it back."""

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO
from uuid import UUID

import orjson
import psycopg
from psycopg import pq, sql
from sqlalchemy import Select, select

from suite.backups import plan
from suite.backups.bundles import Row
from suite.backups.errors import BackupProblem, BrokenBackup
from suite.backups.work import nameless
from suite.kernel import system

_PART, _ROWS = "database.pgdump", "rows/"
_PIECE = 1 << 20
_PATIENCE = 5
_TRIAL = "suite_trial_"
_LEFT = (
    "SELECT datname FROM pg_database d WHERE datname LIKE %s "
    "AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)"
)
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


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
            person, service, content = line.split(b"\t", 2)
            yield Row(UUID(person.decode()), service.decode(), content)

    def parts(self) -> Iterator[tuple[str, BinaryIO]]:
        """Give the dump without tables about people, then the open rows of each of those."""
        with nameless(self._room) as content:
            self._dump(content)
            yield _PART, content
        for held in self._held:
            with nameless(self._room) as content:
                for line in self._copied(select(*held.table.columns).where(held.in_the_open)):
                    content.write(line + b"\n")
                yield _ROWS + held.table.name, content

    def _dump(self, content: BinaryIO) -> None:
        (exported,) = self._connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        left_out = [f'--exclude-table-data=*."{held.table.name}"' for held in self._held]
        options = ("--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={exported}")
        _run("pg_dump", *options, *left_out, stdout=content)

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
    _check_programs()
    with psycopg.connect(_url()) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("CREATE TEMP TABLE open_people (person uuid PRIMARY KEY) ON COMMIT DROP")
        connection.execute(f"INSERT INTO open_people {_written(plan.open_people())}")
        yield Snapshot(room, connection)
        connection.rollback()


def _url() -> str:
    return system.current().database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def missing_programs() -> list[str]:
    """Give the programs of PostgreSQL that backups need and that are not on the PATH."""
    return [name for name in ("pg_dump", "pg_restore", "psql") if shutil.which(name) is None]


def program_version() -> int:
    """Give the main version of pg_dump."""
    said = subprocess.run(("pg_dump", "--version"), capture_output=True, text=True, check=True).stdout  # noqa: S607
    return int(said.split()[2].partition(".")[0])


def _check_programs() -> None:
    if missing := missing_programs():
        raise BackupProblem(
            f"{' and '.join(missing)} cannot be found: install the PostgreSQL client, for example `apt install "
            "postgresql-client`, of the server's version or newer."
        )
    with psycopg.connect(_url()) as connection:
        server = connection.info.server_version // 10000
    if program_version() < server:
        raise BackupProblem(
            f"pg_dump has version {program_version()}, the server {server}: install postgresql-client-{server} or newer"
            "."
        )


def _environment() -> dict[str, str]:
    """Give the connection as variables: an argument would show its password to everybody on the machine."""
    chosen = {
        one.envvar.decode(): one.val.decode() for one in pq.Conninfo.parse(_url().encode()) if one.envvar and one.val
    }
    return os.environ | chosen


def _run(program: str, *options: str, stdin: Any = None, stdout: Any = None) -> None:
    """Run a program of PostgreSQL; what it says in an error may quote rows, so only its first words are told."""
    done = subprocess.run(  # noqa: S603
        (program, *options), env=_environment(), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").partition("\n")[0][:200] if program == "pg_dump" else ""
        raise BackupProblem(f"{program} ended with code {done.returncode}. {said}".strip())


def holds_people() -> bool:
    """Say whether a restore would overwrite anybody."""
    with psycopg.connect(_url()) as connection:
        try:
            return connection.execute("SELECT 1 FROM people LIMIT 1").fetchone() is not None
        except psycopg.errors.UndefinedTable:
            return False


@contextmanager
def scratch(_room: Path) -> Iterator[str]:
    """Make a database on the same server and drop it again, and those that killed trials left."""
    present, name = system.current().database.url, f"{_TRIAL}{secrets.token_hex(6)}"
    with psycopg.connect(_url(), autocommit=True) as connection:
        for (left,) in connection.execute(_LEFT, (f"{_TRIAL}%",)).fetchall():
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(left)))
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


class Load:
    """A database being made from a backup: one transaction replaces the present one, or nothing happens."""

    def __init__(self, room: Path, manifest: dict[str, Any]) -> None:
        _check_programs()
        self._manifest, self._open_table = manifest, ""
        with psycopg.connect(_url()) as connection:
            self._check_alone(connection)
            self._schema = str((connection.execute("SELECT current_schema()").fetchone() or ("public",))[0])
        self._dump, self._said = nameless(room), nameless(room)
        self._psql = subprocess.Popen(
            ("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"),  # noqa: S607
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
        )

    @staticmethod
    def _check_alone(connection: "psycopg.Connection[Any]") -> None:
        """Refuse while others are connected; those that are just ending get some time for it."""
        connection.autocommit = True
        for _ in range(_PATIENCE):
            others = connection.execute(_OTHERS).fetchone()
            if not others or not others[0]:
                return
            time.sleep(1)
        raise BackupProblem(
            "Other connections use the database: end `suite serve` and `suite worker` everywhere, then run this again."
        )

    def _tell(self, text: bytes) -> None:
        assert self._psql.stdin is not None
        try:
            self._psql.stdin.write(text)
        except BrokenPipeError as problem:
            raise self._failure() from problem

    def _failure(self) -> BackupProblem:
        """Say what PostgreSQL said, without the values it may quote."""
        self._psql.wait()
        self._said.seek(0)
        codes = [line.rsplit(b"ERROR:", 1)[1].strip()[:5].decode() for line in self._said if b"ERROR:" in line]
        return BackupProblem(
            f"PostgreSQL refused the restore ({', '.join(codes) or 'no reason given'}); nothing was changed. Look the "
            "code up in the appendix 'PostgreSQL Error Codes'."
        )

    def part(self, name: str, content: IO[bytes]) -> None:
        """Take a part of the archive."""
        if name == _PART:
            shutil.copyfileobj(content, self._dump, _PIECE)
            # Whoever kills this process ends the input: without COMMIT everything is undone.
            self._tell(b"\\set VERBOSITY sqlstate\nBEGIN;\nSET lock_timeout = '10s';\n" + self._drops())
            self._section("pre-data")
            self._section("data")
        elif name.startswith(_ROWS):
            self._copy_into(name.removeprefix(_ROWS))
            while piece := content.read(_PIECE):
                self._tell(piece)
        else:
            raise BrokenBackup(f"The archive holds a part {name!r} that this release does not know.")

    def _drops(self) -> bytes:
        """Write what removes every present table."""
        with psycopg.connect(_url()) as connection:
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()").fetchall()
        return "".join(f"DROP TABLE {self._named(name)} CASCADE;\n" for (name,) in found).encode()

    def _named(self, table: str) -> str:
        return f'"{self._schema}"."{table}"'

    def _section(self, section: str) -> None:
        """Let pg_restore write a section into the one session of psql."""
        assert self._psql.stdin is not None
        self._psql.stdin.flush()
        self._dump.seek(0)
        os.lseek(self._dump.fileno(), 0, os.SEEK_SET)
        options = (f"--section={section}", "--no-owner", "--no-privileges", "--file=-")
        try:
            _run("pg_restore", *options, stdin=self._dump, stdout=self._psql.stdin)
        except BackupProblem:
            if self._psql.poll() is not None:
                raise self._failure() from None
            raise

    def _copy_into(self, table: str) -> None:
        """Begin to send rows of a table, unless that is going on."""
        if self._open_table == table:
            return
        self._end_copy()
        columns = ", ".join(f'"{name}"' for name in self._manifest["columns"][table])
        self._tell(f"COPY {self._named(table)} ({columns}) FROM stdin;\n".encode())
        self._open_table = table

    def _end_copy(self) -> None:
        if self._open_table:
            self._tell(b"\\.\n")
            self._open_table = ""

    def rows(self, table: str, lines: Iterable[bytes]) -> None:
        """Take rows that were under a key."""
        self._copy_into(table)
        for line in lines:
            self._tell(line + b"\n")

    def clean(self, statements: Iterable[str]) -> None:
        """Run statements that take out what leads nowhere, as long as rows change."""
        self._end_copy()
        body = "\n".join(f"{one}; GET DIAGNOSTICS n = ROW_COUNT; changed := changed + n;" for one in statements)
        self._tell(f'SET search_path = "{self._schema}";\n'.encode())
        self._tell(b"DO $clean$ DECLARE n bigint; changed bigint; BEGIN LOOP changed := 0;\n")
        self._tell(f"{body}\nEXIT WHEN changed = 0; END LOOP; END $clean$;\n".encode())

    def mark(self, name: str, facts: dict[str, Any]) -> None:
        """Write a mark into the database."""
        said = orjson.dumps(facts).replace(b"\\", b"\\\\")
        self._tell(b"COPY backup_marks (name, facts) FROM stdin;\n" + name.encode() + b"\t" + said + b"\n\\.\n")

    def take_place(self) -> None:
        """Make constraints and indexes, and commit everything at once."""
        self._section("post-data")
        self._tell(b"COMMIT;\n")
        assert self._psql.stdin is not None
        self._psql.stdin.close()
        if self._psql.wait():
            raise self._failure()

    def close(self) -> None:
        """End the session; what was not committed is undone."""
        if self._psql.poll() is None:
            self._psql.kill()
            self._psql.wait()
        if self._psql.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._psql.stdin.close()
        self._dump.close()
        self._said.close()
