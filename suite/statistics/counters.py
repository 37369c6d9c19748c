"""Counters in the database: adding to many is one statement, however many add at once."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import TextClause, bindparam, text

from suite.kernel import clock, db
from suite.statistics.models import DayCount, HourCount
from suite.statistics.room import Room

Counts = Mapping[tuple[str, str], int]
"""How often each value of each dimension was seen."""

_TOGETHER = 50
_ROOM = Room()


def add_to_hour(service: str, counts: Counts) -> None:
    """Count what was just seen; nothing finer than the hour is stored, so that no time leads to a person."""
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    placed: Counter[tuple[str, str]] = Counter()
    for (dimension, value), times in counts.items():
        placed[dimension, _ROOM.placed(hour, service, dimension, value)] += times
    _add(HourCount, {"hour": hour, "service": service}, placed)


def add_to_day(day: datetime, service: str, counts: Counts) -> None:
    """Add what a day brought together."""
    _add(DayCount, {"day": day, "service": service}, counts)


def _add(model: type[HourCount | DayCount], common: dict[str, Any], counts: Counts) -> None:
    # In one order, so that of two that add to the same counters at once none waits for the other in a circle.
    rows = [
        common | {"dimension": dimension, "value": value, "times": times}
        for (dimension, value), times in sorted(counts.items())
    ]
    for begins in range(0, len(rows), _TOGETHER):
        some = rows[begins : begins + _TOGETHER]
        given = {f"{name}_{number}": value for number, row in enumerate(some) for name, value in row.items()}
        db.session.execute(_statement(model, len(some)), given)


@cache
def _statement(model: type[HourCount | DayCount], rows: int) -> TextClause:
    """Make the statement for so many rows once: making it takes longer than sending it."""
    table: Any = model.__table__
    columns, keys = table.columns.keys(), table.primary_key.columns.keys()
    places = [f"({', '.join(f':{name}_{number}' for name in columns)})" for number in range(rows)]
    sql = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {', '.join(places)} "  # noqa: S608 - our own names
    sql += f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET times = {table.name}.times + excluded.times"
    types = [bindparam(f"{c.name}_{number}", type_=c.type) for c in table.columns for number in range(rows)]
    return text(sql).bindparams(*types)
