"""Bringing a backup back: checked first, loaded in one step, and closed to everybody until it is finished.

The loaded database carries a mark. While it is there the program refuses to start; `finish` upgrades the schema, brings
the files back, repeats every erasure made since the backup, sweeps, and takes the mark away. Each of its steps can be
done again, so whatever ends it in the middle, it is begun anew and comes to its end.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from suite.backups import archive, bundles, databases, keys, listing, plan, shredding
from suite.backups.create import FILES, FORMAT, PEOPLE, SHREDDED, Tell, quiet
from suite.backups.errors import BackupProblem, BackupTooOld, BrokenBackup, RestoreNotFinished
from suite.backups.listing import Backup
from suite.backups.models import RESTORING, BackupMark
from suite.backups.work import nameless, room
from suite.kernel import audit, clock, db, schema, system
from suite.kernel.log import log
from suite.privacy import hand_on, replay_tombstones, sweep, unknown_tombstones

_SLACK = timedelta(days=31)
"""How far clocks may have been wrong when a tombstone got its time; what the backup knows is never repeated."""


def restore(backup: Backup, tell: Tell = quiet, *, replace: bool = False) -> int:
    """Bring a backup back; give the number of erasures and choices that were repeated."""
    if databases.holds_people() and not replace:
        raise BackupProblem(
            "The database holds people: restore into an empty one, or say --replace to lose what it holds."
        )
    with room() as work, nameless(work) as whole:
        manifest = opened(backup, whole, tell)
        _hand_on(_since(manifest))
        load(work, whole, manifest, {"backup": backup.name}, tell)
    return finish(tell)


def opened(backup: Backup, whole: BinaryIO, tell: Tell) -> dict[str, Any]:
    """Decrypt a backup, check every part, and refuse what this program must not or cannot bring back."""
    manifest = read(backup, whole, tell)
    if clock.now() >= listing.expiry(_created_at(manifest)):
        raise BackupTooOld(
            f"This backup is from {clock.written(_created_at(manifest))} and has reached the age at which backups are "
            "gone: it must not be brought back. `suite backup prune` deletes it."
        )
    if manifest["database"] != databases.kind():
        raise BackupProblem(f"This is a backup of {manifest['database']}: name such a database in SUITE_DATABASE_URL.")
    if manifest["format"] != FORMAT or str(manifest["revision"]) > schema.newest():
        raise BackupProblem("This backup was made by a newer release: restore it with that release.")
    return manifest


def read(backup: Backup, whole: BinaryIO, tell: Tell = quiet) -> dict[str, Any]:
    """Decrypt a backup into a private file and check every part; give its manifest."""
    tell("decrypting", 0, backup.size)
    archive.decrypt(_heard(listing.place().open(backup.name), backup.size, tell), keys.identities(), whole)
    read_so_far = 0

    def heard(count: int) -> None:
        nonlocal read_so_far
        read_so_far += count
        tell("checking", read_so_far, 0)

    manifest = archive.check(whole, heard)
    if manifest["name"] != backup.name:
        raise BrokenBackup("The archive was renamed: its content says another name. Use another backup.")
    return manifest


def _heard(pieces: Iterable[bytes], total: int, tell: Tell) -> Iterator[bytes]:
    done = 0
    for piece in pieces:
        yield piece
        done += len(piece)
        tell("decrypting", done, total)


def _created_at(manifest: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(manifest["created_at"])


def _since(manifest: dict[str, Any]) -> datetime:
    return _created_at(manifest) - _SLACK


def _hand_on(since: datetime) -> None:
    """Save what the database that is replaced knows of erasures and choices, as far as it can still be read."""
    try:
        hand_on(since)
    except (DBAPIError, sqlite3.DatabaseError) as problem:
        log.warning("replaced_database_unreadable", exc_info=problem)


def load(work: Path, whole: BinaryIO, manifest: dict[str, Any], mark: dict[str, Any], tell: Tell) -> None:
    """Make the database anew and let it take the place of the present one, with the mark in it."""
    system.current().database.close()
    loading = databases.load(work, manifest)
    try:
        opener = bundles.Opener(shredding.KeyStore())
        for name, content in archive.parts(whole):
            tell("loading", 0, 0)
            if name == PEOPLE:
                for record in opener.open(content):
                    loading.rows(record.head["table"], record.content.split(b"\n"))
            elif name != archive.MANIFEST and not name.startswith((FILES, SHREDDED)):
                loading.part(name, content)
        loading.clean([_without_parent(*reference) for reference in manifest["references"]])
        loading.mark(RESTORING, mark)
        loading.take_place()
    finally:
        loading.close()


def _without_parent(table: str, column: str, parent: str, key: str, rule: str) -> str:
    """Write what takes out rows whose parent stayed closed, as the database itself would have done."""
    above = f"SELECT 1 FROM {parent} up WHERE up.{key} = {table}.{column}"  # noqa: S608 - names of declared tables
    change = f"UPDATE {table} SET {column} = NULL" if rule == "SET NULL" else f"DELETE FROM {table}"  # noqa: S608
    return f"{change} WHERE {column} IS NOT NULL AND NOT EXISTS ({above})"


def finish(tell: Tell = quiet) -> int:
    """Do what is left of a restore; give the number of erasures and choices that were repeated."""
    facts = _mark()
    if facts is None:
        raise BackupProblem("No restore waits to be finished.")
    backup = listing.one(facts["backup"])
    running = system.current()
    if schema.present(running.database.engine) != schema.newest():
        tell("upgrading the schema", 0, 0)
        running.database.close()
        schema.upgrade(running.settings.database_url)
    with room() as work, nameless(work) as whole:
        manifest = read(backup, whole, tell)
        _bring_files(whole, work, tell)
    tell("repeating erasures", 0, 0)
    repeated = replay_tombstones(unknown_tombstones(_since(manifest)))
    tell("sweeping", 0, 0)
    sweep()
    _drop_strange_files()
    shredding.destroy_orphans()
    with db.transaction() as session:
        session.execute(delete(BackupMark).where(BackupMark.name == RESTORING))
        audit.write("backup.restored", backup=backup.name, repeated=repeated)
    return repeated


def _mark() -> dict[str, Any] | None:
    with db.reading() as connection:
        return connection.scalar(select(BackupMark.facts).where(BackupMark.name == RESTORING))


def check_finished() -> None:
    """Refuse to start while a restore is not finished."""
    if _mark() is not None:
        raise RestoreNotFinished("The restore is not finished: run `suite backup restore --resume`.")


def _bring_files(whole: BinaryIO, work: Path, tell: Tell) -> None:
    files = system.current().files
    for count, (name, content) in enumerate(archive.parts(whole)):
        tell("bringing files back", count, 0)
        if name.startswith(FILES):
            files.put_back(name.removeprefix(FILES), _pieces(content))
        elif name.startswith(SHREDDED):
            opener = bundles.Opener(shredding.KeyStore())
            with nameless(work) as opened:
                opened.writelines(record.content for record in opener.open(content))
                opened.seek(0)
                if not opener.closed:
                    files.put_back(name.removeprefix(SHREDDED), _pieces(opened))


def _pieces(content: IO[bytes]) -> Iterator[bytes]:
    while piece := content.read(1 << 20):
        yield piece


def _drop_strange_files() -> None:
    """Delete the files to which no row leads: those of people who were erased, and of rows younger than the backup."""
    with db.reading() as connection:
        known = {key for column, _ in plan.file_columns() for key in connection.scalars(select(column))}
    files = system.current().files
    for key in set(files.keys()) - known:
        files.delete(key)
