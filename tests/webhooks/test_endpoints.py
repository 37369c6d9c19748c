"""Connecting other systems, by the routes of the internal tools."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.kernel import access, clock, db, secrets
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry, Job
from suite.privacy import Person
from suite.webhooks import EVENTS
from suite.webhooks.models import Delivery, Endpoint
from tests import callers
from tests.failures.crowd import at_once
from tests.people import SignedIn
from tests.webhooks.conftest import ROUTE, Connected, count, deliver, deliveries, only, tell
from tests.webhooks.receivers import Receiver

URL = "https://billing.example.com/hooks/accounts?key=1"
Connect = Callable[..., Connected]


def row() -> Endpoint:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Endpoint)).one()


def audited() -> list[tuple[str, dict[str, Any]]]:
    with db.transaction(reading=True) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action.like("webhook%")).order_by(AuditEntry.id))
        return [(entry.action, entry.facts) for entry in found]


# --- connecting


def test_a_connected_system_is_shown_as_it_was_made_and_its_secret_once(staff: SignedIn) -> None:
    made = staff.post(ROUTE, json={"url": URL, "description": "Billing", "events": ["service.left", "account.closed"]})

    shown = staff.get(f"{ROUTE}/{made.json['endpoint']['id']}").json
    assert made.status_code == 201
    assert made.json["endpoint"] == shown
    assert (shown["url"], shown["description"]) == (URL, "Billing")
    assert shown["events"] == ["account.closed", "service.left"]
    assert shown["enabled"] is True
    assert {shown[name] for name in ("disabled_at", "disabled_because", "failing_since", "old_secret_until")} == {None}
    assert len(base64.b64decode(made.json["secret"].removeprefix("whsec_"))) == 32
    listed = staff.get(ROUTE)
    assert listed.json == {"endpoints": [shown], "next_cursor": None}
    assert "whsec_" not in listed.text


def test_the_secret_lies_encrypted_in_the_database(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL)

    raw = base64.b64decode(made.secret.removeprefix("whsec_"))
    assert raw not in row().secret
    assert made.secret.encode() not in row().secret
    assert row().secret[:1] == b"\x01"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"events": ["account.closed"]}, "/url"),
        ({"url": URL}, "/events"),
        ({"url": URL, "events": []}, "/events"),
        ({"url": URL, "events": ["account.sold"]}, "/events/0"),
        ({"url": URL, "events": ["webhook.test"]}, "/events/0"),
        ({"url": URL, "events": list(EVENTS) * 2}, "/events"),
        ({"url": URL, "events": ["account.closed"], "secret": "whsec_x"}, "/secret"),
        ({"url": URL, "events": ["account.closed"], "enabled": True}, "/enabled"),
        ({"url": URL, "events": ["account.closed"], "description": "x" * 201}, "/description"),
        ({"url": "https://example.org/" + "x" * 481, "events": ["account.closed"]}, "/url"),
        ({"url": "http://example.org/", "events": ["account.closed"]}, "/url"),
        ({"url": "https://127.0.0.1/", "events": ["account.closed"]}, "/url"),
        ({"url": "https://ann@example.org/", "events": ["account.closed"]}, "/url"),
        ({"url": "https://example.org/#x", "events": ["account.closed"]}, "/url"),
        ({"url": "https:example.org", "events": ["account.closed"]}, "/url"),
    ],
)
def test_what_makes_no_endpoint_is_refused(staff: SignedIn, body: dict[str, Any], pointer: str) -> None:
    answer = staff.post(ROUTE, json=body)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert pointer in {one["pointer"] for one in answer.json["errors"]}
    assert count(Endpoint) == 0


def test_a_refused_address_is_explained_in_the_language_of_the_caller(staff: SignedIn) -> None:
    body = {"url": "http://example.org/", "events": ["account.closed"]}

    answer = staff.post(ROUTE, json=body, headers={"Accept-Language": "de"})

    assert answer.json["errors"][0]["message"] == "Die Webadresse muss mit https:// beginnen."


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("DELETE", "/{}"), ("POST", "/{}/secret")])
def test_making_rotating_and_deleting_want_a_recent_confirmation(
    app: App, connect: Connect, method: str, path: str
) -> None:
    made = connect(URL)
    tired = callers.staff(app, Permission.MANAGE_WEBHOOKS, fresh=False)

    answer = tired.request(method, ROUTE + path.format(made.id), json={"url": URL, "events": ["account.closed"]})

    assert (answer.status_code, answer.json["code"]) == (403, "sign_in_again")
    assert tired.get(made.path).status_code == 200
    assert count(Endpoint) == 1


def test_connected_systems_are_listed_in_pages_newest_first(staff: SignedIn, connect: Connect) -> None:
    made = [connect(f"https://example.org/{number}").id for number in range(5)]

    pages, cursor = [], None
    while len(pages) < 9:
        page = staff.get(ROUTE, query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})).json
        pages.append([one["id"] for one in page["endpoints"]])
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert pages == [[made[4], made[3]], [made[2], made[1]], [made[0]]]


# --- changing


def test_what_is_left_out_of_a_change_stays(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL, "account.closed")
    before = staff.get(made.path).json

    described = staff.request("PATCH", made.path, json={"description": "Payments"}).json
    moved = staff.request("PATCH", made.path, json={"url": "https://example.org/x", "events": ["service.left"]}).json
    nothing = staff.request("PATCH", made.path, json={}).json

    assert described == before | {"description": "Payments"}
    assert moved == described | {"url": "https://example.org/x", "events": ["service.left"]}
    assert nothing == moved


def test_a_change_judges_the_address_like_making_does(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL)

    answer = staff.request("PATCH", made.path, json={"url": "https://[::1]/", "description": "x"})

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/url")
    assert (row().url, row().description) == (URL, "")


def test_a_disabled_endpoint_hears_nothing_until_it_is_enabled(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    disabled = staff.request("PATCH", made.path, json={"enabled": False}).json
    tell("service.joined")

    enabled = staff.request("PATCH", made.path, json={"enabled": True}).json
    tell("service.left")
    deliver()

    assert (disabled["enabled"], disabled["disabled_because"]) == (False, "operator")
    assert disabled["disabled_at"] is not None
    assert (enabled["enabled"], enabled["disabled_at"], enabled["disabled_because"]) == (True, None, None)
    assert receiver.events == ["service.left"]


def test_what_waits_for_an_endpoint_that_is_disabled_fails_and_can_be_sent_again(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    tell()
    staff.request("PATCH", made.path, json={"enabled": False})
    deliver()
    failed = only()

    refused = staff.post(f"{made.path}/deliveries/{failed.id}/replay")
    staff.request("PATCH", made.path, json={"enabled": True})
    staff.post(f"{made.path}/deliveries/{failed.id}/replay")
    deliver()

    assert (failed.state, failed.problem, failed.tries) == ("failed", "endpoint_disabled", 0)
    assert (refused.status_code, refused.json["code"]) == (409, "endpoint_disabled")
    assert (only().state, only().problem) == ("delivered", None)


def test_a_disabled_endpoint_takes_no_test_and_no_replay(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL)
    staff.request("PATCH", made.path, json={"enabled": False})

    answers = [
        staff.post(f"{made.path}/test"),
        staff.post(f"{made.path}/replay", json={"since": "2026-01-01T00:00:00Z"}),
    ]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(409, "endpoint_disabled")] * 2


# --- deleting


def test_deleting_takes_what_waits_along_and_leaves_nothing(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made, other = connect(receiver.url), connect(receiver.url)
    person = tell("account.closed", farewell=True)
    tell("service.left", person=person)

    gone = staff.delete(made.path)
    deliver()

    assert gone.status_code == 204
    assert staff.get(made.path).json["code"] == "not_found"
    assert {one.endpoint_id.hex for one in deliveries()} == {other.id.replace("-", "")}
    assert len(receiver.taken) == 2
    assert (count(Person), count(Job)) == (1, 0)


def test_deleting_twice_is_not_found(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL)

    answers = [staff.delete(made.path).status_code for _ in range(2)]

    assert answers == [204, 404]


# --- secrets


def test_after_a_rotation_both_secrets_sign_for_24_hours_and_then_the_new_one_alone(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    now = clock.now()
    with clock.at(now):
        rotated = staff.post(f"{made.path}/secret").json
    tell()
    deliver(now + timedelta(hours=23, minutes=59))
    tell()
    deliver(now + timedelta(hours=24))

    first, second = receiver.taken
    new = rotated["secret"]
    assert new != made.secret
    assert rotated["endpoint"]["old_secret_until"] is not None
    assert len(first.headers["webhook-signature"].split(" ")) == 2
    assert first.signed_with(new)
    assert first.signed_with(made.secret)
    assert second.signed_with(new)
    assert not second.signed_with(made.secret)
    assert (row().old_secret, row().old_secret_until) == (None, None)


def test_a_secret_is_not_renewed_again_while_the_one_before_signs(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL)
    now = clock.now()
    with clock.at(now):
        staff.post(f"{made.path}/secret")
        again = staff.post(f"{made.path}/secret")
    with clock.at(now + timedelta(hours=24)):
        tomorrow = callers.staff(staff.client.application, Permission.MANAGE_WEBHOOKS)  # type: ignore[arg-type]
        later = tomorrow.post(f"{made.path}/secret")

    assert (again.status_code, again.json["code"]) == (409, "secret_just_rotated")
    assert 86_000 < int(again.headers["Retry-After"]) <= 86_401
    assert later.status_code == 200


def test_of_fifty_rotations_at_once_one_renews_the_secret(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)

    answers = at_once(50, lambda _which: staff.post(f"{made.path}/secret"))
    tell()
    deliver()

    new = [one.json["secret"] for one in answers if one.status_code == 200]
    assert len(new) == 1
    assert {one.json["code"] for one in answers if one.status_code != 200} == {"secret_just_rotated"}
    assert receiver.taken[0].signed_with(new[0])
    assert receiver.taken[0].signed_with(made.secret)


# --- test events and the log


def test_a_test_event_is_about_nobody_and_shows_how_it_went(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url, "account.closed")

    sent = staff.post(f"{made.path}/test")
    deliver()

    (taken,) = receiver.taken
    shown = staff.get(f"{made.path}/deliveries").json["deliveries"]
    assert (sent.status_code, sent.json["state"], sent.json["tries"]) == (202, "queued", 0)
    assert (taken.event["type"], taken.event["data"], taken.id) == ("webhook.test", {}, sent.json["id"])
    assert taken.signed_with(made.secret)
    assert [(one["id"], one["state"], one["status"], one["tries"]) for one in shown] == [
        (sent.json["id"], "delivered", 204, 1)
    ]
    assert only().person_id is None


def test_the_log_shows_what_failed_without_saying_about_whom(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    receiver.status = 500
    person = tell()
    deliver()

    answer = staff.get(f"{made.path}/deliveries")

    (shown,) = answer.json["deliveries"]
    assert (shown["event"], shown["state"], shown["status"], shown["problem"], shown["tries"]) == (
        "service.joined",
        "queued",
        500,
        "http_500",
        1,
    )
    assert shown["tried_at"] is not None
    assert shown["delivered_at"] is None
    assert str(person) not in answer.text


def test_the_log_is_paged_and_can_be_narrowed_to_a_state(staff: SignedIn, connect: Connect, receiver: Receiver) -> None:
    made, other = connect(receiver.url, "service.left"), connect(receiver.url, "service.joined")
    for _ in range(3):
        tell("service.left")
        deliver()
    tell("service.joined")
    waiting = [tell("service.left") for _ in range(2)]

    first = staff.get(f"{made.path}/deliveries?limit=4").json
    second = staff.get(f"{made.path}/deliveries", query_string={"limit": 4, "cursor": first["next_cursor"]}).json
    queued = staff.get(f"{made.path}/deliveries?state=queued").json

    ids = [one["id"] for page in (first, second) for one in page["deliveries"]]
    assert ids == [str(one.id) for one in reversed(deliveries()) if str(one.endpoint_id) == made.id]
    assert (len(first["deliveries"]), len(second["deliveries"]), second["next_cursor"]) == (4, 1, None)
    assert [one["id"] for one in queued["deliveries"]] == ids[: len(waiting)]
    assert len(staff.get(f"{other.path}/deliveries").json["deliveries"]) == 1


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("cursor=x", "invalid_cursor"),
        ("cursor=", "invalid_cursor"),
        ("limit=0", "invalid_input"),
        ("limit=101", "invalid_input"),
        ("limit=ten", "invalid_input"),
        ("state=lost", "invalid_input"),
        ("order=desc", "invalid_input"),
    ],
)
def test_a_question_nobody_understands_is_refused(staff: SignedIn, connect: Connect, query: str, code: str) -> None:
    answer = staff.get(f"{connect(URL).path}/deliveries?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_delivery_of_another_endpoint_is_not_found(staff: SignedIn, connect: Connect, receiver: Receiver) -> None:
    made, other = connect(receiver.url, "service.left"), connect(receiver.url, "service.joined")
    tell("service.joined")
    deliver()

    answers = [
        staff.post(f"{path}/deliveries/{delivery}/replay").status_code
        for path, delivery in ((made.path, only().id), (other.path, new_id()), (other.path, only().id))
    ]

    assert answers == [404, 404, 202]


# --- the trail


def test_every_change_stands_in_the_audit_trail_without_addresses_and_secrets(
    app: App, staff: SignedIn, receiver: Receiver
) -> None:
    made = staff.post(ROUTE, json={"url": receiver.url, "events": ["service.left"]}).json["endpoint"]["id"]
    path = f"{ROUTE}/{made}"
    staff.request("PATCH", path, json={"url": f"{receiver.url}/2", "events": ["service.joined"]})
    staff.request("PATCH", path, json={"enabled": False})
    staff.request("PATCH", path, json={"enabled": True})
    staff.post(f"{path}/secret")
    sent = staff.post(f"{path}/test").json["id"]
    deliver()
    staff.post(f"{path}/deliveries/{sent}/replay")
    staff.post(f"{path}/replay", json={"since": "2026-01-01T00:00:00Z"})
    staff.delete(path)

    found = audited()
    assert [action for action, _ in found] == [
        "webhook.created",
        "webhook.changed",
        "webhook.disabled",
        "webhook.enabled",
        "webhook.secret_rotated",
        "webhook.tested",
        "webhook.replayed",
        "webhook.replayed_failed",
        "webhook.deleted",
    ]
    assert {facts["endpoint"] for _, facts in found} == {made}
    assert found[1][1]["fields"] == ["url", "events"]
    written = str(found)
    assert not any(hidden in written for hidden in ("http", "127.0.0.1", "hooks", "whsec_"))
    with db.transaction(reading=True) as session:
        kinds = set(session.scalars(select(AuditEntry.actor_kind).where(AuditEntry.action.like("webhook%"))))
    assert kinds == {"staff"}


def test_a_change_that_changes_nothing_is_not_written_down(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL, "account.closed")

    staff.request("PATCH", made.path, json={"url": URL, "events": ["account.closed"], "enabled": True})

    assert [action for action, _ in audited()] == ["webhook.created"]


def test_jobs_hold_row_numbers_alone(staff: SignedIn, connect: Connect) -> None:
    made = connect(URL)
    person = tell("account.closed")
    staff.post(f"{made.path}/secret")
    access.begin(access.SYSTEM, None)

    with db.transaction(reading=True) as session:
        args = {job.name: job.args for job in session.scalars(select(Job))}
        delivery = session.scalars(select(Delivery)).one()
    assert args == {
        "webhooks.deliver": {"delivery_id": str(delivery.id)},
        "webhooks.forget_old_secret": {"endpoint_id": made.id},
    }
    assert str(person).encode() not in delivery.payload
    assert secrets.SIGNING_PREFIX not in str(args)
