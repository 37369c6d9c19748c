"""Who a token or cookie belongs to."""

from datetime import timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from suite.accounts.models import Account, Session
from suite.accounts.sessions import LIFETIMES
from suite.kernel import clock, db, secrets, system
from suite.kernel.access import Actor, ActorKind, person_id
from suite.kernel.errors import SignInNeeded
from suite.kernel.log import log


def recognise(credential: str, client: str) -> Actor | None:
    """Find who a token or cookie belongs to: one SELECT, and a write at most every few minutes."""
    now = clock.now()
    row = _LOOK_UP.first(token_hash=secrets.token_hash(credential))
    if row is None or row.client != client or row.expires_at <= now:
        return None
    idle = LIFETIMES[client].idle
    if row.seen_at + idle <= now:
        return None
    if now - row.seen_at > min(idle / 6, timedelta(minutes=5)):
        _touch(row.id, row.seen_at)
    csrf = system.current().keys.keyed_hash(str(row.id), "csrf") if client == "browser" else None
    return Actor(ActorKind.ACCOUNT, row.account_id, row.id, row.fresh_at, csrf, row)


_LOOK_UP = db.Prepared(
    select(
        Session.id,
        Session.account_id,
        Session.client,
        Session.seen_at,
        Session.fresh_at,
        Session.expires_at,
        Account.address,
        Account.language,
        Account.created_at,
    )
    .join(Account, Account.id == Session.account_id)
    .where(Session.token_hash == bindparam("token_hash"), Account.closed_at.is_(None), Account.blocked_at.is_(None))
)


def csrf_token(session: Session) -> str:
    """Give the token that must accompany every change a browser session makes."""
    return system.current().keys.keyed_hash(str(session.id), "csrf")


def signed_in_account() -> Account:
    """Load the account of the caller for a change, and keep it from being closed meanwhile."""
    account = db.session.get(Account, person_id(), with_for_update={"key_share": True})
    if account is None or account.closed_at is not None or account.blocked_at is not None:
        raise SignInNeeded
    return account


def _touch(session_id: object, seen_at: object) -> None:
    """Note that a session is in use, unless somebody just did; reading goes on when nothing can be written."""
    statement = update(Session).where(Session.id == session_id, Session.seen_at == seen_at)
    if db.holds_nothing():
        try:
            with system.current().database.engine.begin() as connection:
                connection.execute(statement.values(seen_at=clock.now()))
        except SQLAlchemyError as problem:
            log.warning("session_use_not_noted", exc_info=problem)
