"""One-click unsubscribe (RFC 8058): in every letter that can be stopped, for whoever holds the letter."""

import base64
import dataclasses
import email
import re
from datetime import timedelta
from email import policy
from uuid import UUID

import pytest
from sqlalchemy import select

from suite.consents import unsubscribing
from suite.kernel import clock, db, system
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.kernel.secrets import Keyring
from suite.messages import Letter, all_letters
from suite.messages.delivery import write as fill
from suite.messages.models import InboxMessage
from suite.messages.senders import SIGNED, WIRE, compose
from suite.privacy import may, suppressed, tombstones
from suite.privacy.models import ConsentEntry, Suppression, Tombstone
from tests.conftest import KEY
from tests.consents.letters import ANN, CONSENT, write
from tests.failures.crowd import at_once
from tests.pages import read
from tests.people import Outbox, People

API = "/api/v1/unsubscribe"
ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


def link_in(message: InboxMessage) -> str:
    found = re.search(r"http://localhost/unsubscribe#([\w-]+)\n", message.text)
    assert found
    return found[1]


def subscribed(people: People, outbox: Outbox, news: Letter) -> tuple[str, str]:
    """Make somebody who got a newsletter; give the number of the account and the token in the letter."""
    account = people.account()
    people.sign_in().put(CONSENT, json={"given": True})
    write(news, account["id"])
    return account["id"], link_in(outbox.last("test_news"))


def letters_to(outbox: Outbox) -> int:
    return len([message for message in outbox.sent if message.letter == "test_news"])


@pytest.mark.policy("RIG-14", "RIG-16")
def test_one_click_without_signing_in_stops_the_letters_also_those_that_wait(
    people: People, outbox: Outbox, news: Letter
) -> None:
    person, token = subscribed(people, outbox, news)
    write(news, person)

    answer = people.stranger.post(f"{API}/{token}", **ONE_CLICK)

    assert (answer.status_code, answer.data, answer.headers.getlist("Set-Cookie")) == (204, b"", [])
    assert letters_to(outbox) == 1
    with db.transaction(reading=True):
        assert not may(UUID(person), "news_by_email", "my-account")
    with db.transaction(reading=True) as session:
        assert session.scalars(select(ConsentEntry.method).order_by(ConsentEntry.id)).all()[-1] == "one_click"


@pytest.mark.parametrize(
    "body",
    [
        {},
        ONE_CLICK,
        {"data": {"List-Unsubscribe": "One-Click"}, "content_type": "multipart/form-data"},
        {"data": b"\xff{", "content_type": "application/json"},
    ],
)
def test_whatever_the_body_says_it_works(people: People, outbox: Outbox, news: Letter, body: dict) -> None:
    _, token = subscribed(people, outbox, news)

    assert people.stranger.post(f"{API}/{token}", **body).status_code == 204


def test_doing_it_again_changes_nothing_and_is_answered_alike(people: People, outbox: Outbox, news: Letter) -> None:
    _, token = subscribed(people, outbox, news)

    answers = [people.stranger.post(f"{API}/{token}", **ONE_CLICK) for _ in range(3)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(204, b"")] * 3
    with db.transaction(reading=True) as session:
        assert session.scalars(select(ConsentEntry.state).order_by(ConsentEntry.id)).all() == ["given", "withdrawn"]
        assert len(session.scalars(select(Suppression)).all()) == 1
        assert len(session.scalars(select(Tombstone)).all()) == 1


def test_of_twenty_clicks_at_once_one_is_written(people: People, outbox: Outbox, news: Letter) -> None:
    _, token = subscribed(people, outbox, news)

    answers = at_once(20, lambda _: people.stranger.post(f"{API}/{token}", **ONE_CLICK))

    assert {answer.status_code for answer in answers} == {204}
    with db.transaction(reading=True) as session:
        assert session.scalars(select(ConsentEntry.state).order_by(ConsentEntry.id)).all() == ["given", "withdrawn"]
        assert len(session.scalars(select(Suppression)).all()) == 1


