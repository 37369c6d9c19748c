"""Telling connected systems: what leaves, when, and that each event arrives once under one id."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.kernel import access, clock, db, jobs
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry, Job
from suite.privacy import Person, sweep_job
from suite.webhooks import EVENTS, delivery, emit
from suite.webhooks.models import Delivery, Endpoint
from tests.failures.crowd import at_once
from tests.house_rules.test_statements import counted
from tests.people import Outbox, People, SignedIn
from tests.webhooks.conftest import Connected, count, deliver, deliveries, only, somebody, tell, work
from tests.webhooks.receivers import Receiver

Connect = Callable[..., Connected]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_arrives_signed_and_says_who_and_what_and_no_more(
    connect: Connect, receiver: Receiver, event: str
) -> None:
    made = connect(receiver.url, event)
    at = datetime(2026, 11, 24, 9, 2, 11, 482000, tzinfo=UTC)

    with clock.at(at):
        person = tell(event, service="motorsport" if event.startswith("service") else None)
    deliver(at + timedelta(seconds=90))

    (taken,) = receiver.taken
    about = {"account_id": str(person)} | ({"service": "motorsport"} if event.startswith("service") else {})
    assert taken.event == {"type": event, "timestamp": "2026-11-24T09:02:11.482Z", "data": about}
    assert (taken.method, taken.path) == ("POST", "/hooks")
    assert taken.headers["content-type"] == "application/json"
    assert taken.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert taken.headers["webhook-timestamp"] == str(int(at.timestamp()) + 90)
    assert taken.id == str(only().id)
    assert taken.signed_with(made.secret)
    assert (only().state, only().status, only().tries, only().problem) == ("delivered", 204, 1, None)
    assert only().delivered_at is not None
    assert count(Job) == 0


def test_the_query_of_an_address_is_kept(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url + "?key=a%20b&x=1")

    tell()
    deliver()

    assert receiver.taken[0].path == "/hooks?key=a%20b&x=1"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_a_yes(connect: Connect, receiver: Receiver, status: int) -> None:
    connect(receiver.url)
    receiver.status = status

    tell()
    deliver()

    assert (only().state, only().status) == ("delivered", status)


def test_every_endpoint_hears_what_it_asked_for_and_nothing_else(connect: Connect, receiver: Receiver) -> None:
    all_, left, closed = (
        connect(receiver.url),
        connect(receiver.url, "service.left"),
        connect(receiver.url, "account.closed"),
    )

    tell("service.left")
    tell("service.joined")
    deliver()

    heard = Counter((str(one.endpoint_id), one.event) for one in deliveries())
    assert heard == {(all_.id, "service.left"): 1, (all_.id, "service.joined"): 1, (left.id, "service.left"): 1}
    assert closed.id not in {endpoint for endpoint, _ in heard}
    assert len({one.id for one in receiver.taken}) == len(receiver.taken) == 3
    assert all(sum(one.signed_with(made.secret) for made in (all_, left)) == 1 for one in receiver.taken)


def test_what_people_do_reaches_connected_systems(
    people: People, outbox: Outbox, connect: Connect, receiver: Receiver
) -> None:
    connect(receiver.url)
    member = people.member("ann@example.org", "business-hub")
    account = member.get("/api/v1/me").json["id"]
    member.post("/api/v1/me/services", json={"service": "cloud-console"})
    member.delete("/api/v1/me/services/cloud-console")
    member.post("/api/v1/me/closure")
    outbox.deliver()

    told = [(one.event["type"], one.event["data"]) for one in receiver.taken]
    assert sorted(told, key=str) == sorted(
        [
            ("account.verified", {"account_id": account}),
            ("service.joined", {"account_id": account, "service": "business-hub"}),
            ("service.joined", {"account_id": account, "service": "cloud-console"}),
            ("service.left", {"account_id": account, "service": "cloud-console"}),
            ("account.closed", {"account_id": account}),
        ],
        key=str,
    )
    assert b"ann" not in b"".join(one.body for one in receiver.taken)


def test_an_event_of_a_story_that_was_rolled_back_never_leaves(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    person = somebody()

    with pytest.raises(ZeroDivisionError), db.transaction():
        emit("service.left", person_id=person)
        raise ZeroDivisionError
    deliver()

    assert (count(Delivery), count(Job), receiver.asked) == (0, 0, 0)


def test_an_event_nobody_declared_is_an_error_of_the_program(app: Any) -> None:
    with pytest.raises(ValueError, match="add it to EVENTS"), db.transaction():
        emit("account.sold", person_id=new_id())


def test_waiting_events_of_a_person_who_is_erased_never_leave(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    person = tell("service.joined")

    with db.transaction() as session:
        session.delete(session.get_one(Person, person))
    deliver()

    assert (count(Delivery), count(Job), receiver.asked) == (0, 0, 0)


# --- once, whatever happens


def test_a_crash_between_sending_and_marking_repeats_the_event_under_the_same_id(
    connect: Connect, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = connect(receiver.url)
    now = clock.now()
    with clock.at(now):
        tell()

    def crash(_claimed: jobs.Claimed) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "drop", crash)
        with pytest.raises(SystemExit):
            deliver(now)
    deliver(now + timedelta(seconds=59))
    early = len(receiver.taken)
    deliver(now + timedelta(seconds=61))

    first, second = receiver.taken
    assert early == 1
    assert (first.id, first.body) == (second.id, second.body)
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert second.signed_with(made.secret)
    assert (only().state, count(Job)) == ("delivered", 0)


def test_a_worker_that_dies_before_sending_loses_nothing(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    now = clock.now()
    with clock.at(now):
        tell()
        (claimed,) = jobs.claim("dead", 5, lanes=(0, 9))
        delivery._prepare(only().id, claimed)

    deliver(now + timedelta(seconds=61))

    assert (len(receiver.taken), only().state, count(Job)) == (1, "delivered", 0)


def test_a_slow_worker_that_lost_its_job_does_not_undo_what_another_delivered(
    connect: Connect, receiver: Receiver
) -> None:
    connect(receiver.url)
    tell()
    (slow,) = jobs.claim("slow", 5, lanes=(0, 9))
    deliver(clock.now() + timedelta(seconds=61))

    receiver.status = 500
    jobs.run(slow)

    assert (only().state, only().status, len(receiver.taken)) == ("delivered", 204, 1)


def test_fifty_events_at_once_arrive_once_each_through_four_workers(connect: Connect, receiver: Receiver) -> None:
    made = connect(receiver.url)

    people = at_once(50, lambda _which: tell("service.joined", service="motorsport"))
    ran = at_once(4, lambda _which: work())

    arrived = Counter(one.id for one in receiver.taken)
    assert sum(ran) == 50
    assert (len(arrived), set(arrived.values())) == (50, {1})
    assert {one.event["data"]["account_id"] for one in receiver.taken} == {str(person) for person in people}
    assert all(one.signed_with(made.secret) for one in receiver.taken)
    assert {one.state for one in deliveries()} == {"delivered"}


# --- sending again


def test_what_arrived_can_be_sent_again_with_the_same_id_and_body(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    now = clock.now()
    with clock.at(now):
        tell()
        deliver(now)
    late = now + timedelta(days=29)

    answer = staff.post(f"{made.path}/deliveries/{only().id}/replay")
    deliver(late)

    first, second = receiver.taken
    assert (answer.status_code, answer.json["state"]) == (202, "queued")
    assert (first.id, first.body) == (second.id, second.body)
    assert (only().state, only().tries, only().delivered_at) == ("delivered", 2, late)


def test_of_fifty_replays_at_once_one_is_taken_and_the_event_arrives_once(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    tell()
    deliver()
    path = f"{made.path}/deliveries/{only().id}/replay"

    answers = Counter(answer.status_code for answer in at_once(50, lambda _which: staff.post(path)))
    again = staff.post(path)
    deliver()

    assert answers == {202: 1, 409: 49}
    assert again.json["code"] == "delivery_waits"
    assert len(receiver.taken) == 2
    assert count(Job) == 0


def test_everything_that_failed_since_an_instant_is_sent_again_and_nothing_else(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made, other = connect(receiver.url, "service.left"), connect(receiver.url, "service.joined")
    now = clock.now()
    for hour in range(5):
        with clock.at(now + timedelta(hours=hour)):
            tell("service.left")
            tell("service.joined")
    with db.transaction() as session:
        for number, one in enumerate(session.scalars(select(Delivery).order_by(Delivery.id))):
            one.state = "delivered" if number == 8 else "failed"
        session.query(Job).delete()
    since = (now + timedelta(hours=2)).astimezone(UTC).isoformat()

    answers = [staff.post(f"{made.path}/replay", json={"since": since}) for _ in range(2)]
    deliver()

    assert [(answer.status_code, answer.json) for answer in answers] == [(202, {"replayed": 2}), (202, {"replayed": 0})]
    assert Counter(one.state for one in deliveries() if str(one.endpoint_id) == other.id) == {"failed": 5}
    assert receiver.events == ["service.left", "service.left"]


def test_fifty_replays_of_everything_send_each_event_once(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    for _ in range(20):
        tell()
    with db.transaction() as session:
        session.query(Delivery).update({"state": "failed"})
        session.query(Job).delete()

    answers = at_once(50, lambda _which: staff.post(f"{made.path}/replay", json={"since": "2026-01-01T00:00:00Z"}))
    at_once(3, lambda _which: work())

    assert {answer.status_code: answer.json for answer in answers if answer.status_code != 202} == {}
    assert sum(answer.json["replayed"] for answer in answers) == 20
    assert (len(receiver.taken), len({one.id for one in receiver.taken})) == (20, 20)


@pytest.mark.parametrize(
    "since",
    [
        "yesterday",
        "2026-11-24",
        "2026-11-24T00:00:00",
        "20261124T000000Z",
        "2026-W48-1T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-11-24T00:00:00+99:00",
        "٢٠٢٦-11-24T00:00:00Z",
        1795478400,
        None,
        True,
    ],
)
def test_an_instant_is_rfc_3339_with_its_offset(staff: SignedIn, connect: Connect, since: object) -> None:
    answer = staff.post(f"{connect('https://example.org/hooks').path}/replay", json={"since": since})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert answer.json["errors"][0]["pointer"] == "/since"


def test_a_job_that_was_given_up_with_its_worker_is_woken_by_a_replay(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    tell()
    with db.transaction() as session:
        session.query(Job).update({"attempts": 36})
    deliver()
    asked = receiver.asked
    with db.transaction(reading=True) as session:
        dead = session.scalars(select(Job)).one()

    answer = staff.post(f"{made.path}/deliveries/{only().id}/replay")
    deliver()

    assert (asked, dead.problem, dead.dead_at is not None) == (0, "worker_died", True)
    assert answer.status_code == 202
    assert (only().state, len(receiver.taken), count(Job)) == ("delivered", 1, 0)


# --- the last word about an account


def test_the_last_word_about_an_account_survives_its_erasure_and_leaves_no_row_behind(
    people: People, outbox: Outbox, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url, "account.closed", "service.joined")
    member = people.member("ann@example.org", "partner-portal")
    account = member.get("/api/v1/me").json["id"]
    outbox.empty()
    receiver.taken.clear()
    receiver.status = 503
    now = clock.now()
    with clock.at(now):
        member.post("/api/v1/me/closure")
        outbox.empty()
    access.begin(access.SYSTEM, None)
    with clock.at(now + timedelta(hours=1)):
        with db.transaction():
            jobs.defer(sweep_job)
        outbox.empty()
    waiting = only()
    with db.transaction(reading=True) as session:
        left = {one.id for one in session.scalars(select(Person))}

    receiver.status = 204
    deliver(now + timedelta(hours=3))

    (taken,) = receiver.taken
    assert left == {waiting.person_id}
    assert str(waiting.person_id) != account
    assert taken.event["data"] == {"account_id": account}
    assert (taken.id, taken.signed_with(made.secret)) == (str(waiting.id), True)
    assert (count(Person), count(Delivery), count(Job), count(Endpoint)) == (0, 0, 0, 1)


@pytest.mark.parametrize("ending", ["delivered", "given up", "gone", "disabled"])
def test_the_last_word_goes_however_it_ends(staff: SignedIn, connect: Connect, receiver: Receiver, ending: str) -> None:
    made = connect(receiver.url, "account.closed")
    receiver.status = {"given up": 500, "gone": 410}.get(ending, 200)
    person = tell("account.closed", farewell=True)
    before = (count(Person), count(Delivery))
    if ending == "disabled":
        staff.request("PATCH", made.path, json={"enabled": False})
    if ending == "given up":
        with db.transaction() as session:
            session.query(Job).update({"attempts": 35})
    with db.transaction() as session:
        session.delete(session.get_one(Person, person))

    deliver()

    assert before == (2, 1)
    assert (count(Person), count(Delivery), count(Job)) == (0, 0, 0)
    assert receiver.asked == (0 if ending == "disabled" else 1)


def test_a_last_word_that_did_not_arrive_stands_in_the_audit_trail_without_a_person(
    connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    receiver.status = 500
    tell("account.closed", farewell=True)
    with db.transaction() as session:
        session.query(Job).update({"attempts": 35})

    deliver()

    with db.transaction(reading=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "webhook.farewell_failed")).one()
    assert (entry.facts, entry.subject) == ({"endpoint": made.id, "event": "account.closed"}, None)


def test_each_endpoint_gets_the_last_word_under_a_number_of_its_own(connect: Connect, receiver: Receiver) -> None:
    for _ in range(3):
        connect(receiver.url)

    person = tell("account.closed", farewell=True)

    numbers = {one.person_id for one in deliveries()}
    assert len(numbers) == 3
    assert person not in numbers
    deliver()
    assert (len(receiver.taken), count(Person)) == (3, 1)


# --- what it costs


def test_an_event_nobody_listens_to_costs_one_select(app: Any, connect: Connect) -> None:
    person = somebody()
    connect("https://example.org/hooks", "service.left")

    with counted() as statements, db.transaction():
        emit("service.joined", person_id=person)

    assert len(statements) == 1
    assert statements[0].startswith("SELECT webhook_endpoints.id, webhook_endpoints.events")


def test_an_event_costs_as_many_statements_for_many_endpoints_as_for_one(app: Any, connect: Connect) -> None:
    person = somebody()
    sent = []
    for _ in range(3):
        connect("https://example.org/hooks")
        for farewell in (False, True):
            with counted() as statements, db.transaction():
                emit("account.closed", person_id=person, farewell=farewell)
            sent.append(len(statements))

    assert sent == [3, 4] * 3


def test_a_delivery_sends_as_many_statements_as_this_says(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    tell()
    (claimed,) = jobs.claim("here", 1, lanes=(0, 9))

    with counted() as statements:
        jobs.run(claimed)

    verbs = [statement.split()[0] for statement in statements]
    assert verbs == ["UPDATE", "SELECT", "SELECT", "DELETE", "UPDATE", "INSERT", "UPDATE"]
