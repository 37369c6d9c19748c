"""What stops a backup or a restore; each sentence says what to do next."""


class BackupProblem(Exception):
    """A backup cannot be made, read or brought back."""


class NoBackupKey(BackupProblem):
    """There is no key to encrypt with, or none that opens."""


class BrokenBackup(BackupProblem):
    """The archive is not what was written."""


class BackupTooOld(BackupProblem):
    """The backup has reached its declared age."""


class RestoreNotFinished(BackupProblem):
    """Erasures made since the backup are not repeated yet; nothing may be served."""
