"""Checks of the database: reachable, migrated, declared, and really durable."""

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from suite.commands.doctor.findings import Finding, fail, ok, warn
from suite.kernel import clock, system
from suite.kernel import schema as migrations
from suite.kernel.log import scrub

_PRAGMAS = {
    "journal_mode": ("wal", "readers and the writer block one another, and a crash can cost more"),
    "synchronous": ("2", "what was acknowledged can be lost when the power fails"),
    "secure_delete": ("1", "erased data stay readable in the file"),
    "foreign_keys": ("1", "rows stay behind when a person is erased"),
}
_MOST_LATENESS = 5.0


def reach() -> Generator[Finding, None, bool]:
    """Check that the database answers; say whether it did."""
    database = system.current().database
    place = database.url.set(query={}).render_as_string(hide_password=True)
    try:
        with database.reading.connect() as connection:
            if database.sqlite:
                version = f"SQLite {connection.scalar(text('SELECT sqlite_version()'))}"
            else:
                version = f"PostgreSQL {connection.scalar(text('SHOW server_version'))}"
    except DBAPIError as problem:
        reason = scrub(str(problem.orig).strip().partition("\n")[0])
        yield fail("database", f"{place} cannot be reached: {reason}. Check SUITE_DATABASE_URL and the server.")
        return False
    yield ok("database", f"{version} answers at {place}.")
    return True


def newest_schema() -> bool:
    """Say whether the database is migrated to what this program needs."""
    return migrations.present(system.current().database.engine) == migrations.newest()


def schema() -> Iterator[Finding]:
    """Check the migrations, and look for tables that nobody declared."""
    from suite.privacy import NotDeclared, check_database, declared

    engine = system.current().database.engine
    try:
        migrations.check(engine)
        yield ok("schema", f"The database has the newest schema, {migrations.newest()}.")
    except migrations.WrongSchema as problem:
        yield fail("schema", str(problem))
    try:
        check_database(declared(), engine)
        yield ok("tables", "No table in the database is undeclared.")
    except NotDeclared as problem:
        for sentence in problem.sentences:
            yield fail("tables", sentence)


def durability() -> Iterator[Finding]:
    """Check that what is acknowledged survives a crash, as the database itself says."""
    database = system.current().database
    yield from pragmas(database.engine) if database.sqlite else server(database.engine)


def pragmas(engine: Engine) -> Iterator[Finding]:
    """Ask SQLite for what is in force on a connection."""
    with engine.connect() as connection:
        found = {name: str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()).lower() for name in _PRAGMAS}
    wrong = {name: value for name, value in found.items() if value != _PRAGMAS[name][0]}
    for name, value in wrong.items():
        yield fail(
            "durability",
            f"PRAGMA {name} is {value}, not {_PRAGMAS[name][0]}: {_PRAGMAS[name][1]}. Put the file on a local disk.",
        )
    if not wrong:
        yield ok("durability", "journal_mode=wal, synchronous=full, secure_delete and foreign_keys are in force.")


def server(engine: Engine) -> Iterator[Finding]:
    """Ask PostgreSQL for its version and for what makes a commit durable."""
    with engine.connect() as connection:

        def shown(name: str) -> str:
            return str(connection.exec_driver_sql(f"SHOW {name}").scalar())

        version = int(shown("server_version_num"))
        unsafe = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if shown(name) == "off"]
        encoding = shown("server_encoding")
        secured = connection.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
    if version < 130000:
        yield fail("durability", f"PostgreSQL {version // 10000} is too old: version 13 or newer is needed.")
    for name in unsafe:
        yield fail("durability", f"{name} is off: acknowledged data can be lost. Set it to on in postgresql.conf.")
    if encoding != "UTF8":
        yield fail("database", f"The database stores {encoding}: make it anew with ENCODING 'UTF8'.")
    if version >= 130000 and not unsafe:
        yield ok("durability", "fsync, synchronous_commit and full_page_writes are on.")
    if not secured and not _local(engine):
        yield warn("database", "The connection is not encrypted: add ?sslmode=verify-full to SUITE_DATABASE_URL.")


def _local(engine: Engine) -> bool:
    host = str(engine.url.query.get("host") or engine.url.host or "/")
    return host.startswith("/") or host in {"localhost", "127.0.0.1", "::1"}


def clock_sane() -> Iterator[Finding]:
    """Check that the clock does not run behind this program, nor far from the database's."""
    now = clock.now()
    oldest = datetime(*_written(), tzinfo=UTC)
    if now < oldest:
        yield fail("clock", f"It says {now:%Y-%m-%d}, before this program was written: set the clock of this machine.")
        return
    database = system.current().database
    away = 0.0
    if not database.sqlite:
        with database.reading.connect() as connection:
            theirs: Any = connection.scalar(text("SELECT clock_timestamp()"))
        away = abs((theirs - clock.now()).total_seconds())
    if away > _MOST_LATENESS:
        yield fail("clock", f"It is {away:.0f} s away from the database server's: let both follow a time server.")
    else:
        yield ok(
            "clock", f"It says {now:%Y-%m-%d %H:%M:%S} UTC" + ("." if database.sqlite else ", as the database does.")
        )


def _written() -> tuple[int, int, int]:
    """Give the date of the newest migration, from its file name."""
    newest = max(path.name for path in (migrations.FOLDER / "versions").glob("[0-9]*.py"))
    year, month, day = newest.split("_")[:3]
    return int(year), int(month), int(day)
