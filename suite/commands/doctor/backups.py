"""Checks of the backups: a key, a place, the programs they need, and how old the newest is."""

from collections.abc import Iterator
from datetime import timedelta

from suite.commands.doctor.findings import Finding, fail, ok, warn
from suite.kernel import clock, system

_LONG_AGO = timedelta(days=2)


def ready() -> Iterator[Finding]:
    """Check that a backup could be made now."""
    from suite.backups import NoBackupKey, keys

    try:
        keys.identities()
    except NoBackupKey as problem:
        yield fail("backup key", str(problem))
    else:
        yield ok("backup key", "Backups can be encrypted; keep a copy of the key where no backup is kept.")
    if not system.current().database.sqlite:
        yield from _programs()


def _programs() -> Iterator[Finding]:
    from suite.backups import postgres_programs

    if missing := postgres_programs.missing_programs():
        yield fail("backups", f"{' and '.join(missing)} cannot be found: `apt install postgresql-client`, or the like.")
    else:
        yield ok(
            "backups",
            f"pg_dump, pg_restore and psql of PostgreSQL {postgres_programs.program_version()} are there.",
        )


def newest() -> Iterator[Finding]:
    """Say how old the newest backup is."""
    from suite.backups import listing
    from suite.commands.printing import age

    chosen = system.current().settings
    try:
        found = listing.backups()
    except Exception as problem:  # noqa: BLE001 - stores raise what they like
        yield fail(
            "backups", f"{chosen.backups_url} cannot be read ({type(problem).__name__}): check SUITE_BACKUPS_URL."
        )
        return
    advice = "make one with `suite backup create`, or set SUITE_BACKUP_HOURS."
    if not found:
        yield warn("backups", f"There is none: {advice}")
        return
    old = clock.now() - found[0].created_at
    says = f"The newest is {age(found[0].created_at, clock.now())} old"
    yield (
        warn("backups", f"{says}: {advice}")
        if old > max(_LONG_AGO, timedelta(hours=2 * chosen.backup_hours))
        else ok("backups", f"{says}.")
    )
    if any(one.expires_at + timedelta(hours=2) < clock.now() for one in found):
        yield fail("backups", "Some are older than declared: run `suite backup prune`, and look whether a worker runs.")
