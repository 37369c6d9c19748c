"""The catalogue, the notice and the sweeps read one set of numbers."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account
from suite.declarations import Period
from suite.kernel import clock, db
from suite.kernel.db import Base
from suite.privacy import register as declarations
from suite.privacy import sweeps
from tests.people import People


def accounts() -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(Account)) or 0


@pytest.fixture
def changed(app):
    """Declare another period for one service, for one test."""
    before = declarations.current()

    def change(key: str, period: Period, *, what: str = "keep") -> None:
        service = dataclasses.replace(before.services[key], **{what: period})
        declarations.use(dataclasses.replace(before, services={**before.services, key: service}))

    yield change
    declarations.use(before)


@pytest.mark.policy("DEC-3")
def test_the_catalogue_is_readable_by_anybody_and_names_every_service_and_table(people: People) -> None:
    catalogue = people.stranger.get("/api/v1/privacy/catalogue").json

    assert [service["key"] for service in catalogue["services"]] == list(declarations.current().services)
    assert {record["table"] for record in catalogue["records"]} == {
        table.name for table, _ in declarations.current().tables()
    }
    assert all(purpose["basis"] for purpose in catalogue["purposes"])


@pytest.mark.policy("DEC-4")
def test_changing_one_declared_period_changes_catalogue_notice_promise_and_sweep(people: People, changed) -> None:
    session = people.member("ann@example.org", "motorsport")
    before = people.stranger.get("/api/v1/privacy/catalogue").json

    changed("motorsport", Period(days=11))

    after = people.stranger.get("/api/v1/privacy/catalogue").json
    notice = people.stranger.get("/privacy").get_data(as_text=True)
    promise = session.post("/api/v1/me/closure").json
    motorsport = next(service for service in after["services"] if service["key"] == "motorsport")
    start = clock.now()
    with clock.at(start + timedelta(days=10, hours=23)):
        sweeps.sweep()
        early = accounts()
    with clock.at(start + timedelta(days=11, seconds=1)):
        sweeps.sweep()
        late = accounts()

    assert motorsport["keep_after_closure"] == "P11D"
    assert after["version"] != before["version"]
    assert "11 days" in notice
    assert promise["erased_by"][:10] == f"{start + timedelta(days=11):%Y-%m-%d}"
    assert (early, late) == (1, 0)


@pytest.mark.policy("DEC-4")
def test_changing_one_declared_grace_changes_catalogue_notice_and_promise(people: People, changed) -> None:
    session = people.member("ann@example.org", "business-hub")

    changed("business-hub", Period(days=11), what="grace")

    told = people.stranger.get("/api/v1/services/business-hub").json
    notice = people.stranger.get("/privacy").get_data(as_text=True)
    promise = session.post("/api/v1/me/closure").json
    assert (told["grace"], told["grace_says"]) == ("P11D", "11 days")
    assert "Within <strong>11 days</strong> you can take that back" in notice
    assert promise["undo_until"][:10] == f"{clock.now() + timedelta(days=11):%Y-%m-%d}"


@pytest.mark.policy("GEN-33", "MYK-1")
def test_a_service_says_what_it_needs_and_what_stays_closed_without_it(people: People) -> None:
    services = {one["key"]: one for one in people.stranger.get("/api/v1/services").json["services"]}

    hub = services["business-hub"]
    assert {ask["field"] for ask in hub["asks"] if ask["required"]} == {"email", "password", "country"}
    assert "phone" in {ask["field"] for ask in hub["asks"] if not ask["required"]}
    assert all("needs" in feature for feature in hub["offers"])
    assert len(services["my-account"]["siblings"]) == 3


def test_one_service_can_be_asked_for_and_an_unknown_one_is_not_there(people: People) -> None:
    known = people.stranger.get("/api/v1/services/motorsport")
    unknown = people.stranger.get("/api/v1/services/knitting")

    assert known.json["key"] == "motorsport"
    assert (unknown.status_code, unknown.json["code"]) == (404, "not_found")


@pytest.mark.policy("GEN-8")
def test_reading_public_pages_stores_nothing_about_anybody(people: People, app) -> None:
    for path in (
        "/",
        "/privacy",
        "/docs",
        "/openapi.json",
        "/api/v1/services",
        "/api/v1/privacy/catalogue",
        "/api/v1/privacy/versions",
        "/api/v1/privacy/authority?country=DE",
        "/confirm",
        "/undo",
    ):
        answer = people.stranger.get(path)
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers

    with db.transaction(reading=True) as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables
        }
    assert set(counts.values()) == {0}
