"""Devices known from earlier sign-ins: whoever has one is not locked out by the guesses of strangers.

A table of known devices has `id`, `token_hash`, `user_agent`, `first_seen`, `last_seen` and a column for the owner.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute

from suite.kernel import clock, db, secrets

MOST = 20


def remember(
    owner: InstrumentedAttribute[UUID], owner_id: UUID, token: str | None, user_agent: str | None
) -> tuple[str, bool]:
    """Note that a device signed in; give its token, and whether it was known. The oldest beyond 20 are forgotten."""
    table: Any = owner.class_
    now = clock.now()
    if token:
        seen = db.session.execute(
            update(table).where(table.token_hash == secrets.token_hash(token), owner == owner_id).values(last_seen=now)
        )
        if seen.rowcount == 1:  # type: ignore[attr-defined]
            return token, True
    fresh = secrets.new_token()
    row = table(token_hash=secrets.token_hash(fresh), user_agent=user_agent, first_seen=now, last_seen=now)
    setattr(row, owner.key, owner_id)
    db.session.add(row)
    db.session.flush()
    beyond = (
        select(table.id)
        .where(owner == owner_id)
        .order_by(table.last_seen.desc(), table.id.desc())
        .offset(MOST)
        .scalar_subquery()
    )
    db.session.execute(delete(table).where(table.id.in_(beyond)))
    return fresh, False


def forget_all(owner: InstrumentedAttribute[UUID], owner_id: UUID) -> None:
    """Forget every device of somebody."""
    db.session.execute(delete(owner.class_).where(owner == owner_id))
