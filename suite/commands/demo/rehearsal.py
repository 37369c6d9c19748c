"""The system as invented people use it: one password hash, no way out but the inbox, commits in a hurry."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, event

from suite.commands.demo.people import PASSWORD
from suite.kernel import clock, db, system
from suite.kernel.db import Database
from suite.kernel.models import Job
from suite.kernel.passwords import HashPool
from suite.kernel.system import System
from suite.privacy import seal_tombstones, sweep_job, sweeps


class _OneHash(HashPool):
    """Knows the hash of the one password of all invented people, so that it is computed once."""

    def __init__(self, running: System) -> None:
        super().__init__(running.keys, 1, 1)
        self._hash_of_all = super().hash(PASSWORD)

    def hash(self, password: str) -> str:
        """Give the one hash."""
        return self._hash_of_all

    def verify(self, password: str, stored: str | None) -> bool:
        """Compare with the one password."""
        return stored == self._hash_of_all and password == PASSWORD


@contextmanager
def rehearsal(running: System) -> Iterator[None]:
    """Run the stories with the one hash, and with the inbox as the only way out."""
    _hurry(running.database)
    hashes = _OneHash(running)
    settings = dataclasses.replace(running.settings, mail="inbox", sms="inbox")
    system.use(dataclasses.replace(running, settings=settings, hashes=hashes))
    try:
        yield
    finally:
        system.use(running)
        hashes.close()


def _hurry(database: Database) -> None:
    """Let commits not wait for the disk: a crash may cost some of these people, never the database."""

    def relax(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL" if database.sqlite else "SET synchronous_commit TO off")
        if not database.sqlite:
            connection.commit()

    event.listen(database.engine, "connect", relax)
    database.engine.dispose()


def tidy() -> None:
    """Let the sweep take what is due and chain the receipts, as would have happened all along."""
    sweeps.sweep()
    seal_tombstones.run()
    done = (sweep_job.name, seal_tombstones.name)
    with db.transaction() as session:
        session.execute(
            delete(Job).where(Job.name.in_(done), Job.due_at <= clock.now(), Job.dead_at.is_(None), Job.owner.is_(None))
        )
