"""The audit trail: written in the transaction of the act, sealed into a hash chain by the worker.

Writers never wait for one another: the chain is made afterwards, in order, by one job at a time. The last
seal is logged each time: outside the database it shows when the end was cut off or the chain was made anew.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, insert, select, update

from suite.kernel import clock, db, system
from suite.kernel.access import NOBODY, Actor, actor, request_id
from suite.kernel.errors import Refusal
from suite.kernel.ids import new_id
from suite.kernel.log import log
from suite.kernel.models import AuditEntry

_BATCH = 1000
_HALF = 32
_LOWEST = -(2**31)


_WRITE = insert(cast("Table", AuditEntry.__table__))


def subject_key(person_id: object) -> str:
    """Give the name under which a person stands in the trail: a keyed hash, nobody's id."""
    return system.current().keys.keyed_hash(str(person_id), "audit")


def about(person_id: object) -> ColumnElement[bool]:
    """Give the condition that an entry is about a person, under whichever key it was written."""
    return AuditEntry.subject.in_(system.current().keys.keyed_hashes(str(person_id), "audit"))


def write(action: str, *, subject: object | None = None, by: Actor | None = None, **facts: Any) -> None:
    """Record an act; `facts` are codes, counts and row numbers, never personal data."""
    who = by or _author()
    actor_key = subject_key(who.id) if who.id else None
    db.session.execute(
        _WRITE,
        {
            "id": new_id(),
            "at": clock.now(),
            "action": action,
            "actor_kind": who.kind,
            "actor": actor_key,
            "subject": (actor_key if subject == who.id else subject_key(subject)) if subject else None,
            "request": request_id(),
            "facts": facts,
        },
    )


def _author() -> Actor:
    """Give who is calling; on a route open to everybody a credential that opens nothing makes nobody."""
    try:
        return actor()
    except Refusal:
        return NOBODY


def seal(limit: int = _BATCH) -> int:
    """Give unsealed entries their place in the chain; return how many. Runs one at a time, as a job."""
    last = db.session.execute(
        select(AuditEntry.sequence, AuditEntry.seal)
        .where(AuditEntry.sequence.is_not(None))
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    ).first()
    sequence, previous = (last[0] or 0, last[1] or "") if last else (0, "")
    waiting = db.session.scalars(
        select(AuditEntry).where(AuditEntry.sequence.is_(None)).order_by(AuditEntry.id).limit(limit)
    ).all()
    for entry in waiting:
        sequence += 1
        previous = _digest(entry, sequence, previous)
        db.session.execute(
            update(AuditEntry)
            .where(AuditEntry.id == entry.id, AuditEntry.sequence.is_(None))
            .values(sequence=sequence, seal=previous)
        )
    if waiting:
        log.info("audit_sealed", entries=len(waiting), sequence=sequence, seal=previous)
    return len(waiting)


def broken_links() -> Iterator[int]:
    """Give the sequence numbers whose seal does not fit.

    The oldest entries go with their time, so the first one kept may follow anything; its content is judged.
    """
    previous: str | None = None
    expected: int | None = None
    for entry in _sealed():
        sequence, seal = entry.sequence or 0, entry.seal or ""
        before = "" if sequence == 1 else previous
        made = _digest(entry, sequence, before or "")
        fits = seal[:_HALF] == made[:_HALF] if before is None else seal == made
        if sequence < 1 or sequence != (expected or sequence) or not fits:
            yield sequence
        previous, expected = seal, sequence + 1


def _sealed() -> Iterator[AuditEntry]:
    question = select(AuditEntry).order_by(AuditEntry.sequence).limit(_BATCH).execution_options(populate_existing=True)
    after = _LOWEST
    while batch := db.session.scalars(question.where(AuditEntry.sequence > after)).all():
        yield from batch
        after = batch[-1].sequence or 0


def _digest(entry: AuditEntry, sequence: int, previous: str) -> str:
    """Make a seal: half of it holds the entry itself, half binds it to the seal before."""
    content = [
        sequence,
        str(entry.id),
        entry.at.isoformat(),
        entry.action,
        entry.actor_kind,
        entry.actor,
        entry.subject,
        entry.request,
        entry.facts,
    ]
    own = hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    link = hashlib.sha256(f"{own}/{previous}".encode()).hexdigest()
    return own[:_HALF] + link[:_HALF]
