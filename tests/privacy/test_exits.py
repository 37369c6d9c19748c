"""The exit gate: what leaves names a declared recipient, purpose, kinds of data, country and safeguard."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from suite.declarations import Recipient
from suite.kernel import access, db
from suite.kernel.ids import new_id
from suite.messages import EXITS, CodeText, Letter, all_letters, outbox
from suite.messages import letters as known_letters
from suite.messages.contents import PROVIDERS, handover
from suite.messages.models import Message
from suite.messages.rendering import Rendered
from suite.messages.senders import Inbox, Smtp
from suite.messages.twilio import Twilio
from suite.privacy import (
    Exit,
    ExitRefused,
    Handover,
    NotDeclared,
    NotPermitted,
    Person,
    check,
    declare,
    declared,
    leave,
    recipient_named,
    restrict,
)
from suite.settings import Settings
from suite.webhooks import sending
from tests.people import Outbox, People

CODE = CodeText("a_code", expires=timedelta(minutes=5))
RENDERED = Rendered("", "123456", "")


def somebody() -> UUID:
    person = Person(id=new_id())
    with db.transaction() as session:
        session.add(person)
    return person.id


@pytest.fixture
def redeclare(app: object) -> Iterator[Callable[..., None]]:
    """Give the means to declare a recipient otherwise, or, without changes, not at all."""
    before = declared()

    def change(key: str, **changes: Any) -> None:
        def new(recipients: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
            return tuple(
                dataclasses.replace(one, **changes) if one.key == key else one
                for one in recipients
                if one.key != key or changes
            )

        made = tuple(dataclasses.replace(one, recipients=new(one.recipients)) for one in before.declarations)
        declare(dataclasses.replace(before, declarations=made))

    yield change
    declare(before)


# --- what the gate asks


@pytest.mark.policy("REC-12", "REC-14", "PRI-3", "LOC-2", "LOC-5", "LOC-9", "REC-13")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"recipient": "carrier_pigeon"}, "exit_recipient_undeclared"),
        ({"purpose": "traffic_statistics"}, "exit_purpose_undeclared"),
        ({"categories": ("user.contact.email", "user.financial.credit_card")}, "exit_category_undeclared"),
        ({"country": "BR"}, "exit_country_unlisted"),
        ({"country": "CN"}, "exit_safeguard_missing"),
        ({"country": "US"}, "exit_safeguard_missing"),
    ],
)
def test_nothing_leaves_past_the_declarations(app: object, changes: dict[str, Any], code: str) -> None:
    fine = Handover("mail_provider", "sign_in", ("user.contact.email",))

    with db.transaction():
        assert leave(fine, person_id=somebody_here()) == Exit("mail_provider")
        with pytest.raises(ExitRefused) as refused:
            leave(dataclasses.replace(fine, **changes), person_id=somebody_here())

    assert refused.value.code == code


def somebody_here() -> UUID:
    person = Person(id=new_id())
    db.session.add(person)
    db.session.flush()
    return person.id


@pytest.mark.policy("LOC-5", "LOC-9", "REC-13")
@pytest.mark.parametrize(("country", "safeguard", "refused"), [("CN", "", True), ("DE", "", True), ("CN", "ok", False)])
def test_no_recipient_gets_data_without_a_safeguard_on_record(
    redeclare: Callable[..., None], country: str, safeguard: str, refused: bool
) -> None:
    words = "processor contract with Standard Contractual Clauses" if safeguard else ""
    redeclare("mail_provider", country=country, safeguard=words)
    wanted = Handover("mail_provider", "sign_in", ("user.contact.email",))

    with db.transaction():
        if refused:
            with pytest.raises(ExitRefused, match="exit_safeguard_missing"):
                leave(wanted, person_id=None)
        else:
            leave(wanted, person_id=None)


@pytest.mark.policy("RIG-9")
def test_the_gate_asks_what_the_person_allows_at_this_moment(app: object) -> None:
    person = somebody()
    news = Handover("mail_provider", "news_by_email", ("user.contact.email",))
    notice = Handover("mail_provider", "service_notifications", ("user.contact.email",))

    with db.transaction():
        with pytest.raises(NotPermitted):
            leave(news, person_id=person)
        leave(notice, person_id=person)
        restrict(person, "accuracy")
        with pytest.raises(NotPermitted):
            leave(notice, person_id=person)
        leave(dataclasses.replace(notice, purpose="legal_obligation"), person_id=person)


# --- messages


@pytest.mark.policy("PRI-3", "REC-14")
def test_a_letter_with_something_undeclared_stays_here_and_leaves_when_it_is_declared(
    people: People, outbox: Outbox, redeclare: Callable[..., None]
) -> None:
    before = recipient_named("mail_provider")
    assert before is not None
    redeclare("mail_provider", receives=("user.contact.email", "user.content.private"))

    people.register()

    assert outbox.sent == []
    assert message().state == "failed"
    assert message().problem == "exit_category_undeclared"

    redeclare("mail_provider", receives=before.receives)
    with db.transaction():
        outbox_retry()
    assert [one.letter for one in outbox.sent] == ["confirm_address"]


def outbox_retry() -> None:
    access.begin(access.SYSTEM, None)
    assert outbox.retry() == 1


def message() -> Message:
    with db.transaction(reading=True) as session:
        return session.query(Message).one()


@pytest.mark.policy("REC-14")
def test_no_mail_leaves_to_a_provider_that_nobody_declared(
    people: People, outbox: Outbox, redeclare: Callable[..., None]
) -> None:
    redeclare("mail_provider")

    people.register()

    assert outbox.sent == []
    assert message().problem == "exit_recipient_undeclared"


@pytest.mark.policy("PRI-3")
def test_every_letter_says_itself_what_is_in_it_and_its_provider_may_have_it(app: object) -> None:
    for letter in all_letters():
        leave(handover(letter), person_id=None)

    a_code = next(one for one in all_letters() if one.key == "confirm_address")
    assert set(handover(a_code).categories) == {
        "user.contact.email",
        "user.content.private",
        "user.authorization.credentials",
        "user.account",
    }
    assert handover(CODE) == Handover(
        "sms_provider", "security_codes", ("user.authorization.credentials", "user.contact.phone_number")
    )


# --- past the gate


@pytest.mark.policy("REC-14")
@pytest.mark.parametrize("way", [None, Exit("connected_systems"), "mail_provider"])
def test_a_sender_called_past_the_gate_sends_nothing(app: object, monkeypatch: pytest.MonkeyPatch, way: Any) -> None:
    monkeypatch.setitem(known_letters._letters, CODE.key, CODE)
    settings = Settings(smtp_host="127.0.0.1", smtp_port=9, twilio_url="http://127.0.0.1:9")
    text = Message(id=new_id(), letter=CODE.key, channel="sms", person_id=new_id())
    mail = Message(id=new_id(), letter="confirm_address", channel="mail", person_id=new_id())
    elsewhere = Exit("mail_provider") if isinstance(way, Exit) else way

    for send in (
        lambda: Smtp(settings).send(way, mail, "ann@example.org", RENDERED),
        lambda: Twilio(settings).send(way, text, "+4915112345678", RENDERED),
        lambda: Inbox().send(way, mail, "ann@example.org", RENDERED),
        lambda: sending.post(elsewhere, "https://127.0.0.1:9/", {}, b""),
    ):
        with pytest.raises(ExitRefused, match="exit_past_the_gate"):
            send()


# --- declared before the start


@pytest.mark.policy("REC-14")
def test_a_channel_without_a_declared_recipient_stops_the_start(app: object) -> None:
    assert set(PROVIDERS) == {Letter.channel, CodeText.channel}
    check(declared(), exits=EXITS)

    with pytest.raises(NotDeclared, match="Something is sent to 'carrier_pigeon', which is no declared recipient"):
        check(declared(), exits=[*EXITS, "carrier_pigeon"])


@pytest.mark.policy("REC-1", "REC-4")
def test_a_recipient_is_a_processor_by_contract_or_named_by_a_law(app: object) -> None:
    recipients = [recipient for one in declared().declarations for recipient in one.recipients]

    for recipient in recipients:
        by_contract = recipient.safeguard.startswith("processor contract")
        assert by_contract or recipient.reason != "processor", recipient.key
    assert [one.key for one in recipients if one.reason == "legal_obligation"] == ["authorities"]
