"""What an owner can look at and change: language, preferences, the password."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import address, letters, passwords, recovery_tickets, sessions, stepup, undo
from suite.accounts.errors import SecondFactorNeeded
from suite.accounts.models import Account, AddressChange, SecurityQuestion
from suite.factors import challenges
from suite.kernel import audit, db, versions
from suite.kernel.errors import ChangedMeanwhile, SignInAgain, SignInNeeded
from suite.kernel.passwords import hash_password
from suite.privacy import changeable, may_be_changed


@dataclass(frozen=True)
class Overview:
    """What an account is set to."""

    account: Account
    pending: AddressChange | None
    question: bool
    factors: int


def look(account_id: UUID) -> Overview:
    """Give everything an owner may look at."""
    account = db.session.get(Account, account_id)
    if account is None:
        raise SignInNeeded
    question = select(SecurityQuestion.account_id).where(SecurityQuestion.account_id == account_id)
    return Overview(
        account,
        address.waiting(account_id),
        db.session.scalar(question) is not None,
        len(challenges.confirmed(account_id)),
    )


def change(account: Account, seen: versions.State, given: dict[str, Any]) -> None:
    """Change language and preferences, field by field; null takes a preference back."""
    values = dict(given)
    fields = [name for name in given if name != "preferences"]
    if "preferences" in given:
        merged = account.preferences | given["preferences"]
        values["preferences"] = {name: value for name, value in merged.items() if value is not None}
        fields += [f"preferences.{name}" for name in given["preferences"]]
    try:
        versions.change(account, seen, changeable(account.id), **values)
    except ChangedMeanwhile:
        may_be_changed(account.id)
        raise
    audit.write("settings.changed", subject=account.id, fields=sorted(fields))


def change_password(
    account: Account, session_id: UUID, *, password: str, current: str | None, fresh: bool, end_others: bool
) -> None:
    """Set another password, for somebody who gave the present one or confirmed lately who is there."""
    undo.may_change(account)
    if not fresh:
        _password_is_enough(account, current)
    passwords.check(password, context=passwords.about(account))
    known = account.password_hash
    if current is not None:
        stepup.judge_password(account, session_id, current)
    db.settle()
    # A factor confirmed while the hashes were computed stands above the password from then on.
    alone = () if fresh else (~challenges.guarded(Account.id),)
    _replace(account, known, hash_password(passwords.normal(password)), *alone)
    challenges.forget(account.id)
    recovery_tickets.kill(account.id)
    audit.write("password.changed", subject=account.id)
    undo.tell(account, letters.notices.password_changed)
    if end_others:
        sessions.end_all(account.id, but=session_id)


def _password_is_enough(account: Account, current: str | None) -> None:
    """Refuse to go by the present password where it is not given, or where a second factor stands above it."""
    if current is None:
        raise SignInAgain
    if challenges.confirmed(account.id):
        raise SecondFactorNeeded


def _replace(account: Account, known: str, made: str, *conditions: Any) -> None:
    """Store the new hash, unless the password or the account is another one since the hash was begun."""
    changed = db.session.execute(
        update(Account)
        .where(
            Account.id == account.id,
            Account.password_hash == known,
            Account.closed_at.is_(None),
            Account.blocked_at.is_(None),
            *conditions,
        )
        .values(password_hash=made)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInAgain
    db.session.refresh(account)
    undo.may_change(account)
