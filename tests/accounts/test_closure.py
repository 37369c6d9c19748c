"""Closing the account."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account
from suite.kernel import clock, db
from suite.kernel.db import Base
from tests.people import PASSWORD, Outbox, People

CLOSURE = "/api/v1/me/closure"
MOTORSPORT = {"user_name": "speedy", "first_name": "Ann", "last_name": "Lee"}


def rows_about_people() -> dict[str, int]:
    """Count what is left in every table that can hold something about a person."""
    found = {}
    with db.transaction(reading=True) as session:
        for name in ("people", "accounts", "memberships", "sessions", "registrations", "consent_entries", "messages"):
            found[name] = session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) or 0
    return found


@pytest.mark.policy("MYK-27", "MYK-65", "MOT-16", "BUS-20", "SCC-19", "O365-19", "GSI-14")
@pytest.mark.parametrize(
    "service", ["my-account", "motorsport", "business-hub", "cloud-console", "office-365", "report-parser"]
)
def test_closing_the_account_ends_access_at_once_and_everywhere(people: People, service: str) -> None:
    here, elsewhere = people.member("ann@example.org", service), people.sign_in()

    closed = here.post(CLOSURE)

    assert closed.status_code == 200
    assert [one.get("/api/v1/me").status_code for one in (here, elsewhere)] == [401, 401]
    again = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})
    assert again.json["code"] == "wrong_credentials"


def test_the_shortest_deadline_among_the_services_holds_for_everything(people: People) -> None:
    session = people.member("ann@example.org", "motorsport")
    session.post("/api/v1/me/services", json={"service": "my-account"})

    with clock.at(clock.now()):
        now = clock.now()
        answer = session.post(CLOSURE).json

    assert datetime.fromisoformat(answer["erased_by"]) - now <= timedelta(hours=24)
    assert {one["service"] for one in answer["services"]} == {"motorsport", "my-account"}


def test_a_service_left_before_keeps_its_promise_and_the_account_its_own(people: People, outbox: Outbox) -> None:
    session = people.member("ann@example.org", "motorsport", profile=MOTORSPORT)
    session.post("/api/v1/me/services", json={"service": "business-hub", "profile": {"country": "DE"}})
    start = clock.now()
    with clock.at(start):
        left = session.delete("/api/v1/me/services/motorsport").json["erased_by"]
    with clock.at(start + timedelta(hours=23)):
        closed = people.sign_in().post(CLOSURE).json
        outbox.empty()

    with clock.at(datetime.fromisoformat(left) + timedelta(milliseconds=1)):
        outbox.deliver()
        between = rows_about_people()
    with clock.at(datetime.fromisoformat(closed["erased_by"]) + timedelta(milliseconds=1)):
        outbox.deliver()

    assert {one["service"]: one["erased_by"] for one in closed["services"]} == {
        "motorsport": left,
        "business-hub": closed["erased_by"],
    }
    assert (between["accounts"], between["memberships"]) == (1, 1)
    assert set(rows_about_people().values()) == {0}


@pytest.mark.policy("MOT-17")
def test_at_the_deadline_nothing_of_the_person_is_left(people: People, outbox: Outbox) -> None:
    session = people.member("ann@example.org", "motorsport", profile=MOTORSPORT)
    with clock.at(clock.now()):
        deadline = datetime.fromisoformat(session.post(CLOSURE).json["erased_by"])
    outbox.empty()

    with clock.at(deadline - timedelta(seconds=1)):
        outbox.deliver()
        before = rows_about_people()
    with clock.at(deadline + timedelta(milliseconds=1)):
        outbox.deliver()

    assert (before["accounts"], before["memberships"]) == (1, 1)
    assert set(rows_about_people().values()) == {0}


@pytest.mark.policy("PAR-22", "PAR-23")
def test_a_service_that_promises_at_once_is_clean_within_a_sweep_interval(people: People, outbox: Outbox) -> None:
    session = people.member("ann@example.org", "partner-portal")

    deadline = datetime.fromisoformat(session.post(CLOSURE).json["erased_by"])
    outbox.empty()

    assert deadline - clock.now() <= timedelta(minutes=15)
    assert set(rows_about_people().values()) == {0}


def test_the_last_letter_leaves_even_when_the_data_go_at_once(people: People, outbox: Outbox) -> None:
    people.member("ann@example.org", "partner-portal").post(CLOSURE)

    letter = outbox.last("account_closed")

    outbox.empty()

    assert (letter.recipient, letter.subject) == ("ann@example.org", "Your account is closed")
    assert set(rows_about_people().values()) == {0}


def test_an_address_is_free_again_after_closing(people: People) -> None:
    people.member("ann@example.org", "motorsport").post(CLOSURE)

    people.account("ann@example.org", "my-account")

    with db.transaction(reading=True) as session:
        open_accounts = session.scalar(select(func.count()).select_from(Account).where(Account.closed_at.is_(None)))
    assert open_accounts == 1
