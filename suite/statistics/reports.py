"""What the figures say about a service, by one dimension, over some days."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final

from sqlalchemy import select

from suite.kernel import clock, db
from suite.statistics.models import DayCount

LONGEST: Final = 366
"""Days of one report."""

USUAL: Final = 28
"""Days of a report where nobody says from when."""


@dataclass(frozen=True)
class Report:
    """How often each value was seen on each day; days without figures are left out."""

    service: str
    dimension: str
    since: date
    until: date
    rows: tuple[tuple[date, str, int], ...]

    @property
    def total(self) -> int:
        """Everything together."""
        return sum(times for _, _, times in self.rows)

    @cached_property
    def values(self) -> tuple[tuple[str, int], ...]:
        """The values, the most frequent first."""
        sums: Counter[str] = Counter()
        for _, value, times in self.rows:
            sums[value] += times
        return tuple(sorted(sums.items(), key=lambda one: (-one[1], one[0])))

    @cached_property
    def days(self) -> tuple[tuple[date, int], ...]:
        """The days, the oldest first."""
        sums: Counter[date] = Counter()
        for day, _, times in self.rows:
            sums[day] += times
        return tuple(sorted(sums.items()))


def report(service: str, dimension: str, *, since: date | None, until: date | None) -> Report:
    """Read the figures from `since` to `until`, both counted; the last four weeks where nothing is said."""
    last = until or clock.now().date() - timedelta(days=1)
    longest = USUAL if since is None else LONGEST
    earliest = date.fromordinal(max(1, last.toordinal() - longest + 1))
    first = earliest if since is None else max(since, earliest)
    found = db.session.execute(
        select(DayCount.day, DayCount.value, DayCount.times)
        .where(
            DayCount.service == service,
            DayCount.dimension == dimension,
            DayCount.day.between(_midnight(first), _midnight(last)),
        )
        .order_by(DayCount.day, DayCount.times.desc(), DayCount.value)
    )
    return Report(service, dimension, first, last, tuple((day.date(), value, times) for day, value, times in found))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
