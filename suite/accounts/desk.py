"""What staff may do with an account; who of them may, says the route.

Exact search only: there is no list of accounts. Every look and every act leaves an entry that the owner can read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update

from suite.accounts import joints, letters, memberships, sessions, signup
from suite.accounts.errors import AccountIsClosed, AlreadyBlocked, NotBlocked
from suite.accounts.letters.desk import REASONS
from suite.accounts.models import Account, Membership, Registration
from suite.declarations.categories import in_words
from suite.factors import challenges
from suite.kernel import audit, clock, db
from suite.kernel.errors import NotFound, Refusal
from suite.kernel.fields import canonical_email
from suite.kernel.models import AuditEntry
from suite.kernel.words import in_language
from suite.messages import Letter, post

OPEN, BLOCKED, CLOSED = "open", "blocked", "closed"
BLOCK_REASONS = tuple(REASONS)
UNBLOCK_REASONS = ("owner_proven", "mistake", "resolved")


@dataclass(frozen=True)
class State:
    """Whether an account is open, blocked or closed, since when, and why."""

    state: str
    since: datetime
    reason: str | None


@dataclass(frozen=True)
class Overview:
    """What staff see of an account: enough to help its owner, and nothing he told a service."""

    account: Account
    state: State
    memberships: list[Membership]
    factors: list[str]
    sessions: int
    last_sign_in: datetime | None


def state_of(account: Account) -> State:
    """Say whether an account is open, blocked or closed."""
    if account.closed_at is not None:
        return State(CLOSED, account.closed_at, None)
    if account.blocked_at is not None:
        return State(BLOCKED, account.blocked_at, account.block_reason)
    return State(OPEN, account.created_at, None)


def search(*, email: str | None = None, account_id: UUID | None = None) -> Account | None:
    """Find an account by its exact address or number; of closed ones with one address, the newest."""
    named = Account.id == account_id if email is None else Account.email_key == canonical_email(email)
    found = db.session.scalar(
        select(Account).where(named).order_by(Account.closed_at.is_not(None), Account.closed_at.desc()).limit(1)
    )
    audit.write("account.searched", subject=found.id if found else None, found=found is not None)
    return found


def one(account_id: UUID) -> Account:
    """Give an account."""
    found = db.session.get(Account, account_id)
    if found is None:
        raise NotFound
    return found


def look(account_id: UUID) -> Overview:
    """Look at an account."""
    account = one(account_id)
    last = db.session.scalar(
        select(func.max(AuditEntry.at)).where(audit.about(account_id), AuditEntry.action == "session.opened")
    )
    audit.write("account.viewed", subject=account_id)
    return Overview(
        account,
        state_of(account),
        memberships.live(account_id),
        [factor.kind for factor in challenges.confirmed(account_id)],
        len(sessions.live(account_id)),
        last,
    )


def block(account_id: UUID, reason: str) -> Account:
    """Block an account: every session ends, and nobody can sign in until it is opened again."""
    joints.say_farewell(account_id, None, joints.Leaving.BLOCKED)
    account = _change(account_id, blocked_at=clock.now(), block_reason=reason)
    sessions.end_all(account_id)
    audit.write("account.blocked", subject=account_id, reason=reason)
    _tell(account, letters.desk.blocked, reason=in_language(REASONS[reason], account.language))
    return account


def unblock(account_id: UUID, reason: str) -> Account:
    """Open a blocked account again."""
    account = _change(account_id, blocked_at=None, block_reason=None)
    audit.write("account.unblocked", subject=account_id, reason=reason)
    _tell(account, letters.desk.unblocked)
    return account


def end_sessions(account_id: UUID) -> int:
    """End every session of an account; return how many."""
    return sessions.end_all(one(account_id).id)


def resend_code(email: str) -> None:
    """Send another code for the newest registration of an address, if one waits and may get another.

    Whether there is one is not told, so nothing is: the entry in the audit trail says what was done.
    """
    newest = db.session.scalar(
        select(Registration.id)
        .where(Registration.email_key == canonical_email(email))
        .order_by(Registration.id.desc())
        .limit(1)
    )
    audit.write("registration.resent", subject=newest, sent=newest is not None and _resent(newest))


def tell_of_disclosure(account_id: UUID, *, categories: Iterable[str], **ground: str) -> None:
    """Tell the owner of an account, closed or not, what a law obliged us to hand over."""
    said = ", ".join(in_words(category) for category in categories)
    _tell(one(account_id), letters.desk.disclosed, categories=said, **ground)


def _resent(registration_id: UUID) -> bool:
    try:
        with db.session.begin_nested():
            signup.resend(registration_id)
    except Refusal:
        return False
    return True


def _change(account_id: UUID, *, blocked_at: datetime | None, block_reason: str | None) -> Account:
    """Block or open an account; of many at once exactly one does it."""
    now_so = Account.blocked_at.is_(None) if blocked_at is not None else Account.blocked_at.is_not(None)
    changed = db.session.execute(
        update(Account)
        .where(Account.id == account_id, Account.closed_at.is_(None), now_so)
        .values(blocked_at=blocked_at, block_reason=block_reason)
        .execution_options(synchronize_session=False)
    )
    account = db.session.get(Account, account_id, populate_existing=True)
    if account is None:
        raise NotFound
    if account.closed_at is not None:
        raise AccountIsClosed
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyBlocked if blocked_at is not None else NotBlocked
    return account


def _tell(account: Account, letter: Letter, **facts: str) -> None:
    post(letter, person_id=account.id, to=account.address, language=account.language, facts=facts)
