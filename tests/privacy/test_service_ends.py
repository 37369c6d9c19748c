"""Services that end though nobody left: used no more, or after the last of a clock that another module holds."""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, func, insert, select, update

from suite import accounts
from suite.accounts.models import Account, Membership
from suite.declarations import Period
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.privacy import ConsentEntry, catalogue, declare, declared, may, suppressed, sweeps
from suite.services import SERVICES
from tests.people import PROFILES, Outbox, People
from tests.privacy import planted
from tests.privacy.rows import Rows, count, with_clock

SECOND = timedelta(seconds=1)
START = datetime(2027, 8, 31, 12, tzinfo=UTC)
IDLE = [key for key, service in SERVICES.items() if service.inactivity and service.has_accounts]


def joined(*services: str, used: datetime = START, **given: Any) -> UUID:
    """Make somebody who joined services and used the account at an instant."""
    with db.transaction() as session:
        rows = Rows(session)
        person = rows.person()
        rows.add("accounts", person, seen_at=used)
        for service in services:
            rows.add("memberships", person, service=service, **given)
    return person


def services_of(person: UUID) -> list[str]:
    with db.transaction(reading=True) as session:
        found = session.scalars(select(Membership.service).where(Membership.account_id == person))
        return sorted(found)


def there(person: UUID) -> bool:
    with db.transaction(reading=True) as session:
        return count(session, "people", person) == 1


def sweep_at(instant: datetime) -> None:
    with clock.at(instant):
        sweeps.sweep(daily=False)


# --- used no more


def test_some_service_has_such_a_limit() -> None:
    assert IDLE == ["partner-portal"]


@pytest.mark.policy("PAR-21")
@pytest.mark.parametrize("key", IDLE)
@pytest.mark.parametrize("start", [START, datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)])
def test_an_account_used_no_more_goes_at_the_limit_and_not_a_second_before(
    app: object, key: str, start: datetime
) -> None:
    period = SERVICES[key].inactivity
    assert period is not None
    person = joined(key, used=start)

    sweep_at(period.after(start) - SECOND)
    before = there(person)
    sweep_at(period.after(start))

    assert (before, there(person)) == (True, False)


def test_whoever_uses_another_service_keeps_the_account_and_loses_the_idle_service(app: object) -> None:
    person = joined("partner-portal", "business-hub")

    sweep_at(START + timedelta(days=800))

    assert services_of(person) == ["business-hub"]
    assert there(person)


def test_a_service_that_ends_for_a_living_account_takes_its_consents_along_as_leaving_does(
    people: People, outbox: Outbox
) -> None:
    member = people.member("ann@example.org", "partner-portal", consents=["newsletter", "research"])
    joining = {"service": "business-hub", "profile": PROFILES["business-hub"], "consents": ["news_by_email"]}
    assert member.post("/api/v1/me/services", json=joining).status_code == 201
    with db.transaction() as session:
        person = session.scalar(select(Account.id))
        session.execute(update(Account).values(seen_at=START))

    sweep_at(START + timedelta(days=800))
    sweep_at(START + timedelta(days=801))

    with db.transaction(reading=True) as session:
        entries = session.scalars(select(ConsentEntry).order_by(ConsentEntry.id)).all()
        ended = session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "service.ended")).all()
    with db.transaction(reading=True), clock.at(START + timedelta(days=801)):
        allowed = [may(person, purpose, "partner-portal") for purpose in ("newsletter", "research")]
        kept = may(person, "news_by_email", "business-hub")
        asked_not_to = suppressed("ann@example.org", "newsletter")
    withdrawn = [(entry.service, entry.purpose, entry.method) for entry in entries if entry.state == "withdrawn"]
    assert sorted(withdrawn) == [("partner-portal", "newsletter", "ended"), ("partner-portal", "research", "ended")]
    assert (allowed, kept, asked_not_to) == ([False, False], True, True)
    assert ended == [{"service": "partner-portal"}]
    assert services_of(person) == ["business-hub"]


def test_a_service_without_a_limit_never_ends_by_itself(app: object) -> None:
    person = joined("business-hub")

    sweep_at(START + timedelta(days=4000))

    assert services_of(person) == ["business-hub"]


