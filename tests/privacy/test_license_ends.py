"""Office 365: what the service holds goes six months after the last licence expired, whatever happened to it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from suite.accounts.models import Account
from suite.kernel import access, clock, db
from suite.kernel.http import App
from suite.licenses import Holder, hold, let_go, terms
from suite.licenses.holdings import lock
from suite.privacy import sweep
from suite.services import SERVICES
from tests.licenses.holding import held, move
from tests.licenses.making import issued
from tests.people import Outbox, People
from tests.privacy.rows import Rows

SECOND, STEP = timedelta(seconds=1), timedelta(microseconds=1)
START = datetime(2027, 1, 15, 12, tzinfo=UTC)
PERIOD = SERVICES["office-365"].clocks[0].period


def swept(at: datetime) -> bool:
    """Sweep at an instant; say whether the account is still there."""
    access.begin(access.SYSTEM, None)
    with clock.at(at):
        sweep(daily=False)
    with db.transaction(reading=True) as session:
        return session.scalar(select(Account.id).where(Account.email_key == "ann@example.org")) is not None


@pytest.fixture
def member(people: People, outbox: Outbox) -> UUID:
    """Give a member of Office 365 and of nothing else."""
    people.account("ann@example.org", "office-365")
    outbox.empty()
    with db.transaction() as session:
        person = session.scalar(select(Account.id))
    assert person is not None
    return person


def ends() -> Iterator[datetime]:
    """Give ends at edges of the calendar, and some drawn at random."""
    yield from (
        datetime(2027, 8, 31, 12, tzinfo=UTC),  # six months later there is no such day
        datetime(2027, 8, 29, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2028, 8, 31, tzinfo=UTC),
        datetime(2028, 2, 29, 0, 0, 1, tzinfo=UTC),
        datetime(2027, 3, 28, 1, 0, tzinfo=UTC),  # clocks change, here and six months later
        datetime(2027, 10, 31, 1, 0, tzinfo=UTC),
        datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC),
    )
    chance = random.Random(37)
    for _ in range(5):
        yield START + timedelta(microseconds=chance.randrange(10**14))


@pytest.mark.policy("O365-37")
@pytest.mark.parametrize("end", list(ends()), ids=str)
def test_data_go_six_months_after_the_licence_expired_to_the_second(member: UUID, end: datetime) -> None:
    held(end, "office-365")
    due = PERIOD.after(end)

    assert [swept(due - SECOND), swept(due - STEP), swept(due)] == [True, True, False]


@pytest.mark.policy("O365-38")
@pytest.mark.parametrize("end", list(ends()), ids=str)
def test_a_renewal_moves_that_to_six_months_after_the_new_end(member: UUID, end: datetime) -> None:
    license_id = held(end, "office-365")
    renewed = end + timedelta(days=365)
    with clock.at(PERIOD.after(end) - SECOND):
        move(license_id, renewed)

    assert [swept(PERIOD.after(end)), swept(PERIOD.after(renewed) - SECOND), swept(PERIOD.after(renewed))] == [
        True,
        True,
        False,
    ]


@pytest.mark.policy("O365-37")
def test_of_several_licences_the_last_one_counts(member: UUID) -> None:
    later = START + timedelta(days=20)
    held(START, "office-365")
    held(later, "office-365")

    assert [swept(PERIOD.after(START)), swept(PERIOD.after(later))] == [True, False]


def test_a_licence_without_an_end_keeps_the_service(member: UUID) -> None:
    held(START, "office-365")
    held(None, "office-365")

    assert swept(START + timedelta(days=4000))


@pytest.mark.policy("O365-37")
@pytest.mark.parametrize("end", [START + timedelta(days=3000), None], ids=["years to go", "without an end"])
def test_a_licence_that_is_taken_away_has_expired_for_its_holder(member: UUID, end: datetime | None) -> None:
    license_id = held(end, "office-365")
    with clock.at(START), db.transaction():
        let_go(license_id, why="holder")

    assert [swept(PERIOD.after(START) - SECOND), swept(PERIOD.after(START))] == [True, False]


@pytest.mark.policy("O365-37")
def test_an_expired_licence_that_is_taken_away_later_moves_nothing(member: UUID) -> None:
    license_id = held(START, "office-365")
    with clock.at(PERIOD.after(START) - timedelta(days=3)), db.transaction():
        let_go(license_id, why="holder")

    assert [swept(PERIOD.after(START) - SECOND), swept(PERIOD.after(START))] == [True, False]


@pytest.mark.policy("O365-37")
def test_a_voided_licence_has_expired(member: UUID) -> None:
    license_id = held(START + timedelta(days=3000), "office-365")
    access.begin(access.SYSTEM, None)
    with clock.at(START), db.transaction():
        found = lock(license_id)
        assert found is not None
        found.voided_at, found.void_reason = clock.now(), "misuse"
        terms.set_term(found, begins_at=START - timedelta(days=1), expires_at=clock.now())

    assert [swept(PERIOD.after(START) - SECOND), swept(PERIOD.after(START))] == [True, False]


def test_a_licence_of_a_company_ends_nothing_and_keeps_nothing(app: App, member: UUID) -> None:
    held(START, "office-365")
    license_id, _ = issued("endpoint-security", "business-year")
    with db.transaction() as session:
        rows = Rows(session)
        company = rows.add("companies", rows.person(), ended_at=None)["id"]
    with db.transaction() as session:
        hold(license_id, Holder("company-account", company_id=company), source="code")
        from suite.licenses.models import LicenseHolding

        session.execute(
            update(LicenseHolding)
            .where(LicenseHolding.license_id == license_id)
            .values(service="office-365", expires_at=None)
        )

    assert [swept(PERIOD.after(START) - SECOND), swept(PERIOD.after(START))] == [True, False]
