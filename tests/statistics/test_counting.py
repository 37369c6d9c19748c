"""Counting a day: hours become sums and go, once, together, and in time."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from suite.kernel import clock, db, jobs
from suite.privacy import declared, sweeps
from suite.statistics import counters, counting
from suite.statistics.models import LONGEST_RAW, HourCount
from tests.people import Outbox, People
from tests.statistics.visiting import count, days, hours, visit

EVENING = datetime(2026, 11, 24, 23, 50, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 25, 0, 10, tzinfo=UTC)


def at(instant: datetime, people: People, page: str, times: int = counting.FEWEST) -> None:
    with clock.at(instant):
        for _ in range(times):
            visit(people, {"page": page})


@pytest.mark.policy("GEN-12", "MYK-61")
def test_a_day_that_is_over_is_counted_and_its_hours_are_gone(people: People, outbox: Outbox) -> None:
    at(EVENING - timedelta(hours=3), people, "/help")
    at(EVENING, people, "/help")
    at(NEXT_DAY, people, "/licenses")

    with clock.at(NEXT_DAY):
        jobs.fire_periodic()
        outbox.deliver()

    assert (days()["page", "/help"], days()["hour", "20"], days()["hour", "23"]) == (10, 5, 5)
    assert ("page", "/help") not in hours()
    assert hours()["page", "/licenses"] == 5
    assert ("page", "/licenses") not in days()


def test_a_day_is_not_counted_before_it_is_over(people: People) -> None:
    at(EVENING, people, "/help")

    assert count(EVENING + timedelta(minutes=9, seconds=59)) == 0
    assert days() == {}


@pytest.mark.policy("GEN-12")
def test_hours_that_no_job_could_count_are_gone_after_two_days(people: People) -> None:
    at(EVENING, people, "/help")

    with clock.at(EVENING + LONGEST_RAW_TIME):
        sweeps.sweep()

    assert LONGEST_RAW.iso() == "PT48H"
    assert (hours(), days()) == ({}, {})


LONGEST_RAW_TIME = timedelta(hours=48)


@pytest.mark.policy("GEN-11")
def test_what_only_few_did_is_not_told_apart(people: People) -> None:
    at(EVENING, people, "/help", 5)
    at(EVENING, people, "/a-rare-page", 4)
    at(EVENING, people, "/another", 1)

    count(NEXT_DAY)

    assert {value: times for (dimension, value), times in days().items() if dimension == "page"} == {
        "/help": 5,
        "other": 5,
    }


def test_a_flood_of_made_up_values_ends_under_other(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST", 2)
    for page, times in (("/c", 9), ("/a", 7), ("/b", 7), ("/d", 6)):
        at(EVENING, people, page, times)

    count(NEXT_DAY)

    assert {value: times for (dimension, value), times in days().items() if dimension == "page"} == {
        "/c": 9,
        "/a": 7,
        "other": 13,
    }


def test_hours_that_come_late_are_added(people: People) -> None:
    at(EVENING, people, "/help")
    count(NEXT_DAY)
    at(EVENING, people, "/help")

    count(NEXT_DAY)

    assert days()["page", "/help"] == 10


def test_sums_and_deletions_happen_together_or_not_at_all(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    at(EVENING, people, "/help")
    before = hours()

    def broken(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError, match="killed"):
        patched.setattr(counters, "add_to_day", broken)
        count(NEXT_DAY)

    assert (hours(), days()) == (before, {})
    count(NEXT_DAY)
    assert days()["page", "/help"] == 5


def at_once(*acts: Any) -> list[BaseException]:
    problems: list[BaseException] = []

    def run(act: Any) -> None:
        try:
            act()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def count_in_a_transaction() -> None:
    with db.transaction():
        counting.count_days()


def test_workers_at_once_count_nothing_twice(app: object) -> None:
    with db.transaction() as session:
        rows = [
            {"hour": EVENING.replace(hour=hour, minute=0), "service": "my-account", "dimension": "page"}
            | {"value": f"/{letter}", "times": 10}
            for hour in range(24)
            for letter in "abcdefghijklmnopqrstuvwxyz"
        ]
        session.execute(insert(HourCount), rows)

    with clock.at(NEXT_DAY):
        problems = at_once(*[count_in_a_transaction] * 4)

    assert problems == []
    assert hours() == {}
    assert set(days().values()) == {240}
    assert len(days()) == 26


def test_visits_at_once_are_all_counted(people: People) -> None:
    def some() -> None:
        for _ in range(5):
            visit(people, {"page": "/"}, {"page": "/help"})

    with clock.at(EVENING):
        problems = at_once(*[some] * 6)

    assert problems == []
    assert (hours()["page", "/"], hours()["browser", "firefox"]) == (30, 60)


def test_more_hours_than_a_batch_holds_are_swept(app: object) -> None:
    with db.transaction() as session:
        row = {"hour": EVENING, "service": "my-account", "dimension": "page", "times": 1}
        session.execute(insert(HourCount), [row | {"value": f"/{number}"} for number in range(2500)])

    with clock.at(EVENING + LONGEST_RAW_TIME):
        assert sweeps.sweep() == 2500


def test_counting_is_declared_to_run_at_least_hourly(app: object) -> None:
    assert jobs._periodic["statistics.count"].every <= timedelta(hours=1)
    assert declared().metadata.tables["visit_hours"].info["privacy"].statistics
