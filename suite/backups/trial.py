"""Looking at a backup without bringing it back."""

from typing import Any

from sqlalchemy import func, select

from suite.backups import archive, bundles, databases, shredding
from suite.backups.create import PEOPLE, SHREDDED, Tell, quiet
from suite.backups.listing import Backup
from suite.backups.restore import load, opened, read
from suite.backups.work import nameless, room
from suite.kernel import db, schema, system
from suite.privacy import Person


def verify(backup: Backup, tell: Tell = quiet) -> dict[str, Any]:
    """Decrypt and check every part, and open every bundle whose key is left; give what was found."""
    with room() as work, nameless(work) as whole:
        manifest = read(backup, whole, tell)
        opener, opened = bundles.Opener(shredding.KeyStore()), 0
        for name, content in archive.parts(whole):
            if name == PEOPLE or name.startswith(SHREDDED):
                opened += sum(1 for _ in opener.open(content))
    return manifest | {"opened": opened, "closed": opener.closed}


def bring_back(backup: Backup, tell: Tell = quiet) -> int:
    """Bring a backup back into a database of its own, which goes again; give the number of people in it."""
    with room() as work, nameless(work) as whole, databases.scratch(work):
        load(work, whole, opened(backup, whole, tell), {"backup": backup.name}, tell)
        system.current().database.close()
        schema.upgrade(system.current().settings.database_url)
        with db.reading() as connection:
            return connection.scalar(select(func.count()).select_from(Person)) or 0