@pytest.mark.policy("GEN-26", "DEC-12")
def test_it_works_after_the_account_is_gone_and_is_answered_alike(people: People, outbox: Outbox, news: Letter) -> None:
    _, token = subscribed(people, outbox, news)
    people.sign_in().post("/api/v1/me/closure", json={})
    with db.transaction() as session:
        session.execute(Suppression.__table__.delete())
        session.execute(db.Base.metadata.tables["people"].delete())

    gone = people.stranger.post(f"{API}/{token}", **ONE_CLICK)

    assert (gone.status_code, gone.data) == (204, b"")
    with db.transaction() as session:
        stone = session.scalars(select(Tombstone).where(Tombstone.kind == "address.suppressed")).one()
        session.execute(Suppression.__table__.delete())
        tombstones.REPLAYS_FOR_ALL[stone.kind](stone.facts)
    with db.transaction(reading=True):
        assert suppressed(ANN, "news_by_email")


def test_opening_the_link_changes_nothing_because_scanners_open_links(
    people: People, outbox: Outbox, news: Letter
) -> None:
    person, token = subscribed(people, outbox, news)

    looked = people.stranger.get(f"{API}/{token}")
    page = people.stranger.get("/unsubscribe")

    assert (looked.status_code, looked.headers["Location"]) == (303, f"/unsubscribe#{token}")
    assert page.status_code == 200
    with db.transaction(reading=True):
        assert may(UUID(person), "news_by_email", "my-account")


@pytest.mark.parametrize("token", ["nonsense", "A" * 300, "ü", "%00", "."])
def test_a_damaged_link_is_refused_and_says_what_to_do(people: People, token: str) -> None:
    answer = people.stranger.post(f"{API}/{token}")

    assert answer.status_code == 404
    assert answer.json["code"] in {"unsubscribe_link_damaged", "not_found"}


def test_a_token_changed_anywhere_opens_nothing(people: People, outbox: Outbox, news: Letter) -> None:
    person, token = subscribed(people, outbox, news)

    for at in range(0, len(token) - 2, 11):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        assert people.stranger.post(f"{API}/{changed}").status_code == 404
    with db.transaction(reading=True):
        assert may(UUID(person), "news_by_email", "my-account")


def test_nothing_about_the_person_can_be_read_from_a_token(people: People, outbox: Outbox, news: Letter) -> None:
    person, token = subscribed(people, outbox, news)
    raw = base64.urlsafe_b64decode(token + "==")

    for clear in (b"ann", b"example.org", b"news", UUID(person).bytes, UUID(person).hex.encode()):
        assert clear not in raw


def test_a_letter_from_years_ago_still_unsubscribes_also_after_a_new_key(
    people: People, outbox: Outbox, news: Letter
) -> None:
    _, token = subscribed(people, outbox, news)
    new = "test2:" + "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="
    system.use(dataclasses.replace(system.current(), keys=Keyring(f"{new},{KEY}")))
    with clock.at(clock.now() + timedelta(days=3 * 365)):
        answer = people.stranger.post(f"{API}/{token}")
    with db.transaction(reading=True):
        stopped = suppressed(ANN, "news_by_email")

    assert (answer.status_code, stopped) == (204, True)


def test_one_service_is_unsubscribed_and_the_other_goes_on(people: People, outbox: Outbox, news: Letter) -> None:
    person, token = subscribed(people, outbox, news)
    member = people.sign_in()
    member.post("/api/v1/me/services", json={"service": "business-hub", "profile": {"country": "DE"}})
    member.put("/api/v1/me/consents/business-hub/news_by_email", json={"given": True})

    people.stranger.post(f"{API}/{token}", **ONE_CLICK)
    write(news, person)
    write(news, person, service="business-hub")

    assert letters_to(outbox) == 2


# --- what stands in the letter


def sent_mail(letter: Letter, person: UUID | None = None) -> tuple[bytes, str]:
    """Give a letter as it leaves, and its token."""
    token = unsubscribing.token_for(person or new_id(), service="my-account", purpose=letter.purpose, address=ANN)
    rendered = fill(letter, {}, "ru", unsubscribe=token)
    return compose(new_id(), "Suite <suite@example.com>", ANN, rendered).as_bytes(policy=WIRE), token


@pytest.mark.policy("RIG-14")
def test_a_letter_that_can_be_stopped_carries_both_headers_and_a_link_people_see(app, news: Letter) -> None:
    raw, token = sent_mail(news)
    mail = email.message_from_bytes(raw, policy=policy.default)
    html = mail.get_body(("html",)).get_content()
    page = read(html)

    assert f"List-Unsubscribe: <http://localhost{API}/{token}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert f"http://localhost/unsubscribe#{token}" in mail.get_body(("plain",)).get_content()
    assert page.attribute("href") == [f"http://localhost/unsubscribe#{token}"]


