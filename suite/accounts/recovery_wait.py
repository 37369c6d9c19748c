"""The way back of somebody who lost what a recovery asks for: three days in which the owner can say no.

Everything about it goes by mail, never by text message: phones serve security codes alone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from suite.accounts import letters, recovery_tickets, undo
from suite.accounts.models import Account, RecoveryWait, UndoLink
from suite.accounts.recovery_tickets import OPEN_FOR
from suite.kernel import audit, clock, db, jobs, system
from suite.messages import Letter, post

KIND = "wait"
WAIT = timedelta(hours=72)


def begin(account: Account) -> RecoveryWait:
    """Begin the wait, or keep the one that is there; asking again neither restarts nor shortens it."""
    from suite.accounts.jobs import open_wait  # jobs import stories

    now = clock.now()
    statement = system.current().database.insert(RecoveryWait)
    begun = db.session.execute(
        statement.values(account_id=account.id, asked_at=now, opens_at=now + WAIT)
        .on_conflict_do_update(
            index_elements=[RecoveryWait.account_id],
            set_={"asked_at": now, "opens_at": now + WAIT},
            where=RecoveryWait.opens_at <= now - OPEN_FOR,
        )
        .returning(RecoveryWait.account_id)
    ).first()
    wait = db.session.get(RecoveryWait, account.id, populate_existing=True)
    assert wait is not None
    if begun is not None:
        audit.write("recovery_wait.begun", subject=account.id)
        jobs.defer(open_wait, due_at=wait.opens_at, account_id=account.id)
        _write(account, letters.recovery.recovery_wait, wait)
    return wait


def tell_open(account_id: UUID) -> None:
    """Tell the owner that the wait is over; runs as a job, and finds nothing to do when it was stopped."""
    account = db.session.get(Account, account_id)
    wait = db.session.get(RecoveryWait, account_id)
    if account is None or account.closed_at is not None or account.blocked_at is not None or wait is None:
        return
    if wait.opens_at <= clock.now() < closes_at(wait):
        _write(account, letters.recovery.recovery_open, wait)


def closes_at(wait: RecoveryWait) -> datetime:
    """Give the instant until which a new password can be asked for without what was lost."""
    return wait.opens_at + OPEN_FOR


def stop(account: Account, _link: UndoLink) -> None:
    """Stop the wait and every recovery: the owner says that it was somebody else."""
    db.session.execute(delete(RecoveryWait).where(RecoveryWait.account_id == account.id))
    recovery_tickets.kill(account.id)
    audit.write("recovery_wait.stopped", subject=account.id)


undo.UNDOING[KIND] = stop


def tell_everywhere(account: Account, letter: Letter, *, kind: str, **facts: str) -> None:
    """Write to the address of an account, and to those it had before while their owners can still bring them back.

    A new address that waits for proof gets nothing: nobody showed that it belongs to the owner.
    """
    lives = undo.NOTICE_LIVES
    for address in dict.fromkeys((account.address, *_earlier(account.id))):
        given = {"time": clock.written(clock.now()), "undo": undo.make(account.id, kind, lives=lives)} | facts
        post(letter, person_id=account.id, to=address, language=account.language, facts=given)


def _write(account: Account, letter: Letter, wait: RecoveryWait) -> None:
    opens, closes = clock.written(wait.opens_at), clock.written(closes_at(wait))
    tell_everywhere(account, letter, kind=KIND, opens=opens, closes=closes)


def _earlier(account_id: UUID) -> list[str]:
    found = db.session.scalars(
        select(UndoLink.address)
        .where(
            UndoLink.account_id == account_id,
            UndoLink.address.is_not(None),
            UndoLink.used_at.is_(None),
            UndoLink.expires_at > clock.now(),
        )
        .order_by(UndoLink.id)
    )
    return [address for address in found if address is not None]
