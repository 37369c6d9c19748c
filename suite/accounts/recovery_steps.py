"""From the proven mailbox to a new password: the security question and the second factor, each where there is one.

Where somebody stands is computed anew at each step, never remembered: what is asked now is what counts. A frozen
account may recover like any other, because recovering is how an owner gets rid of whoever made them freeze it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update

from suite.accounts import (
    answers,
    letters,
    passwords,
    questions,
    recovery_tickets,
    recovery_wait,
    sessions,
    signin,
    undo,
)
from suite.accounts.errors import NotThisStep, RecoveryGone, WrongAnswer
from suite.accounts.models import Account, AddressChange, Recovery, RecoveryWait, SecurityQuestion
from suite.accounts.recovery import Proven
from suite.factors import challenges, enrolment
from suite.kernel import audit, clock, db
from suite.kernel.passwords import hash_password

USE = "recovery"
QUESTION, SECOND_FACTOR, PASSWORD = "question", "second_factor", "password"


@dataclass(frozen=True)
class Step:
    """What is asked next of the holder of a ticket."""

    ticket: str
    expires_at: datetime
    next: str
    question: SecurityQuestion | None
    challenge: challenges.Question | None


def first(proven: Proven) -> Step:
    """Give the first step of somebody who just proved the mailbox."""
    return _step(proven.recovery, proven.account, proven.ticket)


def answer_question(ticket: str, answer: str) -> Step:
    """Judge the answer to the security question; the fifth wrong one ends the recovery, too."""
    recovery, account = at(ticket, QUESTION)
    try:
        answers.judge(account.id, answer)
    except WrongAnswer as wrong:
        if wrong.facts["left"] == 0:
            recovery_tickets.kill(account.id)
        raise
    recovery_tickets.note(recovery, answered_at=clock.now())
    return _step(recovery, account, ticket)


def answer_factor(ticket: str, *, challenge: str, method: str, code: str) -> Step:
    """Judge the code of a second factor; the challenge belongs to this recovery alone.

    Its wrong codes have a lane of their own: who knows the password but not the mailbox cannot close this way.
    """
    recovery, account = at(ticket, SECOND_FACTOR)
    challenges.answer(challenge, use=USE, bound_to=str(recovery.id), method=method, code=code)
    recovery_tickets.note(recovery, factor_at=clock.now())
    return _step(recovery, account, ticket)


def set_password(ticket: str, password: str, *, network: str) -> None:
    """Set a new password and end everything that rested on the old one; nobody is signed in by it."""
    _, account = at(ticket, PASSWORD)
    passwords.check(password, context=passwords.about(account))
    db.settle()
    password_hash = hash_password(passwords.normal(password))
    # Everything is asked again: meanwhile the ticket may be spent, the account closed, the wait stopped.
    recovery, account = at(ticket, PASSWORD)
    waived = recovery_tickets.waived(recovery)
    recovery_tickets.note(recovery, ticket_hash=None)
    _replace(account, password_hash)
    recovery_tickets.kill(account.id)
    _end_what_rested_on_the_old(account)
    signin.forgive(account, network)
    audit.write("password.reset", subject=account.id, waived=waived)
    if waived:
        enrolment.remove_all(account.id)
        questions.forget(account.id)
        recovery_wait.tell_everywhere(account, letters.recovery.reset_after_wait, kind=undo.NOT_ME)
    else:
        undo.tell(account, letters.notices.password_reset)


def at(ticket: str, *steps: str) -> tuple[Recovery, Account]:
    """Give the recovery and the account of a ticket whose holder stands at one of these steps."""
    recovery, account = recovery_tickets.find(ticket)
    present = _where(recovery, account)
    if present not in steps:
        raise NotThisStep(next=present)
    return recovery, account


def _where(recovery: Recovery, account: Account) -> str:
    if recovery_tickets.waived(recovery):
        return PASSWORD
    if recovery.answered_at is None and questions.asked(account.id) is not None:
        return QUESTION
    if recovery.factor_at is None and challenges.confirmed(account.id):
        return SECOND_FACTOR
    return PASSWORD


def _step(recovery: Recovery, account: Account, ticket: str) -> Step:
    following = _where(recovery, account)
    question = questions.asked(account.id) if following == QUESTION else None
    challenge = None
    if following == SECOND_FACTOR:
        challenge = challenges.ask(account.id, use=USE, bound_to=str(recovery.id), lane=USE)
    return Step(ticket, recovery_tickets.expires_at(recovery), following, question, challenge)


def _replace(account: Account, password_hash: str) -> None:
    replaced = db.session.execute(
        update(Account)
        .where(Account.id == account.id, Account.closed_at.is_(None), Account.blocked_at.is_(None))
        .values(password_hash=password_hash)
    )
    if replaced.rowcount != 1:  # type: ignore[attr-defined]
        raise RecoveryGone


def _end_what_rested_on_the_old(account: Account) -> None:
    sessions.end_all(account.id)
    for table in (AddressChange, RecoveryWait):
        db.session.execute(delete(table).where(table.account_id == account.id))
