"""Limits that hold over machines and restarts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from suite.kernel import clock, db, limits
from suite.kernel.errors import TooManyAttempts
from suite.kernel.models import Limit

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
THREE_A_MINUTE = limits.Allowance("test", times=3, seconds=60)
OTHER = limits.Allowance("other", times=3, seconds=60)


def take(at: datetime, subject: str = "ann", allowance: limits.Allowance = THREE_A_MINUTE, cost: int = 1) -> int:
    """Take one; give 0, or the seconds to wait."""
    with clock.at(at):
        try:
            with db.transaction():
                limits.take(allowance, subject, cost=cost)
        except TooManyAttempts as refused:
            return int(refused.headers["Retry-After"])
    return 0


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def test_as_many_as_allowed_get_through_and_no_more(app: object) -> None:
    assert [take(NOON) for _ in range(5)] == [0, 0, 0, 61, 61]


def test_the_window_begins_with_the_first_use_and_ends_to_the_microsecond(app: object) -> None:
    first = [take(seconds(number)) for number in (0, 30, 59)]
    before = take(seconds(60) - timedelta(microseconds=1))
    at_the_end = [take(seconds(60)) for _ in range(4)]

    assert first == [0, 0, 0]
    assert before == 1
    assert at_the_end == [0, 0, 0, 61]


def test_the_wait_that_is_told_is_enough_and_hardly_too_long(app: object) -> None:
    for number in range(3):
        take(seconds(number))
    wait = take(seconds(20.5))

    assert wait == 40
    assert take(seconds(20.5 + wait)) == 0


def test_refused_tries_do_not_prolong_the_window(app: object) -> None:
    for number in range(50):
        take(seconds(number))

    assert take(seconds(60)) == 0


def test_subjects_and_allowances_are_counted_apart(app: object) -> None:
    for _ in range(4):
        take(NOON)

    assert take(NOON, "bob") == 0
    assert take(NOON, "ann", OTHER) == 0
    assert take(NOON, "ann\0", THREE_A_MINUTE) == 0


def test_what_is_given_back_can_be_used_again(app: object) -> None:
    for _ in range(4):
        take(NOON)
    take(NOON, "bob")
    with db.transaction():
        limits.give_back(THREE_A_MINUTE, "ann")

    assert [take(NOON) for _ in range(4)] == [0, 0, 0, 61]
    assert [take(NOON, "bob") for _ in range(3)] == [0, 0, 61]


def test_a_use_may_cost_more_than_one(app: object) -> None:
    assert [take(NOON, cost=2) for _ in range(2)] == [0, 61]
    assert take(NOON, cost=1) == 0


def test_a_refusal_is_counted_though_the_rest_rolls_back(app: object) -> None:
    with pytest.raises(TooManyAttempts), clock.at(NOON), db.transaction():
        for _ in range(4):
            limits.take(THREE_A_MINUTE, "ann")

    assert take(NOON) == 61


def test_the_table_names_nobody(app: object) -> None:
    take(NOON, "ann@example.org")

    with db.transaction(reading=True) as session:
        row = session.scalars(select(Limit)).one()
    assert "ann" not in row.key
    assert (row.used, row.ends_at) == (1, seconds(60))
