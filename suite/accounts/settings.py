"""What an owner can look at and change: language, preferences, consents, the password."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import address, letters, memberships, passwords, recovery_tickets, sessions, stepup, undo
from suite.accounts.errors import SecondFactorNeeded
from suite.accounts.models import Account, AddressChange, SecurityQuestion
from suite.declarations import Consent
from suite.factors import challenges
from suite.kernel import audit, db, versions
from suite.kernel.errors import NotFound, SignInAgain, SignInNeeded
from suite.kernel.passwords import hash_password
from suite.privacy import (
    GIVEN,
    consent_choices,
    declared,
    give_consent,
    in_words,
    may_be_changed,
    withdraw_consent,
)


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
    may_be_changed(account.id)
    values = dict(given)
    fields = [name for name in given if name != "preferences"]
    if "preferences" in given:
        merged = account.preferences | given["preferences"]
        values["preferences"] = {name: value for name, value in merged.items() if value is not None}
        fields += [f"preferences.{name}" for name in given["preferences"]]
    versions.change(account, seen, **values)
    audit.write("settings.changed", subject=account.id, fields=sorted(fields))


@dataclass(frozen=True)
class Choice:
    """A question a service of the person asks, and the latest answer; without one it is no."""

    service: str
    purpose: str
    text: str
    version: str
    given: bool
    since: datetime | None


def choices(account_id: UUID, language: str) -> list[Choice]:
    """Give every consent the services of a person ask for."""
    latest = consent_choices(account_id)
    services = declared().services
    found = []
    for membership in memberships.live(account_id):
        for consent in services[membership.service].consents:
            entry = latest.get((membership.service, consent.key))
            found.append(
                Choice(
                    membership.service,
                    consent.key,
                    in_words(consent, language)[0],
                    str(consent.version),
                    entry is not None and entry.state == GIVEN,
                    entry.at if entry is not None else None,
                )
            )
    return found


def choose(account: Account, service: str, purpose: str, *, given: bool, language: str) -> Choice:
    """Give or withdraw one consent; the ledger gets an entry only when that changes something.

    The account is locked by its caller, so that of many at once one writes.
    """
    if given:
        may_be_changed(account.id)
    consent = _asked(account.id, service, purpose)
    entry = consent_choices(account.id).get((service, purpose))
    text, tongue = in_words(consent, language)
    if given != (entry is not None and entry.state == GIVEN):
        record = give_consent if given else withdraw_consent
        entry = record(account.id, consent, service=service, language=tongue, method="settings")
        audit.write("consent.changed", subject=account.id, service=service, purpose=purpose, given=given)
    return Choice(service, purpose, text, str(consent.version), given, entry.at if entry is not None else None)


def _asked(account_id: UUID, service: str, purpose: str) -> Consent:
    memberships.one(account_id, service)
    for consent in declared().services[service].consents:
        if consent.key == purpose:
            return consent
    raise NotFound


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
