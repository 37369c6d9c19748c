"""Tombstones: what is left of an erasure, a withdrawal or a closure, so that a restored backup repeats it.

A tombstone is written in the transaction of what it stands for and names nobody: its subject is a keyed hash of a
random number. Right after the commit it is copied into the journal, which no restore overwrites, and gets its place
in a hash chain. After a restore every tombstone that the backup does not know is replayed before a request is served.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
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

REPLAYS_FOR_ALL: dict[str, Callable[[dict[str, Any]], None]] = {}
"""By kind, what repeats that part of it which holds whether or not its person is in the restored database."""


def replays(kind: str) -> Callable[[Replay], Replay]:
    """Make a function the replay of a kind; it gets the person, the instant and the facts."""

    def known(replay: Replay) -> Replay:
        if kind in REPLAYS:
            raise ValueError(f"There are two replays of {kind}.")
        REPLAYS[kind] = replay
        return replay

    return known


def replays_for_all(kind: str, replay: Callable[[dict[str, Any]], None]) -> None:
    """Make a function the replay of what a kind does besides changing a person; it gets the facts."""
    REPLAYS_FOR_ALL[kind] = replay


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


def write_of_nobody(kind: str, **facts: Any) -> None:
    """Leave a tombstone of something that belongs to no person held here."""
    write(kind, new_id(), **facts)


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


def unknown(since: datetime) -> Iterator[Stone]:
    """Give the tombstones of the journal since an instant that this database does not have, oldest first.

    What the database has was in the backup with its effect; no clock has to be right for that.
    """
    coming = journal.read(since)
    while batch := {stone.id: stone for stone in islice(coming, _BATCH)}:
        with db.reading() as connection:
            known = set(connection.scalars(select(Tombstone.id).where(Tombstone.id.in_(batch))))
        yield from (stone for number, stone in batch.items() if number not in known)


def replay(stones: Iterable[Stone]) -> int:
    """Repeat in this database what the tombstones stand for, and keep them; return how many fitted its people.

    Opens its own transactions, one per page of people. Holds one batch of tombstones at a time; give them oldest first.
    A batch is kept after it was repeated: whoever dies in between finds it again.
    """
    coming = iter(stones)
    return sum(_replay_batch(batch) for batch in iter(lambda: tuple(islice(coming, _BATCH)), ()))


def _replay_batch(stones: Sequence[Stone]) -> int:
    strange = {stone.kind for stone in stones} - set(REPLAYS) - set(REPLAYS_FOR_ALL)
    if strange:
        raise LookupError(f"This release cannot repeat tombstones of the kind {', '.join(sorted(strange))}.")
    with db.transaction():
        for stone in stones:
            if stone.kind in REPLAYS_FOR_ALL:
                REPLAYS_FOR_ALL[stone.kind](dict(stone.facts))
    waiting: dict[str, list[Stone]] = {}
    for stone in stones:
        if stone.kind in REPLAYS:
            waiting.setdefault(stone.subject, []).append(stone)
    keys = {subject.partition(".")[0] for subject in waiting}
    repeated = sum(_replay_for(page, waiting, keys) for page in _people())
    _keep(stones)
    return repeated


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
