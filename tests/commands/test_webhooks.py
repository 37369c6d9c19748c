"""`suite webhooks`: what connected systems were told, and telling them again."""

from uuid import UUID

import pytest
from sqlalchemy import update

from suite.kernel import db, jobs
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.models import Job
from suite.webhooks.models import Delivery, Endpoint
from tests import callers
from tests.commands.conftest import Terminal
from tests.webhooks.conftest import ROUTE, count, deliver, deliveries, only, private, tell
from tests.webhooks.receivers import Receiver, running

__all__ = ["private"]


@pytest.fixture
def receiver(private: None) -> "Receiver":
    with running() as server:
        yield server


def connect(app: App, url: str) -> UUID:
    staff = callers.staff(app, Permission.MANAGE_WEBHOOKS)
    body = {"url": url, "events": ["service.joined"], "description": "Billing"}
    return UUID(staff.post(ROUTE, json=body).json["endpoint"]["id"])


def failed(app: App, url: str) -> UUID:
    """Make an event that was given up."""
    connect(app, url)
    tell()
    with db.transaction() as session:
        session.execute(update(Delivery).values(state="failed", problem="http_500", tries=36))
        session.query(Job).delete()
    return only().id


def test_the_list_shows_host_and_state_but_no_path_and_no_secret(app: App, terminal: Terminal) -> None:
    endpoint = connect(app, "https://billing.example.com:8443/hooks?key=1")

    done = terminal("webhooks", "list")

    head, line, number = done.out.splitlines()
    assert head.split() == ["id", "state", "host", "country", "events", "description"]
    assert line.split() == [str(endpoint), "well", "billing.example.com:8443", "DE", "1", "Billing"]
    assert number == "Connected systems: 1."


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"disabled_because": "failing"}, "disabled (failing) 0 s ago"),
        ({"failing_since": True}, "failing for 0 s"),
    ],
)
def test_the_list_shows_what_ails_an_endpoint(
    app: App, terminal: Terminal, values: dict[str, object], said: str
) -> None:
    from suite.kernel import clock

    connect(app, "https://billing.example.com/hooks")
    given = {"disabled_at": clock.now()} | values if "disabled_because" in values else {"failing_since": clock.now()}
    with db.transaction() as session:
        session.execute(update(Endpoint).values(**given))

    assert said.rpartition(" 0 s")[0] in terminal("webhooks", "list").out


def test_the_log_shows_event_and_problem_but_nobody(app: App, terminal: Terminal) -> None:
    event = failed(app, "https://billing.example.com/hooks")

    done = terminal("webhooks", "deliveries", "--state", "failed")

    head, line, number = done.out.splitlines()
    assert head.split() == ["id", "state", "event", "endpoint", "tries", "age", "problem"]
    assert line.split()[:3] == [str(event), "failed", "service.joined"]
    assert line.endswith("http_500")
    assert number == "Events: 1."
    assert str(only().person_id) not in done.out


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--state", "delivered"), 0),
        (("--state", "delivered", "--state", "failed"), 1),
        (("--endpoint", "{}"), 1),
        (("--endpoint", str(UUID(int=0))), 0),
        (("--limit", "1"), 1),
    ],
)
def test_the_log_can_be_narrowed(app: App, terminal: Terminal, filters: tuple[str, ...], found: int) -> None:
    failed(app, "https://billing.example.com/hooks")
    words = [word.format(only().endpoint_id) for word in filters]

    assert len(terminal("webhooks", "deliveries", *words).out.splitlines()) == found + 2


@pytest.mark.parametrize("which", ["id", "all"])
def test_a_failed_event_is_sent_again(app: App, terminal: Terminal, receiver: Receiver, which: str) -> None:
    event = failed(app, receiver.url)

    done = terminal("webhooks", "retry", "--all" if which == "all" else str(event), webhooks_private="yes")
    deliver()

    assert done.out == "Events that wait for delivery again: 1.\n"
    assert [one.id for one in receiver.taken] == [str(event)]
    assert only().state == "delivered"


def test_an_event_whose_job_was_given_up_leaves_once_when_it_is_retried(
    app: App, terminal: Terminal, receiver: Receiver
) -> None:
    connect(app, receiver.url)
    tell()
    with db.transaction() as session:
        session.execute(update(Job).values(attempts=36))
    jobs.run_due()

    done = [terminal("webhooks", "retry", "--all").out for _ in range(2)]
    deliver()

    assert done == ["Events that wait for delivery again: 1.\n", "Events that wait for delivery again: 0.\n"]
    assert (len(receiver.taken), count(Job)) == (1, 0)


def test_nothing_is_retried_for_a_disabled_endpoint(app: App, terminal: Terminal) -> None:
    event = failed(app, "https://billing.example.com/hooks")
    with db.transaction() as session:
        session.execute(update(Endpoint).values(disabled_at=Endpoint.created_at, disabled_because="operator"))

    every, one = terminal("webhooks", "retry", "--all"), terminal("webhooks", "retry", str(event))

    assert every.out == "Events that wait for delivery again: 0.\n"
    assert (one.code, "its endpoint is disabled" in one.err) == (1, True)
    assert [found.state for found in deliveries()] == ["failed"]


def test_more_failed_events_than_fit_into_one_batch_are_all_retried(
    app: App, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.webhooks.replays.AT_ONCE", 2)
    connect(app, "https://billing.example.com/hooks")
    for _ in range(5):
        tell()
    with db.transaction() as session:
        session.execute(update(Delivery).values(state="failed"))
        session.query(Job).delete()

    done = terminal("webhooks", "retry", "--all")

    assert done.out == "Events that wait for delivery again: 5.\n"
    assert count(Job) == 5


@pytest.mark.parametrize("words", [(), ("--all", "{}")])
def test_a_retry_names_one_event_or_all(terminal: Terminal, words: tuple[str, ...]) -> None:
    done = terminal("webhooks", "retry", *(word.format(new_id()) for word in words))

    assert done.code == 2
    assert "Name one event by its id, or say --all." in done.err


def test_an_id_that_matches_nothing_is_exit_code_1(terminal: Terminal) -> None:
    done = terminal("webhooks", "retry", str(new_id()))

    assert done.code == 1
    assert "There is no event" in done.err


def test_the_doctor_sees_what_did_not_arrive_and_who_was_cut_off(app: App, terminal: Terminal) -> None:
    failed(app, "https://billing.example.com/hooks")
    with db.transaction() as session:
        session.execute(update(Endpoint).values(disabled_at=Endpoint.created_at, disabled_because="gone"))

    done = terminal("doctor")

    assert "1 events did not arrive: see `suite webhooks deliveries --state failed`." in done.out
    assert "1 endpoints were disabled by their failures: see `suite webhooks list`." in done.out
