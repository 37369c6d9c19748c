"""Signing in: the password first, then a second factor where there is one."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, update

from suite.accounts import devices, letters, passwords, undo
from suite.accounts.errors import AccountBlocked, WrongCredentials
from suite.accounts.models import Account, RecoveryWait, Session
from suite.accounts.sessions import LIFETIMES
from suite.factors import challenges
from suite.factors.errors import ChallengeGone, WrongFactorCode
from suite.kernel import audit, clock, db, gate, known_devices, limits, secrets
from suite.kernel.fields import canonical_email
from suite.kernel.ids import new_id

USE = "sign_in"
PER_NETWORK = limits.Allowance("sign_in/network", times=100, seconds=900)
PER_ADDRESS_AND_NETWORK = limits.Allowance("sign_in/address_network", times=10, seconds=900)
PER_ADDRESS = limits.Allowance("sign_in/address", times=50, seconds=3600)
PER_DEVICE = limits.Allowance("sign_in/device", times=10, seconds=900)

QUIET = limits.Allowance("sign_in/wrong_code", times=4, seconds=24 * 3600)
WARNING = limits.Allowance("sign_in/warning", times=1, seconds=24 * 3600)
NOTICES = limits.Allowance("sign_in/new_device", times=5, seconds=24 * 3600)
"""So often a day the owner hears of new devices; who knows the password cannot fill the mailbox."""
NEW = timedelta(hours=24)


@dataclass(frozen=True)
class Caller:
    """What is known of who signs in: kind of client, its own words about itself, network, tokens it kept."""

    client: str
    user_agent: str | None
    network: str
    device: str | None = field(default=None, repr=False)
    replaces: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Entered:
    """An open session with its token and that of the device; both are stored only as hashes."""

    session: Session
    token: str = field(repr=False)
    device: str = field(repr=False)


def sign_in(email: str, password: str, caller: Caller) -> Entered | challenges.Question:
    """Judge the password; open a session, or ask for the second factor.

    The attempt is counted before the password is judged, and an unknown address costs the same work.
    """
    key = canonical_email(email)
    device = devices.known(caller.device, key)
    counted = _gate().count(key, caller.network, device)
    account = db.session.scalar(_FIND, {"key": key})
    db.settle()
    kept = gate.judge(passwords.normal(password), account.password_hash if account else None)
    if account is None or kept is None:
        audit.write("sign_in.failed", subject=account.id if account else None)
        raise WrongCredentials
    blocked_at = _still_the_same(account, kept)
    gate.forget(counted)
    if blocked_at is not None:
        raise AccountBlocked
    question = challenges.ask(account.id, use=USE, bound_to=caller.client, lane=str(device or ""))
    return question or _enter(account, caller, caller.client)


def answer(challenge: str, *, method: str, code: str, caller: Caller) -> Entered:
    """Judge the code of a second factor and open the session the password asked for.

    The account is locked before the challenge, as everywhere: what blocks or closes it waits, or is seen.
    """
    asked = challenges.person_of(challenge)
    account = db.session.get(Account, asked, with_for_update={"key_share": True}) if asked else None
    if account is None or account.closed_at is not None:
        raise ChallengeGone
    if account.blocked_at is not None:
        raise AccountBlocked
    try:
        passed = challenges.answer(challenge, use=USE, method=method, code=code)
    except WrongFactorCode:
        _warn(account)
        raise
    return _enter(account, caller, passed.bound_to)


def forgive(account: Account, network: str) -> None:
    """Forget the attempts counted for an account, here and on its known devices: its owner has a new password."""
    gate.forget(_gate().counted(account.email_key, network))
    gate.forget([(PER_DEVICE, str(device)) for device in devices.all_of(account.id)])


def _gate() -> gate.Gate:
    return gate.Gate(PER_NETWORK, PER_ADDRESS_AND_NETWORK, PER_ADDRESS, PER_DEVICE)


_FIND = select(Account).where(Account.email_key == bindparam("key"), Account.closed_at.is_(None))
_ACCOUNTS = cast("Table", Account.__table__)
_KEEP = (
    update(_ACCOUNTS)
    .where(
        _ACCOUNTS.c.id == bindparam("of"),
        _ACCOUNTS.c.password_hash == bindparam("known"),
        _ACCOUNTS.c.closed_at.is_(None),
    )
    .values(password_hash=bindparam("kept"), seen_at=bindparam("now"))
    .returning(_ACCOUNTS.c.blocked_at)
)


def _still_the_same(account: Account, kept: str) -> datetime | None:
    """Refuse when the account was closed or its password changed meanwhile; say since when it is blocked."""
    values = {"of": account.id, "known": account.password_hash, "kept": kept, "now": clock.now()}
    found = db.session.execute(_KEEP, values).first()
    if found is None:
        raise WrongCredentials
    blocked_at: datetime | None = found.blocked_at
    return blocked_at


def _enter(account: Account, caller: Caller, client: str) -> Entered:
    if caller.replaces is not None:
        db.session.execute(
            delete(Session).where(Session.token_hash == secrets.token_hash(caller.replaces), Session.client == client)
        )
    # Who gets in needs no way around what was lost, so a wait that somebody began ends here.
    db.session.execute(delete(RecoveryWait).where(RecoveryWait.account_id == account.id))
    agent = (caller.user_agent or "")[:200] or None
    session, token = _open(account.id, client, agent)
    device, known = devices.remember(account.id, caller.device, agent)
    if not known and not _new(account) and limits.room(NOTICES, str(account.id)):
        undo.tell(account, letters.notices.new_device, device=known_devices.described(agent))
    return Entered(session, token, device)


def _new(account: Account) -> bool:
    """Say whether an account is so new that its owner knows of every sign-in."""
    return clock.now() - account.created_at < NEW


def _warn(account: Account) -> None:
    """Tell the owner that somebody knows the password: at the fifth wrong code of a day, over all challenges."""
    if not limits.room(QUIET, str(account.id)) and limits.room(WARNING, str(account.id)):
        undo.tell(account, letters.notices.guessed)


_OPEN = insert(cast("Table", Session.__table__))
_COLUMNS = Session.__table__.columns.keys()


def _open(account_id: UUID, client: str, user_agent: str | None) -> tuple[Session, str]:
    now = clock.now()
    token = secrets.new_token()
    session = Session(
        id=new_id(),
        account_id=account_id,
        token_hash=secrets.token_hash(token),
        client=client,
        user_agent=user_agent,
        created_at=now,
        seen_at=now,
        fresh_at=now,
        expires_at=now + LIFETIMES[client].whole,
    )
    db.session.execute(_OPEN, {column: getattr(session, column) for column in _COLUMNS})
    audit.write("session.opened", subject=account_id, client=client)
    return session, token
