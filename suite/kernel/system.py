"""What a running process is made of: settings, keys, database, files, hash pool. One per process."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from suite.kernel.db import Database
    from suite.kernel.files import FileStore, Journal
    from suite.kernel.passwords import HashPool
    from suite.kernel.secrets import Keyring
    from suite.settings import Settings


@dataclass(frozen=True)
class System:
    """The parts every story may use; made once at the start from the settings."""

    settings: "Settings"
    keys: "Keyring"
    database: "Database"
    hashes: "HashPool"
    files: "FileStore"
    journal: "Journal"


_system: System | None = None


def use(system: System) -> None:
    """Make this the system of the process."""
    global _system  # noqa: PLW0603 - one process runs one system
    _system = system


def current() -> System:
    """Give the system of the process; it is an error of the program to ask before the start."""
    if _system is None:
        raise RuntimeError("The system was not started: call create_app or suite.app.start first.")
    return _system
