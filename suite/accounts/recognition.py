"""Who a token or cookie belongs to."""

from datetime import timedelta

from sqlalchemy import bindparam, select

from suite.accounts.contacts import find_open
from suite.accounts.models import Account, Session
from suite.accounts.sessions import LIFETIMES
from suite.kernel import clock, db, secrets, sessions
from suite.kernel.access import Actor, ActorKind, person_id
from suite.kernel.errors import SignInNeeded

_USED = timedelta(days=1)


def recognise(credential: str, client: str) -> Actor | None:
    """Find who a token or cookie belongs to: one SELECT, and a write at most every few minutes."""
    row = _LOOK_UP.first(token_hash=secrets.token_hash(credential))
    if row is None or row.client != client or LIFETIMES[client].over(row.seen_at, row.expires_at):
        return None
    sessions.note_use(Session, row.id, row.seen_at, LIFETIMES[client])
    if clock.now() - row.used_at > _USED:
        sessions.note_use(Account, row.account_id, row.used_at, LIFETIMES[client])
    csrf = sessions.csrf_token(row.id, client)
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
        Account.seen_at.label("used_at"),
    )
    .join(Account, Account.id == Session.account_id)
    .where(Session.token_hash == bindparam("token_hash"), Account.closed_at.is_(None), Account.blocked_at.is_(None))
)


def unlocked_account() -> Account:
    """Load the account of the caller without locking it, for stories that lock a company first."""
    account = find_open(person_id())
    if account is None or account.blocked_at is not None:
        raise SignInNeeded
    return account


def signed_in_account() -> Account:
    """Load the account of the caller for a change, and keep it from being closed meanwhile."""
    account = db.session.get(Account, person_id(), with_for_update={"key_share": True})
    if account is None or account.closed_at is not None or account.blocked_at is not None:
        raise SignInNeeded
    return account
