"""Asking for a new password, and proving the mailbox with what was mailed.

Known and unknown addresses are treated alike in the request; the difference is made by a job afterwards. What
somebody hears who only asked never depends on the account: a code that never existed, was used or was replaced is
a wrong code like any other.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import letters, recovery_tickets
from suite.accounts.errors import CodeExpired, RecoveryCodeUsedUp, RecoveryGone, TooManyCodes, WrongCode
from suite.accounts.letters.recovery import LIVES
from suite.accounts.models import Account, Recovery
from suite.kernel import audit, clock, db, jobs, limits, sealed, secrets, system
from suite.kernel.errors import Refusal
from suite.kernel.fields import canonical_email
from suite.kernel.ids import new_id
from suite.messages import post

MAX_TRIES = 5
PER_NETWORK = limits.Allowance("recovery/network", times=30, seconds=3600)
PER_ADDRESS = limits.Allowance("recovery/address", times=8, seconds=3600)
MAILS_PER_ACCOUNT = limits.Allowance("recovery/mails", times=3, seconds=3600)
CODES_PER_ADDRESS = limits.Allowance("recovery/codes", times=20, seconds=24 * 3600, refusal=TooManyCodes)
"""Wrong codes over all requests for an address; asking again never gives more. The mailed link goes on working."""
_NO_CODE = "-" * 64


@dataclass(frozen=True)
class Proven:
    """A recovery whose mailbox was proven, with its ticket, which is stored only as a hash."""

    recovery: Recovery
    account: Account
    ticket: str


def ask(*, email: str, network: str) -> Recovery:
    """Take a request for a new password; whether there is such an account is nobody's business here."""
    from suite.accounts.jobs import answer_recovery  # jobs import stories

    key = canonical_email(email)
    limits.take(PER_NETWORK, network)
    limits.take(PER_ADDRESS, key)
    keys, recovery_id = system.current().keys, new_id()
    recovery = Recovery(
        id=recovery_id,
        asked_for=keys.seal(key, sealed.context("recoveries", recovery_id, "asked_for")),
        address_hash=keys.keyed_hash(key, "recovery_address"),
        asked_at=clock.now(),
    )
    db.session.add(recovery)
    db.session.flush()
    jobs.defer(answer_recovery, recovery_id=recovery_id)
    return recovery


def answer(recovery_id: UUID) -> None:
    """Behind the answer: mail code and link to the stored address of an open account; runs as a job."""
    recovery = db.session.get(Recovery, recovery_id)
    if recovery is None or recovery.asked_for is None:
        return
    key = system.current().keys.open(recovery.asked_for, sealed.context("recoveries", recovery_id, "asked_for"))
    recovery.asked_for = None
    account = _whose(key)
    if account is None or not _first_of_its_kind(recovery, account.id):
        return
    if not limits.room(MAILS_PER_ACCOUNT, str(account.id)):
        return
    recovery_tickets.kill(account.id)
    code, link = secrets.new_code(), secrets.new_token()
    recovery.account_id = account.id
    recovery.code_hash = _code_hashes(recovery_id, code)[0]
    recovery.link_hash = secrets.token_hash(link)
    db.session.flush()
    audit.write("recovery.mailed", subject=account.id)
    post(
        letters.recovery.reset_password,
        person_id=account.id,
        to=account.address,
        language=account.language,
        facts={"code": code, "link": link},
    )


def prove_by_code(recovery_id: UUID, code: str) -> Proven:
    """Prove the mailbox with the mailed code; the try is counted before the code is judged."""
    recovery = _try(recovery_id)
    limits.take(CODES_PER_ADDRESS, recovery.address_hash)
    known = recovery.code_hash or _NO_CODE
    if not any(secrets.same(one, known) for one in _code_hashes(recovery_id, code)):
        raise WrongCode
    proven = _prove(recovery, Recovery.code_hash == known, WrongCode)
    limits.refund(CODES_PER_ADDRESS, recovery.address_hash)
    return proven


def prove_by_link(token: str) -> Proven:
    """Prove the mailbox with the mailed link; wrong codes, which others may type, never close it."""
    mailed = Recovery.link_hash == secrets.token_hash(token)
    recovery = db.session.scalar(select(Recovery).where(mailed))
    if recovery is None or clock.now() - recovery.asked_at >= LIVES:
        raise RecoveryGone
    return _prove(recovery, mailed, RecoveryGone)


def _whose(key: str) -> Account | None:
    """Give the account of an address; closed and blocked ones get nothing. It is held until the commit."""
    return db.session.scalar(
        select(Account)
        .where(Account.email_key == key, Account.closed_at.is_(None), Account.blocked_at.is_(None))
        .with_for_update(key_share=True)
    )


def _first_of_its_kind(recovery: Recovery, account_id: UUID) -> bool:
    """Say whether a mail still makes sense: its code is not too old, and no later request was answered already."""
    later = select(Recovery.id).where(Recovery.account_id == account_id, Recovery.asked_at > recovery.asked_at)
    return clock.now() - recovery.asked_at < LIVES and db.session.scalar(later.limit(1)) is None


def _try(recovery_id: UUID) -> Recovery:
    counted = db.session.execute(
        update(Recovery).where(Recovery.id == recovery_id, Recovery.tries < MAX_TRIES).values(tries=Recovery.tries + 1)
    )
    recovery = db.session.scalar(
        select(Recovery).where(Recovery.id == recovery_id).execution_options(populate_existing=True)
    )
    if recovery is None:
        raise RecoveryGone
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise RecoveryCodeUsedUp
    if clock.now() - recovery.asked_at >= LIVES:
        raise CodeExpired
    return recovery


def _prove(recovery: Recovery, mailed: Any, refusal: type[Refusal]) -> Proven:
    """Spend code and link together and give a ticket; of many at once exactly one gets it."""
    ticket = secrets.new_token()
    open_accounts = select(Account.id).where(Account.closed_at.is_(None), Account.blocked_at.is_(None))
    spent = db.session.execute(
        update(Recovery)
        .where(Recovery.id == recovery.id, mailed, Recovery.account_id.in_(open_accounts))
        .values(code_hash=None, link_hash=None, ticket_hash=secrets.token_hash(ticket), proven_at=clock.now())
    )
    account = db.session.get(Account, recovery.account_id) if recovery.account_id else None
    if spent.rowcount != 1 or account is None:  # type: ignore[attr-defined]
        raise refusal
    audit.write("recovery.proven", subject=account.id)
    return Proven(recovery, account, ticket)


def _code_hashes(recovery_id: UUID, code: str) -> tuple[str, ...]:
    """Give the hash under every key, newest first: a code mailed before a rotation still works."""
    return system.current().keys.keyed_hashes(f"{recovery_id}/{code}", "recovery")
