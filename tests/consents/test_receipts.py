"""Receipts with the fields of ISO/IEC TS 27560, read from the declarations."""

import dataclasses

import pytest

from suite.consents import receipts
from suite.declarations import Period
from suite.kernel import clock
from suite.privacy import ConsentEntry, catalogue, declared
from tests.consents.letters import CONSENT
from tests.people import People, SignedIn

# The mandatory fields, as the guide of DPV to ISO/IEC TS 27560 lists them.
WHOLE = (
    "schema_version",
    "record_id",
    "receipt_id",
    "pii_principal_id",
    "privacy_notice",
    "language",
    "purposes",
    "party_identification",
    "events",
)
PURPOSE = (
    "purpose",
    "pii_information",
    "pii_controllers",
    "storage_locations",
    "retention_period",
    "jurisdiction",
    "withdrawal_method",
)
PARTY = ("party_id", "party_name", "party_address", "party_type")
EVENT = ("event_type", "event_state", "event_time", "validity_duration", "entity_id")


def receipt(member: SignedIn, given: bool = True) -> dict:
    entry = member.put(CONSENT, json={"given": given}).json["receipt"]
    return dict(member.get(f"/api/v1/me/consents/receipts/{entry}").json)


@pytest.mark.policy("DEC-6")
def test_every_entry_has_a_receipt_with_every_mandatory_field(people: People) -> None:
    member = people.member()

    given, withdrawn = receipt(member), receipt(member, given=False)

    for one, state in ((given, "ConsentGiven"), (withdrawn, "ConsentWithdrawn")):
        purpose, event = one["purposes"][0], one["events"][0]
        assert all(one[field] for field in WHOLE)
        assert all(purpose[field] for field in PURPOSE)
        assert all(information["pii_type"] for information in purpose["pii_information"])
        assert all(party[field] for party in one["party_identification"] for field in PARTY)
        assert all(event[field] for field in EVENT)
        assert event["event_state"] == state
        assert "recipients" in purpose
    assert any(party["party_contact"] for party in given["party_identification"])


@pytest.mark.policy("DEC-6")
@pytest.mark.parametrize("state", ["given", "withdrawn", "refused"])
def test_no_question_of_any_service_lacks_a_field(people: People, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    asked = [(key, consent) for key, service in declared().services.items() for consent in service.consents]
    for service, consent in asked:
        entry = ConsentEntry(
            id="entry",
            person_id="person",
            service=service,
            purpose=consent.key,
            state=state,
            text_version="1",
            text_hash="hash",
            language="en",
            method="settings",
            notice_version=catalogue()["version"],
            at=clock.now(),
        )
        monkeypatch.setattr(receipts, "consent_entry", lambda *_, entry=entry: entry)
        purpose = receipts.receipt("person", "entry")["purposes"][0]

        assert all(purpose[field] for field in PURPOSE), (service, consent.key)
    assert len(asked) > 15


@pytest.mark.policy("DEC-6")
def test_the_receipt_follows_the_declarations(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    member = people.member()
    service = declared().services["my-account"]
    changed = dataclasses.replace(service, keep=Period(months=7))
    before = receipt(member)["purposes"][0]["retention_period"]

    monkeypatch.setitem(declared().services, "my-account", changed)
    after = receipt(member)["purposes"][0]["retention_period"]

    assert (before, after) == (service.keep.iso(), "P7M")


def test_a_mail_that_needs_a_provider_names_it_as_recipient(people: People) -> None:
    purpose = receipt(people.member())["purposes"][0]

    assert [one["party_id"] for one in purpose["recipients"]] == ["mail_provider"]
    assert [one["pii_type"] for one in purpose["pii_information"]] == ["user.contact.email"]
    assert purpose["withdrawal_method"].startswith("PUT http://localhost/api/v1/me/consents/my-account/news_by_email")


def test_the_text_that_was_shown_stands_in_the_receipt_as_long_as_it_is_in_use(people: People) -> None:
    shown = receipt(people.member())

    assert shown["consent_text"] == "Send me news about products and services by e-mail."
    assert shown["privacy_notice_version"] == catalogue()["version"]


def test_receipts_of_others_do_not_exist(people: People) -> None:
    entry = people.member().put(CONSENT, json={"given": True}).json["receipt"]

    assert people.member("bob@example.org").get(f"/api/v1/me/consents/receipts/{entry}").status_code == 404
