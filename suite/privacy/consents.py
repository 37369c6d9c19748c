"""The consent ledger: append-only, asked at the moment of the effect."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from suite.declarations import Consent, Service
from suite.kernel import clock, db
from suite.privacy.models import ConsentEntry

GIVEN, WITHDRAWN = "given", "withdrawn"


def give(person_id: UUID, consent: Consent, *, service: str, language: str, method: str) -> ConsentEntry:
    """Record that the person said yes to this version of the text."""
    return _write(person_id, consent, GIVEN, service, language, method)


def withdraw(person_id: UUID, consent: Consent, *, service: str, language: str, method: str) -> ConsentEntry:
    """Record that the person said no from now on."""
    return _write(person_id, consent, WITHDRAWN, service, language, method)


def withdraw_all(person_id: UUID, services: Iterable[Service], *, language: str, method: str) -> None:
    """Record that nothing these services were allowed is allowed from now on."""
    asked = {(service.key, consent.key): consent for service in services for consent in service.consents}
    if not asked:
        return
    entries = db.session.execute(
        select(ConsentEntry.service, ConsentEntry.purpose, ConsentEntry.state)
        .where(ConsentEntry.person_id == person_id)
        .order_by(ConsentEntry.id)
    )
    latest = {(service, purpose): state for service, purpose, state in entries}
    for (service, purpose), consent in asked.items():
        if latest.get((service, purpose)) == GIVEN:
            withdraw(person_id, consent, service=service, language=language, method=method)


def may(person_id: UUID, purpose: str, service: str) -> bool:
    """Say whether the latest choice of the person allows this purpose; without a choice the answer is no."""
    latest = db.session.scalar(
        select(ConsentEntry.state)
        .where(
            ConsentEntry.person_id == person_id,
            ConsentEntry.purpose == purpose,
            ConsentEntry.service == service,
        )
        .order_by(ConsentEntry.id.desc())
        .limit(1)
    )
    return latest == GIVEN


def _write(person_id: UUID, consent: Consent, state: str, service: str, language: str, method: str) -> ConsentEntry:
    entry = ConsentEntry(
        person_id=person_id,
        service=service,
        purpose=consent.key,
        state=state,
        text_version=str(consent.version),
        text_hash=consent.text_hash,
        language=language,
        method=method,
        at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    return entry
