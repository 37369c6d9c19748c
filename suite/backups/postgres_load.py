"""Bringing a PostgreSQL database back: one psql transaction replaces the present one, or nothing happens."""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import orjson
import psycopg

from suite.backups.errors import BackupProblem, BrokenBackup
from suite.backups.postgres_programs import check_programs, environment, run, url
from suite.backups.work import nameless

DUMP, ROWS = "database.pgdump", "rows/"
_PIECE = 1 << 20
_PATIENCE = 5
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'"
)
"""What others are doing is told to a superuser only: to everybody else their type is nothing."""
_DROPS = """
SELECT 'TABLE ' || c.oid::regclass FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
  AND c.relkind IN ('r', 'p') AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'ROUTINE ' || p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'TYPE ' || t.oid::regtype FROM pg_type t WHERE t.typnamespace = current_schema()::regnamespace
  AND t.typtype = 'e' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND d.deptype = 'e')
"""


class Load:
    """A database being made from a backup: one transaction replaces the present one, or nothing happens."""

    def __init__(self, room: Path, manifest: dict[str, Any]) -> None:
        check_programs()
        self._manifest, self._open_table = manifest, ""
        with psycopg.connect(url()) as connection:
            self._check_alone(connection)
            self._schema = str((connection.execute("SELECT current_schema()").fetchone() or ("public",))[0])
        self._dump, self._said = nameless(room), nameless(room)
        self._psql = subprocess.Popen(
            ("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"),  # noqa: S607
            env=environment(),
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
        if name == DUMP:
            shutil.copyfileobj(content, self._dump, _PIECE)
            # Whoever kills this process ends the input: without COMMIT everything is undone.
            self._tell(b"\\set VERBOSITY sqlstate\nBEGIN;\nSET lock_timeout = '10s';\n" + self._drops())
            self._section("pre-data")
            self._section("data")
        elif name.startswith(ROWS):
            self._copy_into(name.removeprefix(ROWS))
            while piece := content.read(_PIECE):
                self._tell(piece)
        else:
            raise BrokenBackup(f"The archive holds a part {name!r} that this release does not know.")

    def _drops(self) -> bytes:
        """Write what removes every present table, type and function; those of extensions stay."""
        with psycopg.connect(url()) as connection:
            found = connection.execute(_DROPS).fetchall()
        return "".join(f"DROP {what} CASCADE;\n" for (what,) in found).encode()

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
            run("pg_restore", *options, stdin=self._dump, stdout=self._psql.stdin)
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
