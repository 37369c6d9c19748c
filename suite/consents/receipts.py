"""Consent receipts with the fields of ISO/IEC TS 27560, read from the declarations; names as in the guide of DPV."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from suite.declarations import Consent, Service
from suite.declarations.fields import EMAIL
from suite.declarations.purposes import CONSENTS
from suite.kernel import system
from suite.kernel.errors import NotFound
from suite.privacy import ConsentEntry, consent_entry, declared, in_words

SCHEMA = "ISO/IEC TS 27560:2023"
_STATES = {"given": "ConsentGiven", "withdrawn": "ConsentWithdrawn", "refused": "ConsentRefused"}
_PARTIES = {
    "controller": "Controller",
    "data_protection_officer": "DataProtectionOfficer",
    "eu_representative": "Representative",
}


def receipt(person_id: UUID, entry_id: UUID) -> dict[str, Any]:
    """Give the receipt of one entry of a person; entries of others do not exist."""
    entry = consent_entry(person_id, entry_id)
    if entry is None:
        raise NotFound
    consent, service = CONSENTS[entry.purpose], declared().services[entry.service]
    return {
        "schema_version": SCHEMA,
        "receipt_id": str(entry.id),
        "record_id": str(entry.id),
        "pii_principal_id": str(person_id),
        "privacy_notice": _address("/privacy"),
        "privacy_notice_version": entry.notice_version,
        "language": entry.language,
        "consent_text": _text_shown(consent, entry),
        "consent_text_version": entry.text_version,
        "consent_text_sha256": entry.text_hash,
        "purposes": [_purpose(consent, service)],
        "party_identification": list(_parties(declared().vendor)),
        "events": [_event(entry)],
    }


def _text_shown(consent: Consent, entry: ConsentEntry) -> str | None:
    """Give the text a person saw, where it is still the one in use; its hash stays in any case."""
    text = in_words(consent, entry.language)[0]
    return text if sha256(text.encode()).hexdigest() == entry.text_hash else None


def _purpose(consent: Consent, service: Service) -> dict[str, Any]:
    purpose = consent.purpose
    return {
        "purpose": purpose.says,
        "purpose_id": purpose.key,
        "purpose_type": purpose.use,
        "lawful_basis": str(purpose.basis),
        "service": service.key,
        "pii_information": [
            {"pii_type": category, "says": says, "sensitive": False}
            for category, says in _held(consent, service).items()
        ],
        "pii_controllers": ["controller"],
        "storage_locations": [
            code for code, country in declared().vendor["countries"].items() if country["stores_eu_users"]
        ],
        "retention_period": service.keep.iso(),
        "retention_says": f"{service.keep} after you leave the service; backups {service.backups}",
        "jurisdiction": "EU",
        "recipients": [
            {"party_id": one.key, "says": one.says, "country": one.country, "safeguard": one.safeguard}
            for declaration in declared().declarations
            for one in declaration.recipients
            if purpose in one.purposes
        ],
        "withdrawal_method": f"PUT {_address(f'/api/v1/me/consents/{service.key}/{purpose.key}')}",
        "withdrawal_stops": consent.stops,
    }


def _held(consent: Consent, service: Service) -> Mapping[str, str]:
    """Give the categories used for a purpose: what its features and forms need, or the address mails go to."""
    kinds = [kind for feature in service.offers if feature.consent == consent for kind in feature.needs]
    asks = (*service.asks, *(ask for form in service.forms for ask in form.asks))
    kinds += [ask.field.kind for ask in asks if ask.purpose == consent.key]
    found = {kind.category: kind.says for kind in kinds}
    for declaration in declared().declarations:
        for cookie in declaration.cookies:
            if cookie.needs == consent.key:
                found["user.device.cookie"] = "cookies"
    if service.has_accounts or found:
        return found or {EMAIL.kind.category: EMAIL.kind.says}
    return {"user.device.cookie": "cookies", "user.behavior": "which pages and mails you open"}


def _parties(vendor: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for key, role in _PARTIES.items():
        contact = vendor[key]
        yield {
            "party_id": key,
            "party_name": contact["name"],
            "party_address": contact["address"],
            "party_contact": [contact[way] for way in ("email", "phone", "web") if contact[way]],
            "party_type": role,
        }


def _event(entry: ConsentEntry) -> dict[str, Any]:
    return {
        "event_type": "explicit",
        "event_state": _STATES[entry.state],
        "event_time": entry.at,
        "validity_duration": "until withdrawn, or until the text has a new version",
        "method": entry.method,
        "entity_id": str(entry.person_id),
    }


def _address(path: str) -> str:
    return system.current().settings.public_url.rstrip("/") + path
