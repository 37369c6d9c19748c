"""Signing in, and confirming the password again for sensitive acts."""

from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from suite.accounts import passwords
from suite.accounts.errors import WrongCredentials, WrongPassword
from suite.accounts.models import Account, Session
from suite.kernel import audit, clock, db, limits, secrets, system
from suite.kernel.access import Actor, ActorKind, person_id
from suite.kernel.errors import SignInNeeded
from suite.kernel.fields import canonical_email
from suite.kernel.log import log
from suite.kernel.passwords import hash_password, verify_password

PER_NETWORK = limits.Allowance("sign_in/network", times=100, seconds=900)
PER_ADDRESS_AND_NETWORK = limits.Allowance("sign_in/address_network", times=10, seconds=900)
PER_ADDRESS = limits.Allowance("sign_in/address", times=50, seconds=3600)
PER_SESSION = limits.Allowance("confirm/account", times=10, seconds=900)


@dataclass(frozen=True)
class Lifetime:
    """How long a session lives unused and at all."""

    idle: timedelta
    whole: timedelta


LIFETIMES = {
    "browser": Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    "app": Lifetime(timedelta(days=14), timedelta(days=30)),
}


def sign_in(
    email: str, password: str, *, client: str, user_agent: str | None, network: str, replaces: str | None = None
) -> tuple[Session, str]:
    """Open a session; return it with its token, which is stored only as a hash.

    The session a browser had before ends: `replaces` is its cookie.

    The attempt is counted before the password is judged, and an unknown address costs the same work.
    """
    key = canonical_email(email)
    limits.take(PER_NETWORK, network)
    limits.take(PER_ADDRESS_AND_NETWORK, f"{key}\0{network}")
    limits.take(PER_ADDRESS, key)
    account = db.session.scalar(select(Account).where(Account.email_key == key, Account.closed_at.is_(None)))
    db.settle()
    plain = passwords.normal(password)
    if not verify_password(plain, account.password_hash if account else None) or account is None:
        raise WrongCredentials
    fresh_hash = hash_password(plain) if system.current().hashes.outdated(account.password_hash) else None
    _still_the_same(account, fresh_hash)
    limits.give_back(PER_ADDRESS_AND_NETWORK, f"{key}\0{network}")
    limits.give_back(PER_ADDRESS, key)
    if replaces is not None:
        db.session.execute(
            delete(Session).where(Session.token_hash == secrets.token_hash(replaces), Session.client == client)
        )
    return _open(account.id, client, user_agent)


def confirm_password(account: Account, session_id: UUID, password: str) -> None:
    """Make a session fresh again for five minutes, unless it or the password is another one after the hash."""
    limits.take(PER_SESSION, str(account.id))
    db.settle()
    if not verify_password(passwords.normal(password), account.password_hash):
        raise WrongPassword
    same = select(Account.id).where(
        Account.id == account.id, Account.password_hash == account.password_hash, Account.closed_at.is_(None)
    )
    found = db.session.execute(
        update(Session).where(Session.id == session_id, Session.account_id.in_(same)).values(fresh_at=clock.now())
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInNeeded
    limits.give_back(PER_SESSION, str(account.id))


def recognise(credential: str, client: str) -> Actor | None:
    """Find who a token or cookie belongs to: one SELECT, and a write at most every few minutes."""
    now = clock.now()
    with db.reading() as connection:
        row = connection.execute(_LOOK_UP, {"token_hash": secrets.token_hash(credential)}).first()
    if row is None or row.client != client or row.expires_at <= now:
        return None
    idle = LIFETIMES[client].idle
    if row.seen_at + idle <= now:
        return None
    if now - row.seen_at > min(idle / 6, timedelta(minutes=5)):
        _touch(row.id, row.seen_at)
    csrf = system.current().keys.keyed_hash(str(row.id), "csrf") if client == "browser" else None
    return Actor(ActorKind.ACCOUNT, row.account_id, row.id, row.fresh_at, csrf, row)


_LOOK_UP = (
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
    .where(Session.token_hash == bindparam("token_hash"), Account.closed_at.is_(None))
)


def csrf_token(session: Session) -> str:
    """Give the token that must accompany every change a browser session makes."""
    return system.current().keys.keyed_hash(str(session.id), "csrf")


def signed_in_account() -> Account:
    """Load the account of the caller for a change, and keep it from being closed meanwhile."""
    account = db.session.get(Account, person_id(), with_for_update={"key_share": True})
    if account is None or account.closed_at is not None:
        raise SignInNeeded
    return account


_ACCOUNTS = cast("Table", Account.__table__)
_KEEP = (
    update(_ACCOUNTS)
    .where(
        _ACCOUNTS.c.id == bindparam("of"),
        _ACCOUNTS.c.password_hash == bindparam("known"),
        _ACCOUNTS.c.closed_at.is_(None),
    )
    .values(password_hash=bindparam("fresh"))
)


def _still_the_same(account: Account, fresh_hash: str | None) -> None:
    """Refuse when the account was closed or its password changed while the hash was computed."""
    found = db.session.execute(
        _KEEP,
        {"of": account.id, "known": account.password_hash, "fresh": fresh_hash or account.password_hash},
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise WrongCredentials


def _open(account_id: UUID, client: str, user_agent: str | None) -> tuple[Session, str]:
    now = clock.now()
    token = secrets.new_token()
    session = Session(
        account_id=account_id,
        token_hash=secrets.token_hash(token),
        client=client,
        user_agent=(user_agent or "")[:200] or None,
        created_at=now,
        seen_at=now,
        fresh_at=now,
        expires_at=now + LIFETIMES[client].whole,
    )
    db.session.add(session)
    db.session.flush()
    audit.write("session.opened", subject=account_id, client=client)
    return session, token


def _touch(session_id: UUID, seen_at: object) -> None:
    """Note that a session is in use, unless somebody just did; reading goes on when nothing can be written."""
    statement = update(Session).where(Session.id == session_id, Session.seen_at == seen_at)
    if db.holds_nothing():
        try:
            with system.current().database.engine.begin() as connection:
                connection.execute(statement.values(seen_at=clock.now()))
        except SQLAlchemyError as problem:
            log.warning("session_use_not_noted", exc_info=problem)
