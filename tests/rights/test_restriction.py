"""Restriction and objection: data are stored and otherwise unused, until the person says so."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from suite.kernel import clock, db
from suite.kernel.access import Permission
from suite.messages import letters as known
from suite.messages import post
from suite.messages.letters import Letter, Line
from suite.messages.models import Message
from suite.privacy import may, suppressed
from suite.privacy.models import Tombstone
from suite.privacy.tombstones import REPLAYS
from suite.webhooks import EVENTS, emit
from suite.webhooks.models import WITHHELD, Delivery
from tests import callers
from tests.people import PASSWORD, Outbox, People, SignedIn
from tests.rights.asking import act, ask, officer, refused

ME = "/api/v1/me"


def restrict(member: SignedIn, reason: str = "accuracy") -> None:
    assert ask(member, kind="restriction", reason=reason)["state"] == "fulfilled"


def number(member: SignedIn) -> UUID:
    return UUID(member.get(ME).json["id"])


def allowed(person: UUID, *purposes: str) -> list[bool]:
    with db.transaction(reading=True):
        return [may(person, purpose) for purpose in purposes]


@pytest.mark.policy("RIG-7", "RIG-8", "DEC-8")
@pytest.mark.parametrize("reason", ["accuracy", "unlawful"])
def test_a_person_restricts_sees_it_and_ends_it(people: People, outbox: Outbox, reason: str) -> None:
    member = people.member()
    restrict(member, reason)

    seen = people.sign_in().get(f"{ME}/restriction").json
    ended = member.delete(f"{ME}/restriction")

    assert (seen["restricted"], seen["reason"]) == (True, reason)
    assert ended.status_code == 204
    assert member.get(f"{ME}/restriction").json == {"restricted": False, "since": None, "reason": None}
    assert outbox.last("restriction_ended")


@pytest.mark.policy("RIG-9")
def test_while_restricted_only_guards_and_the_law_go_on(people: People) -> None:
    member = people.member(consents=["news_by_email"])
    person = number(member)
    restrict(member)

    used = ("provide_service", "service_notifications", "traffic_statistics", "news_by_email", "license_notices")
    assert allowed(person, *used) == [False] * len(used)
    assert allowed(person, "sign_in", "protect_accounts", "legal_obligation") == [True] * 3


@pytest.mark.policy("RIG-9", "RIG-16")
def test_a_letter_that_waits_when_the_data_are_restricted_is_not_sent(people: People, outbox: Outbox) -> None:
    member = people.member()
    person = number(member)
    letter = Letter("restricted_test", "x", (Line("x"),), purpose="service_notifications")
    known._letters[letter.key] = letter
    try:
        with db.transaction():
            written = post(letter, person_id=person, to="ann@example.org", language="en", facts={})
        restrict(member)
        outbox.deliver()
    finally:
        del known._letters[letter.key]

    with db.transaction(reading=True) as session:
        assert session.get_one(Message, written).state == "withheld"


@pytest.mark.policy("RIG-9")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"{ME}/settings", {"language": "de"}),
        ("PATCH", f"{ME}/services/business-hub", {"profile": {"country": "AT"}}),
        ("POST", f"{ME}/services", {"service": "my-account"}),
        ("POST", f"{ME}/email", {"email": "new@example.org"}),
        ("PUT", f"{ME}/consents/business-hub/news_by_email", {"given": True}),
    ],
)
def test_restricted_data_are_not_changed(people: People, method: str, path: str, body: dict[str, Any]) -> None:
    member = people.member(service="business-hub")
    seen = member.get(path).headers.get("ETag", "") if method == "PATCH" else ""
    restrict(member)

    answer = member.request(method, path, json=body, headers={"If-Match": seen} if seen else {})

    assert refused(answer) == (409, "data_restricted")


def test_what_guards_the_person_can_still_be_changed(people: People) -> None:
    member = people.member()
    restrict(member)

    changed = member.put(f"{ME}/password", json={"password": "five small red kettles", "current": PASSWORD})

    assert changed.status_code == 204
    assert ask(member, kind="erasure")["state"] == "in_progress"


@pytest.mark.policy("RIG-9", "RIG-33")
def test_connected_systems_are_told_of_the_restriction_and_of_nothing_else(people: People) -> None:
    connect(people)
    member = people.member()
    person = number(member)

    restrict(member)
    with db.transaction():
        emit("service.joined", person_id=person, service="business-hub")
    member.delete(f"{ME}/restriction")

    assert told() == ["account.verified", "service.joined", "privacy.restricted", "privacy.restriction_ended"]


@pytest.mark.policy("RIG-9", "RIG-16")
def test_an_event_that_waits_when_the_data_are_restricted_does_not_leave(people: People, outbox: Outbox) -> None:
    connect(people)
    restrict(people.member())

    outbox.deliver()

    with db.transaction(reading=True) as session:
        states = dict(session.execute(select(Delivery.event, Delivery.state)).all())
    assert states["service.joined"] == WITHHELD
    assert states["privacy.restricted"] != WITHHELD


@pytest.mark.policy("RIG-33")
def test_connected_systems_are_told_of_corrections_and_erasures(people: People) -> None:
    connect(people)
    member = people.member()
    made = ask(member, kind="rectification", text="My name is Anne.")

    act(officer(people), made["id"], "fulfilment", text="Corrected.")
    ask(member, kind="erasure")

    assert told()[-2:] == ["privacy.rectified", "account.closed"]


@pytest.mark.policy("RIG-12", "RIG-13", "DEC-8")
def test_an_objection_stops_a_legitimate_interest_and_can_be_taken_back(people: People) -> None:
    member = people.member()
    person = number(member)

    made = ask(member, kind="objection", purpose="traffic_statistics")

    assert made["state"] == "fulfilled"
    assert allowed(person, "traffic_statistics") == [False]
    assert [one["purpose"] for one in member.get(f"{ME}/objections").json["objections"]] == ["traffic_statistics"]
    assert member.delete(f"{ME}/objections/traffic_statistics").status_code == 204
    assert allowed(person, "traffic_statistics") == [True]
    assert refused(member.delete(f"{ME}/objections/traffic_statistics")) == (404, "not_found")


@pytest.mark.policy("RIG-13")
def test_an_overriding_reason_is_recorded_by_staff_and_told(people: People, outbox: Outbox) -> None:
    member = people.member()
    person = number(member)
    made = ask(member, kind="objection", purpose="prevent_fraud")
    staff = officer(people)
    assert allowed(person, "prevent_fraud") == [False]

    weak = act(staff, made["id"], "refusal", reason="legal_duty", text="No.")
    strong = act(staff, made["id"], "refusal", reason="overriding_interest", text="Fraud was tried twice.")

    assert refused(weak) == (422, "overriding_reason_needed")
    assert strong.json["state"] == "refused"
    assert allowed(person, "prevent_fraud") == [True]
    assert member.get(f"{ME}/objections").json["objections"][0]["overridden"] == "overriding_interest"
    assert "outweigh your interest" in outbox.last("request_refused").text


@pytest.mark.policy("RIG-13")
def test_what_guards_the_person_is_weighed_before_it_stops(people: People, outbox: Outbox) -> None:
    member = people.member()
    person = number(member)

    made = ask(member, kind="objection", purpose="protect_accounts")

    assert made["state"] == "received"
    assert member.get(f"{ME}/objections").json["objections"][0]["overridden"] == "guards_the_person"
    assert "weighs your objection" in outbox.last("request_weighed").text
    assert allowed(person, "protect_accounts") == [True]
    act(officer(people), made["id"], "fulfilment", text="We stop it.")
    assert allowed(person, "protect_accounts") == [False]


def test_every_choice_leaves_a_stone_that_repeats_it(people: People) -> None:
    member = people.member()
    person = number(member)
    restrict(member)
    ask(member, kind="objection", purpose="traffic_statistics")
    member.delete(f"{ME}/restriction")
    member.delete(f"{ME}/objections/traffic_statistics")
    with db.transaction(reading=True) as session:
        stones = session.scalars(select(Tombstone).order_by(Tombstone.id)).all()
    states = []

    for stone in stones:
        for _ in range(2):
            with db.transaction():
                REPLAYS[stone.kind](person, clock.now(), stone.facts)
        states.append(allowed(person, "provide_service", "traffic_statistics"))

    assert [stone.kind for stone in stones] == ["restriction", "objection", "restriction.ended", "objection.ended"]
    assert states == [[False, False], [False, False], [True, False], [True, True]]
    assert str(person) not in str([(stone.subject, stone.facts) for stone in stones])


# --- connected systems


def connect(people: People) -> None:
    """Connect a system that wants to hear everything."""
    staff = callers.staff(people._app, Permission.MANAGE_WEBHOOKS)
    made = staff.post("/api/v1/staff/webhooks", json={"url": "https://example.org/hooks", "events": list(EVENTS)})
    assert made.status_code == 201, made.json


def told() -> list[str]:
    """Give what was written down for connected systems, oldest first."""
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Delivery.event).order_by(Delivery.id)))


@pytest.mark.policy("GEN-25", "RIG-12")
def test_an_objection_to_notices_with_an_off_switch_stands_on_the_suppression_list(people: People) -> None:
    member = people.member(service="business-hub")
    person = number(member)

    made = ask(member, kind="objection", purpose="license_notices")

    assert made["state"] == "fulfilled"
    assert allowed(person, "license_notices") == [False]
    assert [one["purpose"] for one in member.get(f"{ME}/objections").json["objections"]] == ["license_notices"]
    with db.transaction(reading=True):
        assert suppressed("ann@example.org", "license_notices")
    assert member.delete(f"{ME}/objections/license_notices").status_code == 204
    with db.transaction(reading=True):
        assert not suppressed("ann@example.org", "license_notices")
    assert allowed(person, "license_notices") == [True]


@pytest.mark.policy("GEN-25", "RIG-14")
def test_consents_withdrawn_by_a_request_stand_on_the_suppression_list(people: People) -> None:
    member = people.member(consents=["news_by_email"])

    ask(member, kind="consent_withdrawal", purpose="news_by_email")

    with db.transaction(reading=True):
        assert suppressed("ann@example.org", "news_by_email")


@pytest.mark.policy("RIG-13")
def test_an_objection_that_was_followed_is_taken_from_nobody_for_a_weak_reason(people: People) -> None:
    member = people.member()
    made = ask(member, kind="objection", purpose="traffic_statistics")

    answer = act(officer(people), made["id"], "refusal", reason="repetitive", text="Again.")

    assert refused(answer) == (409, "request_not_open")
    assert member.get(f"{ME}/requests/{made['id']}").json["state"] == "fulfilled"


@pytest.mark.parametrize(("service", "named"), [("business-hub", "bfdi.bund.de"), ("my-account", "of your country")])
def test_a_refusal_names_the_authority_of_the_country_where_it_is_known(
    people: People, outbox: Outbox, service: str, named: str
) -> None:
    made = ask(people.member(service=service), kind="complaint", text="Not fair.")

    act(officer(people), made["id"], "refusal", reason="unfounded", text="We do not see why.")

    assert named in outbox.last("request_refused").text
