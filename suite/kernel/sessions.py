"""What sessions of every kind of people have in common: how long they live, that their use is noted, the CSRF token."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from suite.kernel import clock, db, system
from suite.kernel.log import log


@dataclass(frozen=True)
class Lifetime:
    """How long a session lives unused and at all."""

    idle: timedelta
    whole: timedelta

    def over(self, seen_at: datetime, expires_at: datetime) -> bool:
        """Say whether a session opens nothing any more."""
        now = clock.now()
        return expires_at <= now or seen_at + self.idle <= now


def note_use(table: type[Any], session_id: UUID, seen_at: datetime, lifetime: Lifetime) -> None:
    """Note every few minutes that a session is in use, unless somebody just did.

    Reading goes on when nothing can be written.
    """
    now = clock.now()
    if now - seen_at <= min(lifetime.idle / 6, timedelta(minutes=5)) or not db.holds_nothing():
        return
    statement = update(table).where(table.id == session_id, table.seen_at == seen_at).values(seen_at=now)
    try:
        with system.current().database.engine.begin() as connection:
            connection.execute(statement)
    except SQLAlchemyError as problem:
        log.warning("session_use_not_noted", exc_info=problem)


def csrf_token(session_id: UUID, client: str) -> str | None:
    """Give the token that must accompany every change a browser makes; apps need none."""
    return system.current().keys.keyed_hash(str(session_id), "csrf") if client == "browser" else None
