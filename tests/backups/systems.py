"""Other systems for one test: the same program with another database or other places."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from suite.kernel import system
from suite.kernel.db import Database
from suite.kernel.files import journal_for, store_for


@contextmanager
def other(**changed: Any) -> Iterator[system.System]:
    """Let the process use a system with some settings changed, and go back at the end."""
    running = system.current()
    settings = dataclasses.replace(running.settings, **changed)
    database = Database(settings.database_url, pool=2) if "database_url" in changed else running.database
    mine = dataclasses.replace(
        running, settings=settings, database=database, files=store_for(settings), journal=journal_for(settings)
    )
    system.use(mine)
    try:
        yield mine
    finally:
        if database is not running.database:
            database.close()
        system.use(running)
