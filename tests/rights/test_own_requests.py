"""What people ask about their own data: most is served at once, the rest is visible until it is answered."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account
from suite.exports.models import Export
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.privacy import may, sweep_job
from suite.privacy.models import Person, Tombstone
from suite.rights.models import RightsRequest
from tests.people import Outbox, People
from tests.rights.asking import COMPLAINT, REQUESTS, act, ask, complaint, later, officer, refused, row


@pytest.mark.policy("RIG-19", "RIG-20", "RIG-28", "RIG-34", "DEC-8")
def test_a_request_has_a_visible_state_a_date_and_a_deadline_and_costs_nothing(people: People, outbox: Outbox) -> None:
    member = people.member()

    made = ask(member, **COMPLAINT)

    shown = member.get(f"{REQUESTS}/{made['id']}").json
    assert (shown["kind"], shown["state"], shown["fee_cents"]) == ("complaint", "received", None)
    assert shown["text"] == COMPLAINT["text"]
    assert shown["received_at"] < shown["due_at"]
    assert member.get(REQUESTS).json["requests"] == [shown]
    letter = outbox.last("request_received").text
    assert made["id"] in letter
    assert "costs you nothing" in letter


@pytest.mark.policy("GEN-7")
@pytest.mark.parametrize("kind", ["question", "update", "rectification", "contract_clauses"])
def test_whatever_the_program_cannot_do_reaches_staff(people: People, kind: str) -> None:
    member = people.member()

    made = ask(member, kind=kind, text="My name is spelled wrong on the invoice.")

    work = officer(people).get("/api/v1/staff/privacy/requests").json["requests"]
    assert [(one["id"], one["kind"], one["state"]) for one in work] == [(made["id"], kind, "received")]


@pytest.mark.policy("RIG-4")
def test_what_people_can_correct_themselves_is_answered_with_the_way(people: People, outbox: Outbox) -> None:
    made = ask(people.member(), kind="rectification", field="language")

    assert (made["state"], made["about"]) == ("fulfilled", "language")
    assert "settings of your account" in made["answer"]
    assert "settings of your account" in outbox.last("request_fulfilled").text


@pytest.mark.policy("RIG-14", "RIG-15", "RIG-16", "RIG-23")
def test_a_withdrawn_consent_holds_at_once_and_says_what_stops(people: People) -> None:
    member = people.member(consents=["news_by_email"])
    person = member.get("/api/v1/me").json["id"]

    made = ask(member, kind="consent_withdrawal", purpose="news_by_email")

    assert made["state"] == "fulfilled"
    assert made["stops"]
    with db.transaction(reading=True):
        assert not may(UUID(person), "news_by_email", "my-account")
    again = member.post(REQUESTS, json={"kind": "consent_withdrawal", "purpose": "news_by_email"})
    assert refused(again) == (409, "no_consent_given")


@pytest.mark.policy("RIG-5", "DEC-8")
def test_an_erasure_is_executed_at_once_and_leaves_a_nameless_stone(people: People, outbox: Outbox) -> None:
    member = people.member(service="office-365")  # it would keep data for six months

    made = ask(member, kind="erasure")

    assert made["state"] == "in_progress"
    assert member.get(REQUESTS).status_code == 401
    outbox.empty()
    with db.transaction(reading=True) as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 0
        assert session.scalar(select(func.count()).select_from(RightsRequest)) == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 0
        assert set(session.scalars(select(Tombstone.kind))) == {"account.closed", "person.erased"}


def test_the_farewell_of_an_erasure_offers_no_way_back(people: People, outbox: Outbox) -> None:
    ask(people.member(service="business-hub"), kind="erasure")  # this service has a grace

    assert [one.letter for one in outbox.sent if one.letter.startswith("account_closed")] == ["account_closed"]


@pytest.mark.policy("RIG-24", "RIG-25", "DEC-8")
@pytest.mark.parametrize("kind", ["access", "portability", "erasure"])
def test_a_sensitive_request_needs_a_fresh_confirmation(people: People, kind: str) -> None:
    member = people.member()

    with later(minutes=6):
        answer = member.post(REQUESTS, json={"kind": kind})

    assert refused(answer) == (403, "sign_in_again")
    assert member.get(REQUESTS).json["requests"] == []


def test_a_request_can_be_taken_back_while_it_is_open(people: People, outbox: Outbox) -> None:
    member, request = complaint(people)

    taken_back = member.post(f"{REQUESTS}/{request}/withdrawal")

    assert taken_back.json["state"] == "withdrawn"
    assert refused(member.post(f"{REQUESTS}/{request}/withdrawal")) == (409, "request_not_open")
    assert outbox.last("request_withdrawn")
    assert refused(act(officer(people), request, "take")) == (409, "request_not_open")


def test_a_request_of_somebody_else_is_not_there(people: People) -> None:
    _, request = complaint(people)
    bob = people.member("bob@example.org")

    for answer in (
        bob.get(f"{REQUESTS}/{request}"),
        bob.post(f"{REQUESTS}/{request}/withdrawal"),
        bob.post(f"{REQUESTS}/{request}/information", json={"text": "x"}),
        bob.get(f"{REQUESTS}/{new_id()}"),
    ):
        assert refused(answer) == (404, "not_found")
    assert bob.get(REQUESTS).json == {"requests": [], "next_cursor": None}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "coffee"},
        {"kind": "complaint"},
        {"kind": "rectification"},
        {"kind": "restriction"},
        {"kind": "objection"},
        {"kind": "restriction", "reason": "accuracy", "purpose": "traffic_statistics"},
        {"kind": "consent_withdrawal"},
        {"kind": "complaint", "text": "x", "recipient": "bob@example.org"},
        {"kind": "objection", "purpose": "news_by_email"},
    ],
)
def test_a_request_says_what_it_needs_and_nothing_else(people: People, body: dict[str, str]) -> None:
    answer = people.member().post(REQUESTS, json=body)

    assert answer.status_code == 422


def test_a_repeated_request_with_one_key_is_made_once(people: People) -> None:
    member, key = people.member(), {"Idempotency-Key": "once"}

    answers = [member.post(REQUESTS, json=COMPLAINT, headers=key) for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert len(member.get(REQUESTS).json["requests"]) == 1


def test_what_was_written_is_stored_encrypted(people: People) -> None:
    _, request = complaint(people)

    stored = row(request)

    assert stored.text is not None
    assert COMPLAINT["text"].encode() not in stored.text


def test_a_closed_request_goes_after_its_time(people: People, outbox: Outbox) -> None:
    member, request = complaint(people)
    member.post(f"{REQUESTS}/{request}/withdrawal")
    closed = row(request).closed_at
    assert closed is not None
    limit = closed.replace(year=closed.year + 1)

    for instant, left in ((limit - timedelta(seconds=1), 1), (limit, 0)):
        with clock.at(instant):
            sweep()
            with db.transaction(reading=True) as session:
                assert session.scalar(select(func.count()).select_from(RightsRequest)) == left


def sweep() -> None:
    """Delete what is due."""
    sweep_job.run()


@pytest.mark.policy("RIG-2", "RIG-10", "RIG-11", "DEC-8")
@pytest.mark.parametrize(
    "body", [{"kind": "access"}, {"kind": "portability"}, {"kind": "portability", "recipient": "Another vendor"}]
)
def test_a_copy_is_made_in_the_background_and_ends_the_request(
    people: People, outbox: Outbox, body: dict[str, str]
) -> None:
    member = people.member()

    made = ask(member, **body)
    outbox.deliver()

    assert (made["state"], made["recipient"]) == ("in_progress", body.get("recipient"))
    done = member.get(f"{REQUESTS}/{made['id']}").json
    assert done["state"] == "fulfilled"
    assert "Sign in to download" in done["answer"]
    with db.transaction(reading=True) as session:
        (copy,) = session.scalars(select(Export)).all()
    assert (str(copy.request_id), copy.recipient, copy.state) == (made["id"], body.get("recipient"), "ready")


def test_a_second_copy_waits_for_the_first(people: People) -> None:
    member = people.member()
    ask(member, kind="access")

    assert refused(member.post(REQUESTS, json={"kind": "portability"})) == (409, "export_running")
    assert len(member.get(REQUESTS).json["requests"]) == 1


def test_a_copy_for_a_request_that_was_taken_back_ends_nothing(people: People, outbox: Outbox) -> None:
    member = people.member()
    made = ask(member, kind="access")
    member.post(f"{REQUESTS}/{made['id']}/withdrawal")

    outbox.deliver()

    assert member.get(f"{REQUESTS}/{made['id']}").json["state"] == "withdrawn"
