"""Backups: made, listed, checked, ended at their age, and brought back without those who were erased since."""

from suite.backups import stores
from suite.backups.errors import (
    BackupProblem,
    BackupTooOld,
    BrokenBackup,
    NoBackupKey,
    RestoreNotFinished,
)
from suite.backups.jobs import create_backup
from suite.backups.jobs import prune as prune_job
from suite.backups.privacy import declaration
from suite.backups.restore import check_finished
from suite.kernel.module import Module

assert stores

module = Module(name="backups", declaration=declaration)

__all__ = [
    "BackupProblem",
    "BackupTooOld",
    "BrokenBackup",
    "NoBackupKey",
    "RestoreNotFinished",
    "check_finished",
    "create_backup",
    "module",
    "prune_job",
]
