"""Looking at a backup without bringing it back."""

from typing import Any

from suite.backups import archive, bundles, shredding
from suite.backups.create import PEOPLE, SHREDDED, Tell, quiet
from suite.backups.listing import Backup
from suite.backups.restore import read
from suite.backups.work import nameless, room


def verify(backup: Backup, tell: Tell = quiet) -> dict[str, Any]:
    """Decrypt and check every part, and open every bundle whose key is left; give what was found."""
    with room() as work, nameless(work) as whole:
        manifest = read(backup, whole, tell)
        opener, opened = bundles.Opener(shredding.KeyStore()), 0
        for name, content in archive.parts(whole):
            if name == PEOPLE or name.startswith(SHREDDED):
                opened += sum(1 for _ in opener.open(content))
    return manifest | {"opened": opened, "closed": opener.closed}
