"""Tombstones: what is left of an erasure, a withdrawal or a closure, so that a restored backup repeats it.

A tombstone is written in the transaction of what it stands for and names nobody: its subject is a keyed hash of a
random number. After a restore every tombstone younger than the backup is replayed before a request is served.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from suite.kernel import clock, db, system
from suite.kernel.ids import new_id
from suite.privacy.models import Tombstone

USE = "tombstone"

Replay = Callable[[UUID, datetime, dict[str, Any]], None]

REPLAYS: dict[str, Replay] = {}
"""By kind, what repeats it for a person of the restored database; each may be run any number of times."""


def replays(kind: str) -> Callable[[Replay], Replay]:
    """Make a function the replay of a kind; it gets the person, the instant and the facts."""

    def known(replay: Replay) -> Replay:
        if kind in REPLAYS:
            raise ValueError(f"There are two replays of {kind}.")
        REPLAYS[kind] = replay
        return replay

    return known


def write(kind: str, person_id: UUID, **facts: Any) -> UUID:
    """Leave a tombstone in the present transaction; `facts` are codes, counts and times, never personal data."""
    stone = new_id()
    db.session.execute(
        insert(Tombstone),
        {"id": stone, "kind": kind, "subject": subject_of(person_id), "facts": facts, "at": clock.now()},
    )
    return stone


def subject_of(person_id: object) -> str:
    """Give the name under which a person stands on tombstones."""
    return system.current().keys.keyed_hash(str(person_id), USE)