def test_every_header_of_a_mail_is_named_for_the_signature_and_has_our_domain(app, news: Letter) -> None:
    raw, _ = sent_mail(news)
    mail = email.message_from_bytes(raw, policy=policy.default)

    assert set(mail.keys()) == set(SIGNED)
    assert mail["Message-ID"].endswith("@example.com>")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_letters_that_a_contract_demands_carry_none(people: People, outbox: Outbox) -> None:
    people.account()

    assert all("unsubscribe" not in message.text + message.html for message in outbox.sent)
    demanded = [one.purpose for one in all_letters() if not one.purpose.startswith("license_")]
    assert "service_notifications" in demanded
    assert all(unsubscribing.token_for(new_id(), service="", purpose=one, address=ANN) == "" for one in demanded)


def test_a_notice_with_an_off_switch_can_be_unsubscribed_and_switched_on_again(
    people: People, outbox: Outbox, reminder: Letter
) -> None:
    account = people.account("ann@example.org", "business-hub")
    member = people.sign_in()
    write(reminder, account["id"], service="business-hub")
    token = link_in(outbox.last("test_notice"))

    for _ in range(2):
        people.stranger.post(f"{API}/{token}", **ONE_CLICK)
    write(reminder, account["id"], service="business-hub")
    stopped = len([one for one in outbox.sent if one.letter == "test_notice"])
    shown = member.get("/api/v1/me/notices").json["notices"]
    member.put("/api/v1/me/notices/license_notices", json={"on": True})
    write(reminder, account["id"], service="business-hub")

    assert stopped == 1
    assert [(one["purpose"], one["on"]) for one in shown] == [("license_notices", False)]
    assert len([one for one in outbox.sent if one.letter == "test_notice"]) == 2


@pytest.mark.policy("BUS-22")
def test_the_off_switch_of_licence_notices_counts_at_once_also_for_those_that_wait(
    people: People, outbox: Outbox, reminder: Letter
) -> None:
    account = people.account("ann@example.org", "business-hub")
    write(reminder, account["id"], service="business-hub")

    off = people.sign_in().put("/api/v1/me/notices/license_notices", json={"on": False})

    assert (off.status_code, off.json["on"]) == (200, False)
    assert "test_notice" not in {message.letter for message in outbox.sent}


def test_a_notice_no_service_of_the_person_sends_does_not_exist(people: People) -> None:
    member = people.member()

    assert member.get("/api/v1/me/notices").json["notices"] == []
    assert member.put("/api/v1/me/notices/license_notices", json={"on": False}).status_code == 404


# --- web beacons


@pytest.mark.policy("COO-24")
def test_a_letter_holds_no_beacon_before_the_person_allowed_it(people: People, outbox: Outbox, news: Letter) -> None:
    subscribed(people, outbox, news)

    assert read(outbox.last("test_news").html).all("img") == []


@pytest.mark.policy("COO-16")
def test_with_the_consent_a_letter_of_a_campaign_holds_one_image_of_this_server(
    people: People, outbox: Outbox, news: Letter
) -> None:
    person, _ = subscribed(people, outbox, news)
    people.sign_in().put("/api/v1/cookie-choices", json={"choices": {"campaign_statistics": True}})
    write(news, person)

    images = read(outbox.last("test_news").html).all("img")

    assert [image.attributes["src"] for image in images] == ["http://localhost/api/v1/beacons/spring.gif"]


@pytest.mark.parametrize("token", ["a%0d%0aX-Evil:%201", "%0a", "a%23b", "javascript:alert(1)", "a" * 5000])
def test_whatever_stands_in_the_address_leads_to_the_page_and_nowhere_else(people: People, token: str) -> None:
    looked = people.stranger.get(f"{API}/{token}")
    asked = people.stranger.post(f"{API}/{token}")

    assert looked.status_code == 303
    assert re.fullmatch(r"/unsubscribe#[A-Za-z0-9%._-]+", looked.headers["Location"])
    assert "X-Evil" not in looked.headers
    assert (asked.status_code, asked.json["code"]) == (404, "unsubscribe_link_damaged")


def test_whoever_calls_again_and_again_fills_no_trail(people: People, outbox: Outbox, news: Letter) -> None:
    _, token = subscribed(people, outbox, news)

    for _ in range(5):
        assert people.stranger.post(f"{API}/{token}", **ONE_CLICK).status_code == 204

    with db.transaction(reading=True) as session:
        acts = list(session.scalars(select(AuditEntry.action).where(AuditEntry.action == "letters.unsubscribed")))
    assert len(acts) == 1
