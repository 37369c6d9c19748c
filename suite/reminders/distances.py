"""When a reminder is due, which ends that makes due, and what is worth sending late (decision 26).

A distance is a time before the end; no time at all means the day of the end, from its first moment in UTC.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, func, literal_column

from suite.declarations import Period

THE_DAY: Final = Period()
_STEP: Final = timedelta(microseconds=1)


def day_of(instant: datetime) -> datetime:
    """Give the first moment of the day of an instant, in UTC."""
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def due_at(before: Period, ends_at: datetime) -> datetime:
    """Give the instant from which a reminder may be sent."""
    return day_of(ends_at) if before == THE_DAY else ends_at - _length(before)


def first_later(before: Period, instant: datetime) -> datetime:
    """Give the earliest end whose reminder is due after an instant."""
    if before == THE_DAY:
        return day_of(instant) + timedelta(days=1)
    return instant + _length(before) + _STEP


def helps(before: Period, ends_at: datetime, now: datetime) -> bool:
    """Say whether a reminder is still of use: until the end, on the day of the end until the day is over."""
    return now < ends_at or (before == THE_DAY and day_of(now) == day_of(ends_at))


def nearer_than(before: Period, distances: Iterable[Period]) -> list[Period]:
    """Give the distances that are nearer to the end, the farthest of them first."""
    return sorted((one for one in distances if _length(one) < _length(before)), key=_length, reverse=True)


def first_worth_planning(before: Period, distances: Iterable[Period], now: datetime) -> datetime:
    """Give the earliest end about which this reminder, and no nearer one, is worth sending just now."""
    nearer = nearer_than(before, distances)
    if nearer:
        return first_later(nearer[0], now)
    return day_of(now) if before == THE_DAY else now + _STEP


def days_left(ends_at: datetime, now: datetime) -> int:
    """Count the days between two days of the calendar, in UTC."""
    return (day_of(ends_at) - day_of(now)).days


def due_in_sql(before: Period, ends_at: ColumnElement[Any], *, sqlite: bool) -> ColumnElement[Any]:
    """Give the same as `due_at`, as SQL. Days are 24 hours, whatever zone a connection is in."""
    seconds = int(_length(before).total_seconds())
    if sqlite:  # a text, of which SQLite's own arithmetic would lose the microseconds
        if before == THE_DAY:
            return func.substr(ends_at, 1, 10, type_=String).concat(literal_column("' 00:00:00.000000'"))
        moved = func.strftime("%Y-%m-%d %H:%M:%S", func.substr(ends_at, 1, 19), f"-{seconds} seconds", type_=String)
        return moved.concat(func.substr(ends_at, 20, type_=String))
    if before == THE_DAY:
        return func.date_trunc("day", ends_at, "UTC")
    return ends_at - literal_column(f"interval '{seconds} seconds'")


def _length(before: Period) -> timedelta:
    return timedelta(days=before.days, hours=before.hours)
