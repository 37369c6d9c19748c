"""Confirming again who is there, before a sensitive act: by the strongest thing the person has."""

from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import passwords
from suite.accounts.errors import NoSecondFactor, SecondFactorNeeded, WrongPassword
from suite.accounts.models import Account, Session
from suite.factors import challenges
from suite.kernel import audit, clock, db, limits
from suite.kernel.errors import SignInNeeded
from suite.kernel.passwords import verify_password

USE = "step_up"
PASSWORD = "password"
PER_SESSION = limits.Allowance("confirm/account", times=10, seconds=900)


def methods(account_id: UUID) -> list[str]:
    """Give the ways a person can confirm: codes of the second factors, or the password where there are none."""
    return challenges.methods_of(challenges.confirmed(account_id)) or [PASSWORD]


def confirm_password(account: Account, session_id: UUID, password: str) -> None:
    """Make a session fresh again for five minutes, unless it or the password is another one after the hash."""
    if challenges.confirmed(account.id):
        raise SecondFactorNeeded
    judge_password(account, session_id, password)
    _refresh(session_id, account.id, Account.password_hash == account.password_hash, ~challenges.guarded(Account.id))


def judge_password(account: Account, session_id: UUID, password: str) -> None:
    """Count a try, then judge the password outside the transaction; a wrong one stays counted."""
    limits.take(PER_SESSION, f"{account.id}/{session_id}")
    db.settle()
    if not verify_password(passwords.normal(password), account.password_hash):
        audit.write("confirmation.failed", subject=account.id)
        raise WrongPassword
    limits.give_back(PER_SESSION, f"{account.id}/{session_id}")


def ask(account_id: UUID, session_id: UUID) -> challenges.Question:
    """Ask the person of a session for a second factor; the answer counts for this session alone."""
    question = challenges.ask(account_id, use=USE, bound_to=str(session_id), lane=str(session_id))
    if question is None:
        raise NoSecondFactor
    return question


def answer(account_id: UUID, session_id: UUID, *, challenge: str, method: str, code: str) -> None:
    """Make a session fresh again by the code of a second factor; the account is held, as `challenges` wants it."""
    challenges.answer(challenge, use=USE, bound_to=str(session_id), method=method, code=code)
    _refresh(session_id, account_id)


def _refresh(session_id: UUID, account_id: UUID, *conditions: object) -> None:
    same = select(Account.id).where(
        Account.id == account_id,
        Account.closed_at.is_(None),
        *conditions,  # type: ignore[arg-type]
    )
    found = db.session.execute(
        update(Session).where(Session.id == session_id, Session.account_id.in_(same)).values(fresh_at=clock.now())
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInNeeded
