"""The programs of PostgreSQL: whether they are there, and running them without showing a password or a row."""

import os
import shutil
import subprocess
from typing import Any

import psycopg
from psycopg import pq

from suite.backups.errors import BackupProblem
from suite.kernel import system


def url() -> str:
    """Give the address of the database as the programs take it."""
    return system.current().database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def missing_programs() -> list[str]:
    """Give the programs of PostgreSQL that backups need and that are not on the PATH."""
    return [name for name in ("pg_dump", "pg_restore", "psql") if shutil.which(name) is None]


def program_version() -> int:
    """Give the main version of pg_dump."""
    said = subprocess.run(("pg_dump", "--version"), capture_output=True, text=True, check=True).stdout  # noqa: S607
    return int(said.split()[2].partition(".")[0])


def check_programs() -> None:
    """Refuse when programs are missing or older than the server."""
    if missing := missing_programs():
        raise BackupProblem(
            f"{' and '.join(missing)} cannot be found: install the PostgreSQL client, for example `apt install "
            "postgresql-client`, of the server's version or newer."
        )
    with psycopg.connect(url()) as connection:
        server = connection.info.server_version // 10000
    if program_version() < server:
        raise BackupProblem(
            f"pg_dump has version {program_version()}, the server {server}: install postgresql-client-{server} or newer"
            "."
        )


def environment() -> dict[str, str]:
    """Give the connection as variables: an argument would show its password to everybody on the machine."""
    chosen = {
        one.envvar.decode(): one.val.decode() for one in pq.Conninfo.parse(url().encode()) if one.envvar and one.val
    }
    return os.environ | chosen


def run(program: str, *options: str, stdin: Any = None, stdout: Any = None) -> None:
    """Run a program of PostgreSQL; what it says in an error may quote rows, so only its first words are told."""
    done = subprocess.run(  # noqa: S603
        (program, *options), env=environment(), stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").partition("\n")[0][:200] if program == "pg_dump" else ""
        raise BackupProblem(f"{program} ended with code {done.returncode}. {said}".strip())
