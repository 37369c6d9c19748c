"""Periods: when a month is over, asked from both ends."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from suite.declarations import Period

instants = st.datetimes(
    datetime(1990, 1, 1),
    datetime(2100, 12, 31),
    timezones=st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
calendar_months = st.integers(1, 36).map(lambda number: Period(months=number))
lengths = st.builds(Period, days=st.integers(0, 400), hours=st.integers(0, 100))
periods = calendar_months | lengths
MONTH = Period(months=1)
TICK = timedelta(microseconds=1)
patient = settings(deadline=None)


def is_over(period: Period, start: datetime, now: datetime) -> bool:
    return any(begin <= start < end for begin, end in period.over_at(now))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@patient
@given(period=periods, start=instants, now=instants)
@example(period=MONTH, start=utc(2026, 1, 31, 12), now=utc(2026, 2, 28, 12))
@example(period=MONTH, start=utc(2026, 1, 28, 20), now=utc(2026, 2, 28, 12))
@example(period=MONTH, start=utc(2028, 1, 30, 12), now=utc(2028, 2, 29, 11, 59))
@example(period=MONTH, start=utc(2026, 2, 28, 23, 59, 59, 999999), now=utc(2026, 3, 31))
@example(period=Period(), start=utc(2026, 5, 1), now=utc(2026, 5, 1))
def test_the_sweep_and_the_promise_agree_at_every_instant(period: Period, start: datetime, now: datetime) -> None:
    assert is_over(period, start, now) == (period.after(start) <= now)


@patient
@given(period=periods, start=instants)
def test_a_period_is_over_at_its_end_and_not_a_microsecond_before(period: Period, start: datetime) -> None:
    end = period.after(start)

    assert is_over(period, start, end)
    assert not is_over(period, start, end - TICK)


@patient
@given(period=periods, start=instants, later=st.timedeltas(timedelta(0), timedelta(days=800)))
def test_what_is_over_stays_over(period: Period, start: datetime, later: timedelta) -> None:
    assert is_over(period, start, period.after(start) + later)


@patient
@given(period=periods, now=instants)
def test_the_ranges_of_starts_are_in_order_and_never_overlap(period: Period, now: datetime) -> None:
    ranges = period.over_at(now)

    assert all(begin < end for begin, end in ranges)
    assert all(first[1] <= second[0] for first, second in zip(ranges, ranges[1:], strict=False))


@pytest.mark.parametrize("months", [1, 6, 12])
def test_on_every_day_of_four_years_a_month_ends_on_the_same_day_or_the_last(months: int) -> None:
    period = Period(months=months)
    for day in range(1461):
        start = utc(2024, 1, 1, 9, 30) + timedelta(days=day)
        end = period.after(start)
        following = end + timedelta(days=1)

        assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
        assert end.day == start.day or (end.day < start.day and following.day == 1)
        assert (end.hour, end.minute) == (9, 30)
        assert [is_over(period, start, end + shift) for shift in (-TICK, timedelta(0), TICK)] == [False, True, True]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc(2026, 1, 31, 12), utc(2026, 2, 28, 12)),
        (utc(2028, 1, 31, 12), utc(2028, 2, 29, 12)),
        (utc(2026, 2, 28), utc(2026, 3, 28)),
        (utc(2026, 3, 31), utc(2026, 4, 30)),
        (utc(2026, 12, 31, 23, 59, 59, 999999), utc(2027, 1, 31, 23, 59, 59, 999999)),
    ],
)
def test_a_month_from_the_end_of_a_month(start: datetime, end: datetime) -> None:
    assert MONTH.after(start) == end


def test_a_year_from_a_leap_day_ends_on_28_february() -> None:
    assert Period(months=12).after(utc(2024, 2, 29)) == utc(2025, 2, 28)


def test_the_calendar_is_that_of_utc_wherever_the_clock_stood() -> None:
    new_year_in_auckland = datetime(2026, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=13)))

    assert MONTH.after(new_year_in_auckland) == utc(2026, 3, 28, 12)


@pytest.mark.parametrize("wrong", [{"months": 1, "days": 1}, {"months": 1, "hours": 1}, {"days": -1}])
def test_a_period_that_cannot_be_counted_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        Period(**wrong)


@pytest.mark.parametrize(
    ("period", "words", "iso"),
    [
        (Period(months=1), "1 calendar month", "P1M"),
        (Period(months=6), "6 calendar months", "P6M"),
        (Period(hours=24), "24 hours", "PT24H"),
        (Period(days=27, hours=1), "27 days 1 hour", "P27DT1H"),
        (Period(), "at once", "PT0H"),
    ],
)
def test_a_period_reads_in_words_and_in_iso_8601(period: Period, words: str, iso: str) -> None:
    assert (str(period), period.iso()) == (words, iso)
