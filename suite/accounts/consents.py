"""Consents of an owner: what the services ask, the answers, and what stops working without a yes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from suite.accounts import memberships
from suite.accounts.models import Account
from suite.declarations import Consent
from suite.kernel import audit, words
from suite.kernel.errors import NotFound
from suite.privacy import (
    GIVEN,
    ConsentEntry,
    consent_choices,
    consent_holds,
    declared,
    give_consent,
    in_words,
    withdraw_consent,
)


@dataclass(frozen=True)
class Choice:
    """A question a service of the person asks, and the latest answer; without one it is no.

    A yes to an earlier version of the text counts no more and is asked for again. `unavailable` names what of the
    service does not work as long as there is no yes.
    """

    service: str
    purpose: str
    text: str
    version: str
    given: bool
    renewal_needed: bool
    since: datetime | None
    receipt: UUID | None
    stops: str
    unavailable: list[str]


def choices(account_id: UUID, language: str) -> list[Choice]:
    """Give every consent the services of a person ask for."""
    latest = consent_choices(account_id)
    services = declared().services
    return [
        _choice(membership.service, consent, latest.get((membership.service, consent.key)), language)
        for membership in memberships.live(account_id)
        for consent in services[membership.service].consents
    ]


def choose(account: Account, service: str, purpose: str, *, given: bool, language: str) -> Choice:
    """Give or withdraw one consent; the ledger gets an entry only when that changes something.

    The account is locked by its caller, so that of many at once one writes. A withdrawal is never refused and costs
    nothing (RIG-23).
    """
    consent = _asked(account.id, service, purpose)
    entry = consent_choices(account.id).get((service, purpose))
    if given and not consent_holds(entry):
        record = give_consent
    elif not given and entry is not None and entry.state == GIVEN:
        record = withdraw_consent
    else:
        return _choice(service, consent, entry, language)
    entry = record(account.id, consent, service=service, language=language, method="settings", address=account.address)
    audit.write("consent.changed", subject=account.id, service=service, purpose=purpose, given=given)
    return _choice(service, consent, entry, language)


def _asked(account_id: UUID, service: str, purpose: str) -> Consent:
    memberships.one(account_id, service)
    for consent in declared().services[service].consents:
        if consent.key == purpose:
            return consent
    raise NotFound


def _choice(service: str, consent: Consent, entry: ConsentEntry | None, language: str) -> Choice:
    given = consent_holds(entry)
    needing = [feature.says for feature in declared().services[service].offers if feature.consent == consent]
    return Choice(
        service,
        consent.key,
        in_words(consent, language)[0],
        str(consent.version),
        given,
        renewal_needed=not given and entry is not None and entry.state == GIVEN,
        since=entry.at if entry is not None else None,
        receipt=entry.id if entry is not None else None,
        stops=words.in_language(consent.stops, language),
        unavailable=[] if given else [words.in_language(says, language) for says in needing],
    )
