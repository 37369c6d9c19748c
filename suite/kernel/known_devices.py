"""Devices known from earlier sign-ins: whoever has one is not locked out by the guesses of strangers.

A table of known devices has `id`, `token_hash`, `user_agent`, `first_seen`, `last_seen` and a column for the owner.
"""

import re
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Delete, Table, Update, bindparam, delete, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from suite.kernel import clock, db, secrets
from suite.kernel.ids import new_id

MOST = 20
_PROGRAM = re.compile(r"\b(?!Mozilla|AppleWebKit|Gecko)[A-Za-z]{2,20}/\d{1,4}\b")
_SYSTEM = re.compile(r"\b(Windows|Android|iPhone|iPad|Macintosh|CrOS|Linux)\b")


def remember(
    owner: InstrumentedAttribute[UUID], owner_id: UUID, token: str | None, user_agent: str | None
) -> tuple[str, bool]:
    """Note that a device signed in; give its token, and whether it was known. The oldest beyond 20 are forgotten."""
    table, now = _table(owner), clock.now()
    seen_again, forget_beyond = _statements(table, owner.key)
    if token:
        seen = db.session.execute(seen_again, {"hash": secrets.token_hash(token), "of": owner_id, "now": now})
        if seen.rowcount == 1:  # type: ignore[attr-defined]
            return token, True
    fresh = secrets.new_token()
    row = {"id": new_id(), owner.key: owner_id, "user_agent": user_agent, "first_seen": now, "last_seen": now}
    db.session.execute(insert(table), row | {"token_hash": secrets.token_hash(fresh)})
    db.session.execute(forget_beyond, {"of": owner_id})
    return fresh, False


def forget_all(owner: InstrumentedAttribute[UUID], owner_id: UUID) -> None:
    """Forget every device of somebody."""
    db.session.execute(delete(owner.class_).where(owner == owner_id))


def described(user_agent: str | None) -> str:
    """Give what a letter may say of a browser or app: names and systems, never a sentence or an address of its own."""
    words = (user_agent or "")[:200]
    return ", ".join(dict.fromkeys([*_PROGRAM.findall(words)[:3], *_SYSTEM.findall(words)[:1]])) or "-"


def _table(owner: Any) -> Table:
    return cast("Table", owner.class_.__table__)


@cache
def _statements(table: Table, owner: str) -> tuple[Update, Delete]:
    """Make what every sign-in asks once: making it takes longer than sending it."""
    mine = table.c[owner] == bindparam("of")
    seen_again = update(table).where(table.c.token_hash == bindparam("hash"), mine).values(last_seen=bindparam("now"))
    beyond = select(table.c.id).where(mine).order_by(table.c.last_seen.desc(), table.c.id.desc())
    return seen_again, delete(table).where(table.c.id.in_(beyond.limit(1000).offset(MOST).scalar_subquery()))
