"""The consent ledger: append-only, asked at the moment of the effect."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.declarations import Basis, Consent, Service
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import clock, db, words
from suite.kernel.paging import Page, page
from suite.privacy import standing, suppression, tombstones
from suite.privacy.content import present_version
from suite.privacy.models import ConsentEntry, Person

GIVEN, WITHDRAWN, REFUSED = "given", "withdrawn", "refused"
STONE = "consent.withdrawn"


def give(
    person_id: UUID, consent: Consent, *, service: str, language: str, method: str, address: str = ""
) -> ConsentEntry:
    """Record that the person said yes to this version of the text.

    `address` is a confirmed one of theirs: an earlier request not to be written to is lifted by this yes.
    """
    if address:
        suppression.lift(address, consent.key)
    return _write(person_id, consent, GIVEN, service, language, method)


def withdraw(
    person_id: UUID, consent: Consent, *, service: str, language: str, method: str, address: str = ""
) -> ConsentEntry:
    """Record that the person said no from now on, so that a restored backup cannot forget it.

    With the `address` of the person it also goes onto the suppression list, unless another service has their yes.
    """
    hashed = ""
    if address and _is_marketing(consent) and not _elsewhere(person_id, consent.key, service):
        hashed = suppression.address_hash(address, consent.key)
        suppression.suppress_hash(hashed, consent.key)
    return _withdraw(person_id, consent, service, language, method, hashed)


def refuse(person_id: UUID, consent: Consent, *, service: str, language: str, method: str) -> ConsentEntry:
    """Record that the person said no before any yes."""
    return _write(person_id, consent, REFUSED, service, language, method)


def withdraw_all(
    person_id: UUID, services: Iterable[Service], *, language: str, method: str, address: str = ""
) -> None:
    """Record that nothing these services were allowed is allowed from now on."""
    asked = {(service.key, consent.key): consent for service in services for consent in service.consents}
    if not asked:
        return
    latest = choices(person_id)
    for pair, consent in asked.items():
        if pair in latest and latest[pair].state == GIVEN:
            withdraw(person_id, consent, service=pair[0], language=language, method=method, address=address)


def stop(person_id: UUID, consent: Consent, *, service: str, method: str, hashed: str) -> bool:
    """Withdraw whatever yes there is, for one service or, without its name, for all; say whether that changed anything.

    The person may be gone. The line of the suppression list that was computed for the address is written, unless a
    yes for another service stays. Many at once write one entry.
    """
    db.session.get(Person, person_id, with_for_update={"key_share": True})
    yes = {
        asked: entry.language
        for (asked, purpose), entry in choices(person_id).items()
        if purpose == consent.key and entry.state == GIVEN
    }
    ended = {asked: tongue for asked, tongue in yes.items() if service in {"", asked}}
    suppressed = hashed if len(ended) == len(yes) else ""
    new = bool(suppressed) and suppression.suppress_hash(hashed, consent.key)
    if new and not ended:
        tombstones.write(suppression.SUPPRESSED, person_id, purpose=consent.key, suppressed=hashed)
    for asked, tongue in ended.items():
        _withdraw(person_id, consent, asked, tongue, method, suppressed)
    return new or bool(ended)


tombstones.replays_for_all(STONE, suppression.replay)


@tombstones.replays(STONE)
def withdraw_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    """Withdraw once more after a restore, where the restored ledger still has the yes from before."""
    entry = choices(person_id).get((facts["service"], facts["purpose"]))
    if entry is not None and entry.state == GIVEN:
        consent = CONSENTS[facts["purpose"]]
        _write(person_id, consent, WITHDRAWN, facts["service"], facts["language"], "restore")


def choices(person_id: UUID) -> dict[tuple[str, str], ConsentEntry]:
    """Give the latest entry for each service and purpose a person ever chose about."""
    entries = db.session.scalars(
        select(ConsentEntry).where(ConsentEntry.person_id == person_id).order_by(ConsentEntry.id)
    )
    return {(entry.service, entry.purpose): entry for entry in entries}


def history(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give every choice a person ever made, newest first, page by page."""
    return page(
        select(ConsentEntry).where(ConsentEntry.person_id == person_id), ConsentEntry.id, cursor=cursor, limit=limit
    )


def entry_of(person_id: UUID, entry_id: UUID) -> ConsentEntry | None:
    """Give one entry of a person; those of others are not there."""
    return db.session.scalar(
        select(ConsentEntry).where(ConsentEntry.id == entry_id, ConsentEntry.person_id == person_id)
    )


def in_words(consent: Consent, language: str) -> tuple[str, str]:
    """Give the text in a language, or in English where nobody translated it, and the language it is in."""
    text = words.known(consent.text, language)
    return (text, language) if text != consent.text else (text, "en")


def may(person_id: UUID, purpose: str, service: str = "") -> bool:
    """Say whether data of a person may be used for a purpose at this moment; asked by every effect, when it happens.

    A restriction leaves only what the law demands, what the person asks for and what guards the person; consent
    purposes need a yes to the present text of that service, or of any service where none is named; an objection stops
    a legitimate interest and whatever has an off switch.
    """
    declared = PURPOSES[purpose]
    basis = declared.basis
    if basis is Basis.LEGAL_OBLIGATION:
        return True
    if not declared.while_restricted and standing.restricted(person_id):
        return False
    if basis is Basis.LEGITIMATE_INTEREST or declared.off_switch:
        return not standing.objected(person_id, purpose)
    return basis is not Basis.CONSENT or _consented(person_id, purpose, service)


def holds(entry: ConsentEntry | None) -> bool:
    """Say whether a latest choice is a yes to the present version of its text."""
    return entry is not None and entry.state == GIVEN and entry.text_version == str(CONSENTS[entry.purpose].version)


def _consented(person_id: UUID, purpose: str, service: str) -> bool:
    """Say whether the latest choice, for this service or for any, is a yes to the present version of the text."""
    asked = [ConsentEntry.person_id == person_id, ConsentEntry.purpose == purpose]
    if service:
        asked.append(ConsentEntry.service == service)
    latest: dict[str, ConsentEntry] = {}
    for entry in db.session.scalars(select(ConsentEntry).where(*asked).order_by(ConsentEntry.id)):
        latest[entry.service] = entry
    return any(holds(entry) for entry in latest.values())


def _is_marketing(consent: Consent) -> bool:
    return consent.purpose.use.startswith("marketing.communications")


def _elsewhere(person_id: UUID, purpose: str, service: str) -> bool:
    """Say whether another service has the yes of a person for the same purpose."""
    return any(
        entry.state == GIVEN
        for (asked, about), entry in choices(person_id).items()
        if about == purpose and asked != service
    )


def _withdraw(
    person_id: UUID, consent: Consent, service: str, language: str, method: str, suppressed: str
) -> ConsentEntry:
    facts = {"service": service, "purpose": consent.key, "language": language, "suppressed": suppressed}
    tombstones.write(STONE, person_id, **facts)
    return _write(person_id, consent, WITHDRAWN, service, language, method)


def _write(person_id: UUID, consent: Consent, state: str, service: str, language: str, method: str) -> ConsentEntry:
    shown, tongue = in_words(consent, language)
    entry = ConsentEntry(
        person_id=person_id,
        service=service,
        purpose=consent.key,
        state=state,
        text_version=str(consent.version),
        text_hash=sha256(shown.encode()).hexdigest(),
        language=tongue,
        method=method,
        notice_version=present_version(),
        at=clock.now(),
    )
    db.session.add(entry)
    db.session.flush()
    return entry
