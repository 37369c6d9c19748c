"""Counters in the database: adding is one statement, however many add at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import Insert

from suite.kernel import clock, db, system
from suite.statistics.models import DayCount, HourCount

Counts = Mapping[tuple[str, str], int]
"""How often each value of each dimension was seen."""


def add_to_hour(service: str, counts: Counts) -> None:
    """Count what was just seen."""
    _add(HourCount.__table__, _rows("hour", hour_of(clock.now()), service, counts))


def add_to_day(day: datetime, service: str, counts: Counts) -> None:
    """Add what a day brought together."""
    _add(DayCount.__table__, _rows("day", day, service, counts))


def hour_of(instant: datetime) -> datetime:
    """Cut an instant down to its hour: nothing finer is ever stored, so that no time leads to a person."""
    return instant.replace(minute=0, second=0, microsecond=0)


def _rows(clock_name: str, begins: datetime, service: str, counts: Counts) -> list[dict[str, Any]]:
    # In one order, so that of two that add the same rows at once none waits for the other in a circle.
    return [
        {clock_name: begins, "service": service, "dimension": dimension, "value": value, "times": times}
        for (dimension, value), times in sorted(counts.items())
    ]


def _add(table: Any, rows: Iterable[dict[str, Any]]) -> None:
    if listed := list(rows):
        db.session.execute(_statement(system.current().database, table), listed)


@cache
def _statement(database: db.Database, table: Table) -> Insert:
    inserted = database.insert(table)
    return inserted.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={"times": table.c.times + inserted.excluded.times}
    )
