"""Which backups there are, how old they may get, and their end."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from suite.backups.errors import BackupProblem
from suite.declarations import Period
from suite.kernel import clock, system
from suite.kernel.log import log
from suite.kernel.shelf import Shelf
from suite.privacy import declared

_NAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)Z-[0-9a-f]{8}\.age")
_WRITTEN = "%Y-%m-%dT%H-%M-%S"
_LONGEST = Period(months=1)
LATEST = "latest"


@dataclass(frozen=True)
class Backup:
    """A whole backup: its name, when it was begun and how large it is."""

    name: str
    created_at: datetime
    size: int

    @property
    def expires_at(self) -> datetime:
        """The instant at which it is gone."""
        return expiry(self.created_at)


def expiry(created_at: datetime) -> datetime:
    """Give the end of a backup: its declared age, and never more than a month (DEC-11)."""
    (age,) = (store.keep for one in declared().declarations for store in one.stores if store.key == "backups")
    return min(age.after(created_at), _LONGEST.after(created_at))


def place() -> Shelf:
    """Give the place of the backups."""
    chosen = system.current().settings
    return Shelf(chosen, chosen.backups_url)


def new_name(created_at: datetime) -> str:
    """Name a backup after the second it was begun in; the rest is by chance."""
    return f"{created_at.astimezone(UTC):{_WRITTEN}}Z-{secrets.token_hex(4)}.age"


def created_at(name: str) -> datetime | None:
    """Read from a name when the backup was begun, None for anything that is no backup."""
    found = _NAME.fullmatch(name)
    return datetime.strptime(found[1], _WRITTEN).replace(tzinfo=UTC) if found else None


def backups() -> list[Backup]:
    """Give every whole backup, newest first."""
    found = [
        Backup(entry.name, at, entry.size) for entry in place().entries() if (at := created_at(entry.name)) is not None
    ]
    return sorted(found, key=lambda one: one.name, reverse=True)


def one(name: str) -> Backup:
    """Give the backup of that name, or the newest."""
    for backup in backups():
        if name in {backup.name, LATEST}:
            return backup
    raise BackupProblem(f"There is no backup {name}: `suite backup list` shows those there are.")


def prune() -> list[Backup]:
    """Delete every backup that has reached its age, and what broken off ones left; return the deleted."""
    shelf, now = place(), clock.now()
    due = [backup for backup in backups() if backup.expires_at <= now]
    shelf.delete(backup.name for backup in due)
    shelf.discard_halves(now - timedelta(days=1))
    if due:
        log.info("backups_deleted", backups=len(due))
    return due