@pytest.mark.policy("PAR-21")
def test_using_the_account_moves_the_limit(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "partner-portal")
    later = clock.now() + timedelta(days=10)

    with clock.at(later):
        assert member.get("/api/v1/me").status_code == 200

    with db.transaction(reading=True) as session:
        assert session.scalar(select(Account.seen_at)) == later


def test_signing_in_counts_as_use(people: People, outbox: Outbox) -> None:
    people.account("ann@example.org", "partner-portal")
    later = clock.now() + timedelta(days=400)

    with clock.at(later):
        people.sign_in("ann@example.org")

    with db.transaction(reading=True) as session:
        assert session.scalar(select(Account.seen_at)) == later


@pytest.mark.parametrize(
    ("language", "subject"), [("en", "Do you still use "), ("de", "Nutzen Sie "), ("ru", "Вы ещё ")]
)
def test_a_month_before_the_owner_gets_one_letter_in_their_language(
    people: People, outbox: Outbox, language: str, subject: str
) -> None:
    people.account("ann@example.org", "partner-portal")
    with db.transaction() as session:
        session.execute(update(Account).values(seen_at=START, language=language))
    period = SERVICES["partner-portal"].inactivity
    assert period is not None
    limit = period.after(START)

    def letters(at: datetime) -> list[Any]:
        with clock.at(at):
            accounts.tell_idle.run()
            return [message for message in outbox.sent if message.letter == "service_idle"]

    early = letters(limit - timedelta(days=30) - SECOND)
    first = letters(limit - timedelta(days=30))
    again = letters(limit - timedelta(days=29))

    assert (len(early), len(first), len(again)) == (0, 1, 1)
    assert first[0].subject.startswith(subject)
    assert clock.written(limit) in first[0].text


def test_whoever_used_the_account_after_the_letter_gets_another_one_next_time(people: People, outbox: Outbox) -> None:
    people.account("ann@example.org", "partner-portal")
    for used in (START, START + timedelta(days=735)):
        with db.transaction() as session:
            session.execute(update(Account).values(seen_at=used))
        with clock.at(used + timedelta(days=715)):
            accounts.tell_idle.run()
            outbox.deliver()

    assert [message.letter for message in outbox.sent].count("service_idle") == 2


# --- after the last of a clock that another module holds


@pytest.fixture
def licenses(app: object) -> Iterator[Table]:
    """Plant a module that knows when licences expire."""
    with planted.licenses() as table:
        yield table


def licensed(table: Table, person: UUID, *expiries: datetime | None, service: str = "office-365") -> None:
    with db.transaction() as session:
        for expires in expiries:
            session.execute(insert(table).values(id=new_id(), person_id=person, service=service, expires_at=expires))


def test_without_any_licence_nothing_ends(app: object) -> None:
    person = joined("office-365")

    sweep_at(START + timedelta(days=4000))

    assert services_of(person) == ["office-365"]


@pytest.mark.policy("O365-37", "O365-38")
def test_data_go_six_months_after_the_last_licence_and_a_renewal_moves_that(licenses: Table) -> None:
    period = SERVICES["office-365"].clocks[0].period
    person = joined("office-365")
    renewed = START + timedelta(days=20)
    licensed(licenses, person, START, renewed)

    sweep_at(period.after(START) + SECOND)
    after_the_first = there(person)
    sweep_at(period.after(renewed) - SECOND)
    before = there(person)
    sweep_at(period.after(renewed))

    assert (after_the_first, before, there(person)) == (True, True, False)


def test_a_licence_that_never_expires_keeps_the_service(licenses: Table) -> None:
    person = joined("office-365")
    licensed(licenses, person, START, None)

    sweep_at(START + timedelta(days=4000))

    assert there(person)


def test_whoever_never_had_a_licence_is_not_touched(licenses: Table) -> None:
    person = joined("office-365")
    licensed(licenses, joined("office-365"), START)

    sweep_at(START + timedelta(days=4000))

    assert there(person)


