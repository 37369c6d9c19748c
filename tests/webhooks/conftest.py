"""What several files of this folder use."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from suite.kernel import access, clock, db, jobs, log, system
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.privacy import Person
from suite.webhooks import EVENTS, emit, sending
from suite.webhooks.models import Delivery
from tests import callers
from tests.people import PASSWORD, SignedIn
from tests.webhooks.receivers import Receiver, running

ROUTE = "/api/v1/staff/webhooks"


@dataclass(frozen=True)
class Connected:
    """An endpoint as its maker knows it."""

    id: str
    secret: str

    @property
    def path(self) -> str:
        return f"{ROUTE}/{self.id}"


@pytest.fixture
def private(app: App) -> Iterator[None]:
    """Let webhooks go to this machine, as SUITE_WEBHOOKS_PRIVATE=yes does."""
    before = system.current()
    system.use(dataclasses.replace(before, settings=dataclasses.replace(before.settings, webhooks_private="yes")))
    yield
    system.use(before)


@pytest.fixture(autouse=True)
def _nobody_is_known_to_be_slow() -> Iterator[None]:
    sending._patience.clear()
    yield
    sending._patience.clear()


@pytest.fixture
def receiver(private: None) -> Iterator[Receiver]:
    """Give a receiver that webhooks may reach."""
    with running() as server:
        yield server


@pytest.fixture
def staff(app: App) -> SignedIn:
    """Give a staff member who manages webhooks."""
    return callers.staff(app, Permission.MANAGE_WEBHOOKS)


@pytest.fixture
def connect(staff: SignedIn) -> Callable[..., Connected]:
    """Connect a system through the API."""

    def make(url: str, *events: str) -> Connected:
        answer = staff.post(ROUTE, json={"url": url, "events": list(events or EVENTS)})
        assert answer.status_code == 201, answer.json
        access.begin(access.SYSTEM, None)
        return Connected(answer.json["endpoint"]["id"], answer.json["secret"])

    return make


@pytest.fixture(autouse=True)
def _no_secret_in_the_log(
    app: App, capfd: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Iterator[None]:
    """Write the log of every test here in full, and look for what must not stand in it."""
    log.start("debug", "json")
    yield
    log.start("error", "json")
    written = capfd.readouterr().err
    for hidden in ("whsec_", "/hooks", "ann@example.org", PASSWORD):
        assert hidden not in written


def somebody() -> UUID:
    """Make a person."""
    person = Person(id=new_id())
    with db.transaction() as session:
        session.add(person)
    return person.id


def tell(event: str = "service.joined", *, person: UUID | None = None, **options: Any) -> UUID:
    """Tell connected systems about somebody, as a story does; give the person."""
    person = person or somebody()
    with db.transaction():
        emit(event, person_id=person, **options)
    return person


def deliver(instant: datetime | None = None) -> int:
    """Run what is due, now or then; the clock stands still meanwhile, so that nothing is tried twice."""
    access.begin(access.SYSTEM, None)
    with clock.at(instant or clock.now()):
        return jobs.run_due()


def work() -> int:
    """Run what is due one by one, as one of several workers; give how many ran."""
    access.begin(access.SYSTEM, None)
    done = 0
    while batch := jobs.claim(f"worker-{new_id()}", 1, lanes=(0, 9)):
        jobs.run(batch[0])
        done += 1
    return done


def deliveries() -> list[Delivery]:
    """Give the delivery log, oldest first."""
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def only() -> Delivery:
    (found,) = deliveries()
    return found


def count(table: type) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
