"""Connected systems hear what happens to the licences of people; of companies they hear nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from suite.companies.models import Company
from suite.kernel import access, clock, db
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.licenses import Holder, hold, let_go
from suite.privacy import restrict
from suite.webhooks import EVENTS
from suite.webhooks.models import Delivery
from suite.webhooks.outbox import open_payload
from tests import callers
from tests.licenses.making import issued
from tests.licenses.saying import PRODUCT, held_by
from tests.people import People, SignedIn

STAFF = "/api/v1/staff/licenses"
ABOUT_LICENCES = [event for event in EVENTS if event.startswith("license.")]


@pytest.fixture(autouse=True)
def _connected(app: App) -> None:
    staff = callers.staff(app, Permission.MANAGE_WEBHOOKS)
    asked = {"url": "https://example.org/hooks", "events": ABOUT_LICENCES}
    assert staff.post("/api/v1/staff/webhooks", json=asked).status_code == 201
    access.begin(access.SYSTEM, None)


@pytest.fixture
def manager(app: App) -> SignedIn:
    return callers.staff(app, Permission.MANAGE_LICENSES, Permission.VIEW_LICENSES)


@pytest.fixture
def ann(people: People) -> str:
    return str(people.account(service="business-hub")["id"])


def told() -> list[tuple[str, dict[str, Any]]]:
    with db.transaction(reading=True) as session:
        events = [orjson.loads(open_payload(one)) for one in session.query(Delivery).order_by(Delivery.id)]
    return [(event["type"], event["data"]) for event in events]


def by_staff(manager: SignedIn, license_id: UUID, act: str, body: dict[str, Any]) -> None:
    tag = manager.get(f"{STAFF}/{license_id}").headers["ETag"]
    done = manager.post(f"{STAFF}/{license_id}/{act}", json=body, headers={"If-Match": tag})
    assert done.status_code == 200, done.json
    access.begin(access.SYSTEM, None)


ACTS: dict[str, Callable[[SignedIn, UUID], Any]] = {
    "license.renewed": lambda manager, license_id: by_staff(
        manager, license_id, "extend", {"expires_at": (clock.now() + timedelta(days=900)).isoformat()}
    ),
    "license.voided": lambda manager, license_id: by_staff(manager, license_id, "void", {"reason": "refunded"}),
    "license.removed": lambda manager, license_id: by_staff(manager, license_id, "transfer", {"to": "nobody"}),
}


def test_adding_a_licence_is_told_with_its_number_and_nothing_more(ann: str) -> None:
    license_id = held_by(ann)

    about = {"account_id": ann, "service": "business-hub", "license_id": str(license_id)}
    assert told() == [("license.added", about)]


@pytest.mark.parametrize("event", ACTS)
def test_what_staff_do_with_a_licence_is_told(manager: SignedIn, ann: str, event: str) -> None:
    license_id = held_by(ann)

    ACTS[event](manager, license_id)

    assert told()[1:] == [(event, {"account_id": ann, "service": "business-hub", "license_id": str(license_id)})]


def test_a_licence_the_holder_removes_is_told(people: People, ann: str) -> None:
    license_id = held_by(ann)

    people.sign_in().delete(f"/api/v1/me/licenses/{license_id}")

    assert [event for event, _ in told()] == ["license.added", "license.removed"]


def test_the_licence_of_a_company_is_told_to_nobody() -> None:
    license_id, _ = issued(PRODUCT, "business-year")
    with db.transaction() as session:
        company = Company(name="Lee Ltd", country="DE", founded_at=clock.now())
        session.add(company)
        session.flush()
        hold(license_id, Holder("company-account", company_id=company.id), source="code")
    with db.transaction():
        let_go(license_id, why="company")

    assert told() == []


def test_while_data_may_only_be_stored_nothing_but_the_end_is_told(ann: str) -> None:
    license_id = held_by(ann)
    with db.transaction():
        restrict(UUID(ann), "accuracy")
    with db.transaction():
        let_go(license_id, why="transferred")

    assert [event for event, _ in told()] == ["license.added", "license.removed"]


def test_every_event_about_licences_is_told_by_something(manager: SignedIn) -> None:
    assert {"license.added", *ACTS} == set(ABOUT_LICENCES)
