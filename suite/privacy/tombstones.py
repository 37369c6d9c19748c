"""Tombstones: what is left of an erasure, a withdrawal or a closure, so that a restored backup repeats it.

A tombstone is written in the transaction of what it stands for and names nobody: its subject is a keyed hash of a
random number. Right after the commit it is copied into the journal, which no restore overwrites, and gets its place
in a hash chain. After a restore every tombstone younger than the backup is replayed before a request is served.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from suite.kernel import clock, db, jobs, system
from suite.kernel.ids import new_id
from suite.privacy import chain, journal
from suite.privacy.models import Person, Tombstone
from suite.privacy.stones import Stone

USE = "tombstone"
_BATCH = 5000
_PEOPLE = 1000

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
    return write_each(kind, {person_id: facts})[0]


def write_each(kind: str, facts: dict[UUID, dict[str, Any]]) -> list[UUID]:
    """Leave one tombstone per person in the present transaction."""
    now = clock.now()
    rows = [
        {"id": new_id(), "kind": kind, "subject": subject_of(person_id), "facts": told, "at": now}
        for person_id, told in facts.items()
    ]
    db.session.execute(insert(Tombstone), rows)
    jobs.defer(seal_job)
    return [row["id"] for row in rows]  # type: ignore[misc]


def subject_of(person_id: object) -> str:
    """Give the name under which a person stands on tombstones."""
    return system.current().keys.keyed_hash(str(person_id), USE)


@jobs.job("tombstones.seal", own_transactions=True)
def seal_job() -> None:
    """Copy new tombstones into the journal, then chain them: whatever has its place in the chain was copied."""
    while waiting := chain.waiting():
        journal.write(waiting)
        with db.transaction():
            chain.seal(waiting)


# --- what a restored backup repeats


def read(since: datetime) -> Iterator[Stone]:
    """Give the tombstones of the database since an instant, oldest first."""
    last: tuple[datetime, UUID] | None = None
    question = select(Tombstone).where(Tombstone.at >= since).order_by(Tombstone.at, Tombstone.id).limit(_PEOPLE)
    while True:
        page = question if last is None else question.where(_after(*last))
        with db.reading() as connection:
            rows = connection.execute(page).all()
        yield from (Stone(row.id, row.kind, row.subject, row.facts, row.at) for row in rows)
        if len(rows) < _PEOPLE:
            return
        last = rows[-1].at, rows[-1].id


def _after(at: datetime, stone: UUID) -> Any:
    return (Tombstone.at > at) | ((Tombstone.at == at) & (Tombstone.id > stone))


def read_journal(since: datetime) -> Iterator[Stone]:
    """Give the tombstones of the journal since an instant, oldest first; one may come twice."""
    return journal.read(since)


def read_all(since: datetime) -> Iterator[Stone]:
    """Give every tombstone of the database and the journal since an instant once, oldest first."""
    both = heapq.merge(read(since), read_journal(since), key=lambda stone: (stone.at, stone.id))
    return (next(same) for _, same in groupby(both, key=lambda stone: stone.id))


def replay(stones: Iterable[Stone]) -> int:
    """Repeat for the people of this database what the tombstones stand for, and keep them; return how many fitted.

    Opens its own transactions, one per page of people. Holds one batch of tombstones at a time; give them oldest first.
    """
    coming = iter(stones)
    return sum(_replay_batch(batch) for batch in iter(lambda: tuple(islice(coming, _BATCH)), ()))


def _replay_batch(stones: Sequence[Stone]) -> int:
    unknown = {stone.kind for stone in stones} - set(REPLAYS)
    if unknown:
        raise LookupError(f"This release cannot repeat tombstones of the kind {', '.join(sorted(unknown))}.")
    _keep(stones)
    waiting: dict[str, list[Stone]] = {}
    for stone in stones:
        waiting.setdefault(stone.subject, []).append(stone)
    keys = {subject.partition(".")[0] for subject in waiting}
    return sum(_replay_for(page, waiting, keys) for page in _people())


def _people() -> Iterator[Sequence[UUID]]:
    question = select(Person.id).order_by(Person.id).limit(_PEOPLE)
    last: UUID | None = None
    while True:
        with db.reading() as connection:
            page = connection.scalars(question if last is None else question.where(Person.id > last)).all()
        if not page:
            return
        yield page
        last = page[-1]


def _replay_for(people: Sequence[UUID], waiting: dict[str, list[Stone]], keys: set[str]) -> int:
    ring = system.current().keys
    found = [
        (stone, person)
        for person in people
        for key in keys & set(ring.ids)
        for stone in waiting.get(ring.keyed_hash(str(person), USE, key), ())
    ]
    if found:
        with db.transaction():
            for stone, person in sorted(found, key=lambda one: (one[0].at, one[0].id)):
                REPLAYS[stone.kind](person, stone.at, dict(stone.facts))
    return len(found)


def _keep(stones: Sequence[Stone]) -> None:
    """Write into the restored database the tombstones it does not know."""
    rows = [
        {"id": one.id, "kind": one.kind, "subject": one.subject, "facts": one.facts, "at": one.at} for one in stones
    ]
    with db.transaction() as session:
        session.execute(system.current().database.insert(Tombstone).on_conflict_do_nothing(), rows)
        jobs.defer(seal_job)