def test_a_licence_of_another_service_ends_nothing_here(licenses: Table) -> None:
    person = joined("office-365", "business-hub")
    licensed(licenses, person, START, service="business-hub")

    sweep_at(START + timedelta(days=4000))

    assert services_of(person) == ["business-hub", "office-365"]


def test_only_the_service_whose_clock_is_over_goes_when_another_is_used(licenses: Table) -> None:
    person = joined("office-365", "business-hub")
    licensed(licenses, person, START)

    sweep_at(START + timedelta(days=400))

    assert services_of(person) == ["business-hub"]


def test_an_account_goes_when_one_service_is_idle_and_the_clock_of_the_other_is_over(licenses: Table) -> None:
    person = joined("office-365", "partner-portal")
    licensed(licenses, person, START)

    sweep_at(START + timedelta(days=400))
    between = services_of(person)
    sweep_at(START + timedelta(days=800))

    assert (between, there(person)) == (["partner-portal"], False)


def test_the_catalogue_says_that_the_clock_is_executed_now(people: People, licenses: Table) -> None:
    services = people.stranger.get("/api/v1/privacy/catalogue").json["services"]

    (office,) = [service for service in services if service["key"] == "office-365"]
    assert [clock_["announced"] for clock_ in office["clocks"]] == [True]


# --- a period stands in one place


@pytest.mark.policy("DEC-4")
@pytest.mark.parametrize("name", ["inactivity", "keep"])
def test_one_changed_period_changes_notice_catalogue_promise_and_sweep(
    people: People, outbox: Outbox, name: str
) -> None:
    key = "partner-portal" if name == "inactivity" else "business-hub"
    before, period = declared(), Period(days=17)
    changed = dataclasses.replace(
        before.services[key], **{name: period} | ({"grace": Period()} if name == "keep" else {})
    )
    declare(dataclasses.replace(before, services={**before.services, key: changed}))
    try:
        found = [one for one in people.stranger.get("/api/v1/privacy/catalogue").json["services"] if one["key"] == key]
        page = people.stranger.get("/privacy").text
        member = people.member("ann@example.org", key)
        if name == "keep":
            erased_by = member.post("/api/v1/me/closure").json["erased_by"]
            with db.transaction(reading=True) as session:
                started = session.scalar(select(Account.closed_at))
            assert period.after(started) - datetime.fromisoformat(erased_by) < timedelta(milliseconds=1)
        else:
            with db.transaction(reading=True) as session:
                started = session.scalar(select(Account.seen_at))
        outbox.empty()
        sweep_at(period.after(started) - SECOND)
        with db.transaction(reading=True) as session:
            there_before = count(session, "accounts")
        sweep_at(period.after(started))
        with db.transaction(reading=True) as session:
            there_after = count(session, "accounts")
    finally:
        declare(before)

    assert (there_before, there_after) == (1, 0)
    assert found[0]["inactivity" if name == "inactivity" else "keep_after_closure"] == "P17D"
    assert "17 days" in page


@pytest.mark.policy("DEC-4")
@pytest.mark.parametrize(("name", "at"), [case for case in with_clock() if case[0] not in {"accounts", "memberships"}])
def test_one_changed_period_of_a_table_changes_catalogue_and_sweep(app: object, name: str, at: int) -> None:
    table, period = declared().metadata.tables[name], Period(days=17)
    before = table.info["privacy"]
    rules = list(before.rules)
    rules[at] = dataclasses.replace(rules[at], period=period)
    column = declared().clock_of(rules[at].after)
    assert column is not None
    table.info["privacy"] = dataclasses.replace(before, keep=tuple(rules))
    try:
        (record,) = [one for one in catalogue()["records"] if one["table"] == name]
        with db.transaction() as session:
            rows = Rows(session)
            rows.add(table, rows.person(), **{column.name: START})
        found = []
        for instant in (period.after(START) - SECOND, period.after(START)):
            sweep_at(instant)
            with db.transaction(reading=True) as session:
                found.append(session.scalar(select(func.count()).select_from(table).where(column == START)))
    finally:
        table.info["privacy"] = before

    assert record["retention"][at]["period"] == "P17D"
    assert found == [1, 0]
