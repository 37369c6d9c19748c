"""What the Administrator of a company may do for a colleague; who is a colleague of whom, knows the part above.

Only what this one service was told, and the language: nothing here shows or sets a password, a second factor, the
address, or what another service knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from suite.accounts import letters, memberships, recovery_tickets, sessions
from suite.accounts.errors import NotChangeableNow
from suite.accounts.models import PROFILE_FIELDS, Account, Membership, Recovery, profile_of
from suite.kernel import audit, clock, db, limits, secrets, system, versions
from suite.kernel.access import person_id as caller
from suite.kernel.errors import ChangedMeanwhile, NotFound
from suite.kernel.words import in_language
from suite.messages import post
from suite.privacy import declared, restricted

LETTERS_PER_PERSON = limits.Allowance("stewardship/letters", times=6, seconds=3600)
RESETS_PER_PERSON = limits.Allowance("stewardship/resets", times=3, seconds=3600)
RESETS_PER_DAY = limits.Allowance("stewardship/resets_day", times=5, seconds=24 * 3600)
"""Each ends every session of a person, also in services the steward has no say in: nobody is kept out with them."""
RESETS_PER_STEWARD = limits.Allowance("stewardship/steward", times=30, seconds=3600)


@dataclass(frozen=True)
class Colleague:
    """What an Administrator sees of a colleague, and the state of it: a change of either row makes another state."""

    email: str
    language: str
    profile: Mapping[str, str]
    seen: versions.State


def look(person_id: UUID, service: str) -> Colleague:
    """Give what one service was told by somebody, and how they are written to; who is gone is not there."""
    account = db.session.get(Account, person_id)
    if account is None or account.closed_at is not None:
        raise NotFound
    return _shown(account, memberships.one(person_id, service))


def change(person_id: UUID, service: str, seen: versions.State, given: Mapping[str, str | None]) -> Colleague:
    """Change for somebody what a service was told, and the language; the owner is told which of them."""
    account = _held(person_id)
    membership = memberships.one(person_id, service)
    if _state(account, membership) != seen:
        raise ChangedMeanwhile
    profile = {name: value for name, value in given.items() if name in PROFILE_FIELDS}
    memberships.check_profile(
        declared().services[service],
        profile_of(membership) | {name: value or "" for name, value in profile.items()},
    )
    limits.take(LETTERS_PER_PERSON, str(person_id))
    if profile:
        versions.change(membership, versions.State.of(membership), **profile)
    if "language" in given:
        versions.change(account, versions.State.of(account), language=given["language"])
    fields = sorted(given)
    audit.write("profile.changed_by_steward", subject=person_id, service=service, fields=fields)
    _tell_of_change(account, service, fields)
    return _shown(account, membership)


def send_reset(person_id: UUID, service: str) -> None:
    """End somebody's sessions and mail them a link to choose a new password; second factors stay as they are.

    Whoever asks for it learns neither the link nor the password: what follows is the recovery of the owner. A recovery
    that was begun before ends, whoever began it: with the new link in the same mailbox the owner goes on, and a
    stranger who read an older mail does not.
    """
    account = _held(person_id)
    memberships.one(person_id, service)
    limits.take(RESETS_PER_STEWARD, str(caller()))
    limits.take(RESETS_PER_PERSON, str(person_id))
    limits.take(RESETS_PER_DAY, str(person_id))
    recovery_tickets.kill(person_id)
    link = secrets.new_token()
    db.session.add(
        Recovery(
            account_id=person_id,
            address_hash=system.current().keys.keyed_hash(account.email_key, "recovery_address"),
            link_hash=secrets.token_hash(link),
            asked_at=clock.now(),
        )
    )
    db.session.flush()
    sessions.end_all(person_id)
    audit.write("password.reset_by_steward", subject=person_id, service=service)
    post(
        letters.recovery.reset_by_steward,
        person_id=person_id,
        to=account.address,
        language=account.language,
        facts={"link": link, "service": declared().services[service].title},
    )


def _held(person_id: UUID) -> Account:
    """Load an account for a change and hold it; why one cannot be changed just now is not told to a colleague."""
    account = db.session.get(Account, person_id, with_for_update={"key_share": True}, populate_existing=True)
    if account is None or account.closed_at is not None:
        raise NotFound
    if account.blocked_at is not None or restricted(person_id):
        raise NotChangeableNow
    return account


def _tell_of_change(account: Account, service: str, fields: list[str]) -> None:
    words = {ask.field.name: ask.field.kind.says for ask in declared().services[service].asks}
    said = [in_language(words.get(name, name), account.language) for name in fields]
    facts = {"service": declared().services[service].title, "fields": ", ".join(said)}
    post(
        letters.changes.changed_by_steward,
        person_id=account.id,
        to=account.address,
        language=account.language,
        facts=facts,
    )


def _shown(account: Account, membership: Membership) -> Colleague:
    return Colleague(account.address, account.language, profile_of(membership), _state(account, membership))


def _state(account: Account, membership: Membership) -> versions.State:
    """Both versions only grow, so their sum is another one after each change of either."""
    return versions.State(membership.id, account.version + membership.version)
