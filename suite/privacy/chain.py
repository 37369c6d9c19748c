"""The hash chain of tombstones: none can be changed, taken out or put in between without its seal telling."""

import hashlib
from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import select, update

from suite.kernel import db
from suite.kernel.log import log
from suite.privacy.models import Tombstone
from suite.privacy.stones import Stone

_BATCH = 1000
_HALF = 32
_LOWEST = -(2**31)


def waiting(limit: int = _BATCH) -> list[Stone]:
    """Give tombstones without a place in the chain, oldest first."""
    question = select(Tombstone).where(Tombstone.sequence.is_(None)).order_by(Tombstone.id).limit(limit)
    with db.reading() as connection:
        rows = connection.execute(question).all()
    return [Stone(row.id, row.kind, row.subject, row.facts, row.at) for row in rows]


def seal(stones: Sequence[Stone]) -> None:
    """Give tombstones their place in the chain; the unique number lets one worker do it."""
    last = db.session.execute(
        select(Tombstone.sequence, Tombstone.seal)
        .where(Tombstone.sequence.is_not(None))
        .order_by(Tombstone.sequence.desc())
        .limit(1)
    ).first()
    sequence, previous = (last[0] or 0, last[1] or "") if last else (0, "")
    for stone in stones:
        sealed = _seal(stone, sequence + 1, previous)
        done = db.session.execute(
            update(Tombstone)
            .where(Tombstone.id == stone.id, Tombstone.sequence.is_(None))
            .values(sequence=sequence + 1, seal=sealed)
        )
        if done.rowcount == 1:  # type: ignore[attr-defined]
            sequence, previous = sequence + 1, sealed
    # Outside the database the last seal shows when the end was cut off or the chain was made anew.
    log.info("tombstones_sealed", stones=len(stones), sequence=sequence, seal=previous)


def broken_links() -> Iterator[int]:
    """Give the numbers whose seal does not fit.

    The oldest tombstones go with their time, so the first one kept may follow anything; its content is judged.
    """
    previous: str | None = None
    expected: int | None = None
    for sequence, seal_, stone in _sealed():
        before = "" if sequence == 1 else previous
        made = _seal(stone, sequence, before or "")
        fits = seal_[:_HALF] == made[:_HALF] if before is None else seal_ == made
        if not fits or sequence < 1 or sequence != (expected or sequence):
            yield sequence
        previous, expected = seal_, sequence + 1


def _sealed() -> Iterator[tuple[int, str, Stone]]:
    question = select(Tombstone).where(Tombstone.sequence.is_not(None)).order_by(Tombstone.sequence).limit(_BATCH)
    last = _LOWEST
    while True:
        with db.reading() as connection:
            rows = connection.execute(question.where(Tombstone.sequence > last)).all()
        for row in rows:
            last = row.sequence or 0
            yield last, row.seal or "", Stone(row.id, row.kind, row.subject, row.facts, row.at)
        if len(rows) < _BATCH:
            return


def _seal(stone: Stone, sequence: int, previous: str) -> str:
    """Make a seal: half of it holds the tombstone itself, half binds it to the seal before."""
    content = [sequence, str(stone.id), stone.kind, stone.subject, stone.facts, stone.at.isoformat()]
    own = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    link = hashlib.sha256(f"{own}/{previous}".encode()).hexdigest()
    return own[:_HALF] + link[:_HALF]
