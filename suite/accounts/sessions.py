"""Seeing and ending sessions, and how long they live."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from suite.accounts.models import Session
from suite.factors import challenges
from suite.kernel import audit, clock, db
from suite.kernel.errors import NotFound
from suite.kernel.sessions import Lifetime

LIFETIMES = {
    "browser": Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    "app": Lifetime(timedelta(days=14), timedelta(days=30)),
}


def live(account_id: UUID) -> list[Session]:
    """Give the sessions of a person that still open something, newest first."""
    now = clock.now()
    found = db.session.scalars(
        select(Session)
        .where(Session.account_id == account_id, Session.expires_at > now)
        .order_by(Session.id.desc())
        .limit(200)
    )
    return [session for session in found if session.seen_at + LIFETIMES[session.client].idle > now]


def end(account_id: UUID, session_id: UUID) -> None:
    """End one session of a person, at once and everywhere."""
    ended = db.session.execute(delete(Session).where(Session.id == session_id, Session.account_id == account_id))
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    audit.write("session.ended", subject=account_id)


def end_all(account_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of a person except, if named, one, and what waits for a code; return how many sessions."""
    challenges.forget(account_id)
    statement = delete(Session).where(Session.account_id == account_id)
    if but is not None:
        statement = statement.where(Session.id != but)
    count = int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
    audit.write("sessions.ended", subject=account_id, sessions=count)
    return count
