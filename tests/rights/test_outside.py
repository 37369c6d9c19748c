"""The door for people who cannot sign in: it tells nobody which addresses are known, and gives no data away."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts import address
from suite.kernel import clock, db, limits
from suite.kernel.models import Limit
from suite.messages.models import Message
from suite.privacy import sweep_job
from suite.privacy.models import Person
from suite.rights.models import Requester, RightsRequest
from tests.failures.crowd import at_once
from tests.house_rules.test_statements import counted
from tests.people import Outbox, People
from tests.rights.asking import OUTSIDE, REQUESTS, act, later, officer, outside, proven, refused, row, token

BODY = {"email": "ann@example.org", "kind": "access", "text": "Please send me what you hold."}


def count(table: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.policy("RIG-26")
@pytest.mark.parametrize("kind", ["access", "consent_withdrawal"])
def test_a_known_address_is_answered_like_an_unknown_one_with_the_same_statements_and_the_same_mail(
    people: People, outbox: Outbox, kind: str
) -> None:
    people.account("ann@example.org")
    seen = []

    for email in ("ann@example.org", "nobody@example.org"):
        with counted() as statements, clock.at(clock.now()):
            answer = people.stranger.post(OUTSIDE, json=BODY | {"email": email, "kind": kind})
            body = {"expires_at": answer.json["expires_at"] > ""}
        headers = [(name, value if name != "X-Request-ID" else "…") for name, value in answer.headers]
        letter = outbox.last("request_prove")
        text = letter.text.replace(token(letter), "…").replace(email, "…")
        seen.append((answer.status_code, body, headers, [one.split("(")[0] for one in statements], text))

    assert seen[0] == seen[1]
    assert seen[0][0] == 202


@pytest.mark.policy("RIG-24", "RIG-25")
def test_before_the_address_is_proven_nobody_looks_at_a_request(people: People, outbox: Outbox) -> None:
    mailed = outside(people, outbox)

    assert officer(people).get("/api/v1/staff/privacy/requests").json["requests"] == []

    made = people.stranger.post(f"{OUTSIDE}/proof", json={"token": mailed}).json
    assert set(made) == {"id", "kind", "state", "received_at", "due_at"}
    assert made["state"] == "received"
    assert outbox.last("request_received")


@pytest.mark.policy("RIG-25")
@pytest.mark.parametrize("kind", ["access", "portability"])
def test_a_proven_mailbox_alone_gets_no_copy_of_the_data(people: People, outbox: Outbox, kind: str) -> None:
    member = people.member(service="business-hub")

    made = proven(people, outbox, kind=kind)

    assert made["state"] == "received"
    assert row(made["id"]).state == "received"
    with later(minutes=10):
        assert refused(member.post(REQUESTS, json={"kind": kind})) == (403, "sign_in_again")


def test_a_request_from_outside_is_seen_in_the_account_of_the_address(people: People, outbox: Outbox) -> None:
    member = people.member()

    made = proven(people, outbox)

    assert [one["id"] for one in member.get(REQUESTS).json["requests"]] == [made["id"]]
    assert count(Requester) == 0


def test_somebody_without_an_account_is_answered_by_mail(people: People, outbox: Outbox) -> None:
    made = proven(people, outbox, email="nobody@example.org")
    staff = officer(people)

    seen = act(staff, made["id"], "view").json
    act(staff, made["id"], "fulfilment", text="We held nothing but this request.")

    assert (seen["account_id"], seen["email"]) == (None, "nobody@example.org")
    letter = outbox.last("request_fulfilled")
    assert letter.recipient == "nobody@example.org"
    assert "We held nothing but this request." in letter.text


@pytest.mark.policy("RIG-24", "RIG-27")
def test_a_question_is_answered_by_a_link_that_works_once(people: People, outbox: Outbox) -> None:
    made = proven(people, outbox, email="nobody@example.org")
    due = row(made["id"]).due_at
    act(officer(people), made["id"], "question", text="Which newsletter?", identity=True)
    reply = {"token": token(outbox.last("request_asks_identity")), "text": "The one on viruses."}
    assert row(made["id"]).state == "awaiting_identity"

    with later(days=2):
        answers = [people.stranger.post(f"{OUTSIDE}/information", json=reply).status_code for _ in range(2)]

    assert answers == [204, 404]
    assert row(made["id"]).state == "in_progress"
    assert row(made["id"]).due_at >= due + timedelta(days=2)


@pytest.mark.policy("RIG-14", "RIG-23")
def test_consents_are_withdrawn_as_soon_as_the_mailbox_is_proven(people: People, outbox: Outbox) -> None:
    member = people.member(consents=["news_by_email"])

    made = proven(people, outbox, kind="consent_withdrawal")

    assert made["state"] == "fulfilled"
    given = {one["purpose"]: one["given"] for one in member.get("/api/v1/me/consents").json["consents"]}
    assert given["news_by_email"] is False


def test_a_link_works_once_and_for_a_day(people: People, outbox: Outbox) -> None:
    mailed = outside(people, outbox)

    with later(hours=24):
        late = people.stranger.post(f"{OUTSIDE}/proof", json={"token": mailed})
    codes = at_once(6, lambda _: people.stranger.post(f"{OUTSIDE}/proof", json={"token": mailed}).status_code)

    assert refused(late) == (404, "request_gone")
    assert sorted(codes) == [200] + [404] * 5
    assert count(RightsRequest) == 1


def test_what_nobody_proved_vanishes_after_a_day(people: People, outbox: Outbox) -> None:
    outside(people, outbox)
    with db.transaction(reading=True) as session:
        asked = session.scalars(select(Requester.asked_at)).one()

    for instant, left in ((asked + timedelta(hours=24, seconds=-1), 1), (asked + timedelta(hours=24), 0)):
        with clock.at(instant):
            sweep_job.run()
        assert count(Requester) == left

    assert count(Person) == 0
    assert count(Message) == 0


def test_an_answered_address_goes_with_its_request(people: People, outbox: Outbox) -> None:
    made = proven(people, outbox, email="nobody@example.org")
    act(officer(people), made["id"], "fulfilment", text="Done.")
    closed = row(made["id"]).closed_at
    assert closed is not None

    with clock.at(closed.replace(year=closed.year + 1)):
        sweep_job.run()

    assert (count(Requester), count(RightsRequest)) == (0, 0)


def test_the_door_is_limited_by_address_and_by_network(people: People) -> None:
    same = [people.stranger.post(OUTSIDE, json=BODY).status_code for _ in range(6)]
    others = [
        people.stranger.post(OUTSIDE, json=BODY | {"email": f"p{number}@example.org"}).status_code
        for number in range(20)
    ]

    assert same == [202] * 5 + [429]
    assert others.count(429) == 6


@pytest.mark.parametrize("email", ["", "ann", "ann@", "ann@example.org "])
def test_an_unusable_address_is_refused(people: People, email: str) -> None:
    assert people.stranger.post(OUTSIDE, json=BODY | {"email": email}).status_code == 422


def test_the_page_offers_every_kind_of_request(people: People) -> None:
    page = people.stranger.get("/privacy/request", headers={"Accept-Language": "de"}).get_data(as_text=True)

    assert '<option value="erasure">die Löschung Ihrer Daten</option>' in page


def test_what_stands_after_a_plus_is_no_other_mailbox_at_any_door_that_mails_strangers(people: People) -> None:
    member = people.member("eve@example.net")
    own = limits._key(address.PER_ACCOUNT, member.get("/api/v1/me").json["id"])

    def outside_door(number: int) -> Any:
        return people.stranger.post(OUTSIDE, json=BODY | {"email": f"ann+{number}@example.org"})

    def registration(number: int) -> Any:
        return people.register(f"bob+{number}@example.org")

    def other_address(number: int) -> Any:
        with db.transaction() as session:
            session.query(Limit).filter(Limit.key == own).delete()
        return member.post("/api/v1/me/email", json={"email": f"cem+{number}@example.org"})

    for door, most in ((outside_door, 5), (registration, 8), (other_address, 8)):
        codes = [door(number).status_code for number in range(most + 1)]
        assert codes[:-1] == [202] * most, door
        assert codes[-1] == 429, door


def test_a_network_has_so_many_requests_a_day_whatever_the_addresses(people: People) -> None:
    answers, number = [], 0

    for hour in range(4):
        with clock.at(clock.now() + timedelta(minutes=61 * hour)):
            for _ in range(21):
                number += 1
                answers.append(people.stranger.post(OUTSIDE, json=BODY | {"email": f"p{number}@example.org"}))

    assert [answer.status_code for answer in answers].count(202) == 60
    first_of_the_fourth_hour = answers[63]
    assert first_of_the_fourth_hour.status_code == 429
    assert int(first_of_the_fourth_hour.headers["Retry-After"]) > 12 * 3600
