"""When reminders are due, to the second and over every edge of the calendar, and what a late run does."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, literal, select

from suite.declarations import Period
from suite.declarations.services import REMIND_BEFORE
from suite.kernel import clock, db, system
from suite.kernel.ids import ids_in_sql, new_id
from suite.privacy import declared
from suite.reminders import planning
from suite.reminders.distances import due_at, due_in_sql, first_later, helps
from suite.reminders.models import Reminder, ReminderMark
from tests.licenses.holding import held, move
from tests.people import Outbox, People
from tests.reminders.test_reminders import DAY, END, SECOND, outcomes, ran, reminded

STEP = timedelta(microseconds=1)
EDGES = [
    datetime(2027, 1, 31, 12, tzinfo=UTC),
    datetime(2027, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2028, 2, 29, 0, 0, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 13, 14, 15, 161718, tzinfo=UTC),
    datetime(2028, 3, 1, tzinfo=UTC),
    datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC),  # clocks go forward in Europe at 01:00 UTC
    datetime(2027, 3, 28, 1, 0, 1, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),  # and back
    datetime(2027, 11, 7, 5, 59, 59, 999999, tzinfo=UTC),  # and in America
    datetime(2027, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2028, 1, 1, tzinfo=UTC),
    datetime(2100, 3, 1, tzinfo=UTC),  # a year that is none of the leap years
]


def instants() -> Iterator[datetime]:
    """Give the edges, the seconds and microseconds around them, and instants drawn at random."""
    for edge in EDGES:
        yield from (edge - SECOND, edge - STEP, edge, edge + STEP, edge + SECOND)
    chance = random.Random(26)
    for _ in range(200):
        yield datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**14))


DISTANCES = [*REMIND_BEFORE, Period(hours=12), Period(days=45, hours=5)]


@pytest.mark.parametrize("before", DISTANCES, ids=str)
def test_an_end_is_due_exactly_from_its_instant_on(before: Period) -> None:
    for end in instants():
        due = due_at(before, end)
        for now in (due - SECOND, due - STEP, due, due + STEP, due + SECOND):
            assert (due > now) == (end >= first_later(before, now)), (end, now)


@pytest.mark.parametrize("before", DISTANCES, ids=str)
def test_the_database_finds_the_same_instant(app: object, before: Period) -> None:
    sqlite = system.current().database.sqlite
    marks = [(f"{number}", end) for number, end in enumerate(instants())]

    with db.transaction() as session:
        session.execute(
            insert(ReminderMark),
            [{"about": "x", "service": "y", "kind": kind, "ends_until": end} for kind, end in marks],
        )
        if not sqlite:  # 30 days are not 720 hours where clocks change: the zone of a connection must not matter
            session.connection().exec_driver_sql("SET LOCAL TIME ZONE 'Europe/Berlin'")
        due = due_in_sql(before, ReminderMark.ends_until, sqlite=sqlite)
        person = new_id()
        session.execute(insert(declared().metadata.tables["people"]).values(id=person))
        rows = select(
            ReminderMark.ends_until,
            due,
            literal("x"),
            literal(person),
            literal("y"),
            ReminderMark.kind,
            literal(new_id()),
            _number(sqlite),
        ).where(ReminderMark.about == "x")
        names = ("ends_at", "due_at", "about", "person_id", "service", "kind", "item", "id")
        session.execute(insert(Reminder).from_select(names, rows, include_defaults=False))

    with db.transaction(reading=True) as session:
        found = session.execute(select(Reminder.ends_at, Reminder.due_at, Reminder.id)).all()
    assert len(found) == len(marks)
    assert [row.due_at for row in found] == [due_at(before, row.ends_at) for row in found]
    assert {row.id.version for row in found} == {7}
    assert {row.id.variant for row in found} == {"specified in RFC 4122"}
    assert len({row.id for row in found}) == len(found)


def _number(sqlite: bool) -> Any:
    return ids_in_sql(datetime(2027, 1, 1, tzinfo=UTC), sqlite=sqlite)


def test_numbers_made_by_the_database_stand_among_ours_by_time(app: object) -> None:
    now, sqlite = clock.now(), system.current().database.sqlite
    with db.transaction(reading=True) as session:
        made = str(session.scalar(select(ids_in_sql(now, sqlite=sqlite)))).replace("-", "")

    assert made[:12] == f"{int(now.timestamp() * 1000):012x}"


@pytest.mark.policy("MYK-47", "SCC-21", "BUS-22")
@pytest.mark.parametrize("end", [edge for edge in EDGES if edge.year < 2030], ids=str)
def test_each_reminder_leaves_at_its_second_and_not_before(people: People, outbox: Outbox, end: datetime) -> None:
    reminded(people)
    held(end)
    ran(end - 40 * DAY, outbox)

    for number, before in enumerate(REMIND_BEFORE):
        due = due_at(before, end)
        early = len(ran(due - SECOND, outbox))
        assert (early, len(ran(due, outbox))) == (number, number + 1), before


def test_on_the_day_of_the_end_a_reminder_helps_until_the_day_is_over() -> None:
    the_day, day_before = Period(), Period(days=1)
    end = datetime(2027, 5, 5, 10, tzinfo=UTC)
    midnight = datetime(2027, 5, 6, tzinfo=UTC)

    assert [helps(the_day, end, at) for at in (end - SECOND, end, midnight - STEP, midnight)] == [1, 1, 1, 0]
    assert [helps(day_before, end, at) for at in (end - STEP, end)] == [1, 0]


# --- late


def test_a_run_after_days_of_silence_sends_the_one_that_is_nearest_to_the_end(people: People, outbox: Outbox) -> None:
    reminded(people)
    held(END)
    ran(END - 32 * DAY, outbox)

    (letter,) = ran(END - 5 * DAY, outbox)

    assert "in 5 days" in letter.subject
    assert outcomes() == {"P30D": "superseded", "P14D": "superseded", "P7D": "sent"}


def test_after_the_end_only_what_comes_on_its_day_is_still_sent(people: People, outbox: Outbox) -> None:
    reminded(people)
    end = datetime(2027, 5, 5, 10, tzinfo=UTC)
    held(end)
    ran(end - 10 * DAY, outbox)

    letters = ran(end + timedelta(hours=2), outbox)

    assert outcomes() == {"P14D": "sent", "P7D": "superseded", "P1D": "superseded", "PT0H": "sent"}
    assert "ends today" in letters[-1].subject


def test_a_day_too_late_nothing_is_sent_and_that_is_written_down(people: People, outbox: Outbox) -> None:
    reminded(people)
    end = datetime(2027, 5, 5, 10, tzinfo=UTC)
    held(end)
    ran(end - 10 * DAY, outbox)

    letters = ran(end + 2 * DAY, outbox)

    assert len(letters) == 1
    assert outcomes() == {"P14D": "sent", "P7D": "too_late", "P1D": "too_late", "PT0H": "too_late"}


def test_the_first_run_ever_plans_only_what_helps(people: People, outbox: Outbox) -> None:
    reminded(people)
    for days in (-3, 5, 20, 40):
        held(END + days * DAY)

    letters = ran(END, outbox)

    assert sorted(letter.subject.rsplit(" ", 2)[1] for letter in letters) == ["20", "5"]
    assert len(letters) == 2
    with db.transaction(reading=True) as session:
        assert sorted(session.scalars(select(Reminder.kind))) == ["P30D", "P7D"]


@pytest.mark.parametrize("silent", [timedelta(minutes=15), timedelta(hours=5), 3 * DAY])
def test_what_is_added_while_nobody_plans_is_planned_by_the_next_run(
    people: People, outbox: Outbox, silent: timedelta
) -> None:
    reminded(people)
    start = END - 40 * DAY
    ran(start, outbox)
    with clock.at(start + silent / 2):
        license_id = held(start + silent / 2 + timedelta(minutes=1) + 30 * DAY)

    ran(start + silent, outbox)

    assert outcomes() == {"P30D": "sent"}
    assert license_id


def test_a_licence_added_when_a_distance_is_past_waits_for_the_next(people: People, outbox: Outbox) -> None:
    reminded(people)
    ran(END - 40 * DAY, outbox)
    ran(END - 5 * DAY, outbox)
    held(END)

    none = ran(END - 5 * DAY + timedelta(minutes=15), outbox)
    (one,) = ran(END - DAY, outbox)

    assert none == []
    assert "tomorrow" in one.subject


def test_a_renewal_back_to_the_same_end_is_not_reminded_of_twice(people: People, outbox: Outbox) -> None:
    reminded(people)
    license_id = held(END)
    ran(END - 30 * DAY, outbox)
    move(license_id, END + DAY)
    move(license_id, END)

    assert len(ran(END - 30 * DAY + timedelta(minutes=15), outbox)) == 1


@pytest.mark.parametrize("together", [0.0, 60.0])
def test_planning_goes_in_batches_and_ends_at_one_instant_stay_together(
    people: People, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, together: float
) -> None:
    monkeypatch.setattr(planning, "_BATCH", 2)
    monkeypatch.setattr(planning, "_BATCH_POSTGRESQL", 2)
    reminded(people)
    for hours in (0, 1, 1, 1, 1, 2, 3):
        held(END + timedelta(hours=hours))
    monkeypatch.setattr(planning, "_TOGETHER", together)
    transactions: list[int] = []

    with clock.at(END - 30 * DAY):
        planned = planning.plan(lambda: transactions.append(1))
        again = planning.plan()

    assert (planned, again) == (7, 0)
    assert len(transactions) == (3 if together else len(planning.lines()) + 2)


def test_a_clock_that_ran_ahead_for_a_while_loses_no_plan(people: People, outbox: Outbox) -> None:
    reminded(people)
    ran(END + 300 * DAY, outbox)
    held(END)

    assert len(ran(END - 30 * DAY, outbox)) == 1
