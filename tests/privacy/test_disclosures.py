"""The ledger of disclosures: who got what, for what and when; readable by the person, and gone with the person."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update

from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.messages import Letter, Line, all_letters, post
from suite.messages import letters as known_letters
from suite.messages.contents import handover
from suite.messages.errors import NotDelivered
from suite.messages.models import Message
from suite.messages.senders import Inbox
from suite.privacy import Handover, Person, note_disclosure, recipients_of, restrict
from suite.privacy.ledger import Disclosure
from tests.failures.crowd import at_once
from tests.people import Outbox, People, SignedIn

LEDGER = "/api/v1/me/disclosures"
NEWS = Letter("ledger_news", "News", (Line("{text}"),), purpose="service_notifications")
MAILED = Handover("mail_provider", "sign_in", ("user.contact.email",))


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(known_letters._letters, NEWS.key, NEWS)
    monkeypatch.setitem(known_letters._letters, "once", dataclasses.replace(NEWS, key="once", once=True))


def ledger(member: SignedIn) -> list[dict[str, Any]]:
    return list(member.get(LEDGER).json["disclosures"])


def about(member: SignedIn) -> UUID:
    return UUID(member.get("/api/v1/me").json["id"])


def send(person: UUID, letter: Letter = NEWS) -> None:
    with db.transaction():
        post(letter, person_id=person, to="ann@example.org", language="en", facts={"text": "Hello"})


def rows() -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(Disclosure)) or 0


@pytest.mark.policy("REC-12")
def test_a_person_reads_who_got_which_kinds_of_data_for_what_and_when(people: People, outbox: Outbox) -> None:
    member = people.member()
    person = about(member)
    first, later = datetime(2027, 1, 2, 9, tzinfo=UTC), datetime(2027, 1, 3, 9, tzinfo=UTC)

    with clock.at(first):
        send(person)
        outbox.deliver()
    with clock.at(later):
        send(person)
        outbox.deliver()

    found = ledger(member)
    newest = next(one for one in found if one["purpose"] == "service_notifications")
    assert newest == {
        "recipient": "mail_provider",
        "says": "the mail server that hands our messages to yours",
        "recipient_category": "e-mail distribution",
        "country": "DE",
        "purpose": "service_notifications",
        "purpose_says": "tell you by e-mail what you need to know to use the service",
        "categories": ["user.contact.email", "user.content.private"],
        "first_at": "2027-01-02T09:00:00.000Z",
        "last_at": "2027-01-03T09:00:00.000Z",
        "times": 2,
    }
    assert {one["purpose"] for one in found} == {"service_notifications", "sign_in"}


def test_texts_stand_in_it_too_and_nobody_reads_anothers(people: People, outbox: Outbox) -> None:
    ann, bob = people.member(), people.member("bob@example.org")

    people.with_phone(ann)

    texted = [one for one in ledger(ann) if one["recipient"] == "sms_provider"]
    assert [(one["country"], one["categories"], one["times"]) for one in texted] == [
        ("US", ["user.authorization.credentials", "user.contact.phone_number"], 1)
    ]
    assert {one["recipient"] for one in ledger(bob)} == {"mail_provider"}


def test_it_is_read_page_by_page(people: People) -> None:
    member = people.member()
    person = about(member)
    with db.transaction():
        for purpose in ("orders", "upgrades", "technical_support"):
            note_disclosure(dataclasses.replace(MAILED, purpose=purpose), person_id=person)

    page = member.get(f"{LEDGER}?limit=2").json
    rest = member.get(f"{LEDGER}?cursor={page['next_cursor']}").json

    assert [one["purpose"] for one in page["disclosures"]] == ["technical_support", "upgrades"]
    assert [one["purpose"] for one in rest["disclosures"]][0] == "orders"
    assert member.get(f"{LEDGER}?cursor=x").status_code == 422
    assert people.stranger.get(LEDGER).status_code == 401


@pytest.mark.policy("RIG-9")
def test_what_was_withheld_is_in_no_ledger(people: People, outbox: Outbox) -> None:
    member = people.member()
    outbox.deliver()
    before, person = rows(), about(member)

    with db.transaction():
        restrict(person, "accuracy")
    send(person)

    outbox.deliver()
    assert rows() == before


def test_the_ledger_goes_with_the_person_and_a_farewell_leaves_none(people: People, outbox: Outbox) -> None:
    member = people.member()
    person = about(member)
    outbox.deliver()
    assert rows() > 0

    assert member.post("/api/v1/me/closure").status_code == 200
    outbox.deliver()
    with db.transaction() as session:
        session.execute(delete(Person).where(Person.id == person))

    assert rows() == 0


def test_of_a_person_who_is_gone_nothing_is_noted(app: object) -> None:
    with db.transaction():
        note_disclosure(MAILED, person_id=new_id())

    assert rows() == 0


def test_many_notes_at_once_are_one_row_that_counts_them(people: People) -> None:
    person = about(people.member())

    def note(_which: int) -> None:
        with db.transaction():
            note_disclosure(dataclasses.replace(MAILED, purpose="orders"), person_id=person)

    at_once(8, note)

    with db.transaction(reading=True) as session:
        assert session.scalars(select(Disclosure.times).where(Disclosure.purpose == "orders")).all() == [8]


def test_the_recipients_of_a_person_are_known(people: People, outbox: Outbox) -> None:
    member = people.member()
    outbox.deliver()
    person = about(member)

    with db.transaction(reading=True):
        assert [one.key for one in recipients_of(person)] == ["mail_provider"]


# --- what may have left counts as handed over


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the provider take a message and break off before it says so."""

    def send(*_: object) -> str:
        raise NotDelivered("broke_off", unsure=True)

    monkeypatch.setattr(Inbox, "send", send)
    yield


def test_a_letter_that_perhaps_has_left_is_noted(people: People, outbox: Outbox, breaking: None) -> None:
    person = Person(id=new_id())
    with db.transaction() as session:
        session.add(person)
    send(person.id, known_letters._letters["once"])  # type: ignore[arg-type]

    outbox.deliver()

    assert rows() == 1


def test_a_text_that_left_by_the_word_of_its_provider_alone_is_noted_at_the_next_try(
    people: People, outbox: Outbox
) -> None:
    person = Person(id=new_id())
    with db.transaction() as session:
        session.add(person)
    send(person.id)
    with db.transaction() as session:
        session.execute(update(Message).values(state="delivered", content=None, recipient=None))

    outbox.deliver()
    with clock.at(clock.now() + timedelta(hours=1)):
        outbox.deliver()

    assert rows() == 1


def test_every_letter_fits_into_the_ledger(app: object) -> None:
    assert all(len(" ".join(handover(one).categories)) < 2000 for one in all_letters())
