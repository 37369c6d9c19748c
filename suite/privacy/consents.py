"""The consent ledger: append-only, asked at the moment of the effect."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from suite.declarations import Basis, Consent, Service
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import clock, db, words
from suite.privacy import standing
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
    latest = choices(person_id)
    for pair, consent in asked.items():
        if pair in latest and latest[pair].state == GIVEN:
            withdraw(person_id, consent, service=pair[0], language=language, method=method)


def choices(person_id: UUID) -> dict[tuple[str, str], ConsentEntry]:
    """Give the latest entry for each service and purpose a person ever chose about."""
    entries = db.session.scalars(
        select(ConsentEntry).where(ConsentEntry.person_id == person_id).order_by(ConsentEntry.id)
    )
    return {(entry.service, entry.purpose): entry for entry in entries}


def in_words(consent: Consent, language: str) -> tuple[str, str]:
    """Give the text in a language, or in English where nobody translated it, and the language it is in."""
    text = words.known(consent.text, language)
    return (text, language) if text != consent.text else (text, "en")


def may(person_id: UUID, purpose: str, service: str = "") -> bool:
    """Say whether data of a person may be used for a purpose at this moment; asked by every effect, when it happens.

    A restriction leaves only what the law demands, what the person asks for and what guards the person; consent
    purposes need a yes to the present text of that service, or of any service where none is named; an objection stops
    a legitimate interest.
    """
    declared = PURPOSES[purpose]
    basis = declared.basis
    if basis is Basis.LEGAL_OBLIGATION:
        return True
    if not declared.while_restricted and standing.restricted(person_id):
        return False
    if basis is Basis.LEGITIMATE_INTEREST:
        return not standing.objected(person_id, purpose)
    return basis is not Basis.CONSENT or _consented(person_id, purpose, service)


def _consented(person_id: UUID, purpose: str, service: str) -> bool:
    """Say whether the latest choice, for this service or for any, is a yes to the present version of the text."""
    asked = [ConsentEntry.person_id == person_id, ConsentEntry.purpose == purpose]
    if service:
        asked.append(ConsentEntry.service == service)
    latest: dict[str, ConsentEntry] = {}
    for entry in db.session.scalars(select(ConsentEntry).where(*asked).order_by(ConsentEntry.id)):
        latest[entry.service] = entry
    version = str(CONSENTS[purpose].version)
    return any(entry.state == GIVEN and entry.text_version == version for entry in latest.values())


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
