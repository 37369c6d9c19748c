"""Webhooks with real workers: hanging systems beside urgent work, and processes that are killed."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from suite import app as application
from suite.kernel import clock, db, jobs, patience, system
from suite.kernel.http import App
from suite.kernel.models import Job
from suite.kernel.worker import Worker
from suite.messages.models import InboxMessage
from suite.settings import load
from suite.webhooks import EVENTS, conversation, endpoints
from tests.failures.served import Served
from tests.people import People
from tests.webhooks.conftest import Connected, deliveries, tell
from tests.webhooks.receivers import Receiver, running

Connect = Callable[..., Connected]


def until(condition: Callable[[], Any], seconds: float = 10) -> float:
    """Wait for something; give how long that took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, "It did not happen in time."
        time.sleep(0.01)
    return time.monotonic() - begun


@contextmanager
def three_threads() -> Iterator[None]:
    """Run the worker of an installation."""
    worker = Worker(3)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def letters(key: str) -> int:
    with db.transaction(reading=True) as session:
        return len(session.scalars(select(InboxMessage.id).where(InboxMessage.letter == key)).all())


def test_while_many_systems_hang_codes_leave_at_once_and_other_mail_hardly_later(
    people: People, connect: Connect, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "LONGEST", 3.0)
    monkeypatch.setattr(patience, "REST", 0.5)
    member = people.member("bob@example.org")
    for service in ("cloud-console", "report-parser"):
        assert member.post("/api/v1/me/services", json={"service": service}).status_code == 201
    with ExitStack() as systems:
        hanging = [systems.enter_context(running()) for _ in range(6)]
        for one in hanging:
            one.behaviour = "hang"
            connect(one.url, "account.blocked")
        for _ in range(10):
            tell("account.blocked")
        systems.enter_context(three_threads())
        until(lambda: sum(one.asked for one in hanging) >= 2)

        people.register("ann@example.org")
        code = until(lambda: letters("confirm_address") == 2)
        member.delete("/api/v1/me/services/cloud-console")
        notice_while_they_are_new = until(lambda: letters("service_left_for_now") == 1)
        until(lambda: all(one.asked for one in hanging), 30)
        time.sleep(2 * conversation.LONGEST)
        member.delete("/api/v1/me/services/report-parser")
        notice_when_they_are_known = until(lambda: letters("service_left") == 1)

    assert code < conversation.LONGEST
    assert notice_while_they_are_new < conversation.LONGEST + 2 + 1
    assert notice_when_they_are_known < conversation.LONGEST


@pytest.fixture
def served(app: App, tmp_path: Path) -> Iterator[Served]:
    """Give a server as a process of its own, with its database open here too."""
    before = system.current()
    server = Served(tmp_path, webhooks_private="yes")
    server.start()
    own = application.start(load(server.settings))
    yield server
    server.close()
    own.database.close()
    own.hashes.close()
    system.use(before)


@pytest.fixture
def sink() -> Iterator[Receiver]:
    with running() as server:
        yield server


@pytest.mark.parametrize("behaviour", ["take and hang", "hang", "answer"])
def test_a_server_that_is_killed_while_it_sends_loses_nothing_and_repeats_under_the_same_ids(
    served: Served, sink: Receiver, behaviour: str
) -> None:
    sink.behaviour, sink.pause = behaviour, 0.1
    with db.transaction():
        endpoint, secret = endpoints.create(url=sink.url, description="", events=EVENTS)
    told = [tell() for _ in range(8)]
    jobs.tell_workers()
    until(lambda: sink.asked >= 1)
    time.sleep(0.15)

    served.kill()
    sink.behaviour, sink.pause = "answer", 0.0
    with db.transaction() as session:  # what a minute of waiting would do: the jobs of the killed worker are free
        session.execute(update(Job).where(Job.owner.is_not(None)).values(due_at=clock.now()))
    served.start()
    until(lambda: {one.state for one in deliveries()} == {"delivered"}, 30)

    arrived = Counter(one.id for one in sink.taken)
    assert set(arrived) == {str(one.id) for one in deliveries()}
    assert len(arrived) == len(told) == 8
    assert sum(arrived.values()) <= 8 + 2
    assert all(one.signed_with(secret) for one in sink.taken)
    assert {one.endpoint_id for one in deliveries()} == {endpoint.id}
    assert not sum(name == "webhooks.deliver" for name in _names())


def _names() -> list[str]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Job.name)))
