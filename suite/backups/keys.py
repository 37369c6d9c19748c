"""The key backups are encrypted with; it stands in no backup and in no database."""

import pyrage
from pyrage.x25519 import Identity

from suite.backups.errors import NoBackupKey
from suite.kernel import system
from suite.settings import development_key

_FILE = "backup-key"


def new_key() -> str:
    """Make a key for SUITE_BACKUP_KEY."""
    return str(Identity.generate())


def identities() -> list[Identity]:
    """Give the keys, newest first; one of them opens a backup, the first closes it."""
    chosen = system.current().settings
    text = chosen.backup_key
    if not text and not chosen.production:
        text = development_key(chosen.data_folder / _FILE, new_key)
    if not text:
        raise NoBackupKey(
            "Backups are encrypted and there is no key: set SUITE_BACKUP_KEY to what `suite backup key` prints, and "
            "keep a copy where no backup is kept."
        )
    try:
        return [Identity.from_str(part.strip()) for part in text.split(",") if part.strip()]
    except pyrage.IdentityError as problem:
        raise NoBackupKey("SUITE_BACKUP_KEY holds no usable key: `suite backup key` makes one.") from problem
