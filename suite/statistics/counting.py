"""Counting a day: its hours become sums and go, in one transaction; what few did is not told apart."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Final

from sqlalchemy import delete

from suite.kernel import clock, db
from suite.statistics import counters
from suite.statistics.models import HourCount
from suite.statistics.room import OTHER

FEWEST: Final = 5
"""Values seen less often in a day stand under `other`: they could be one person's."""

MOST: Final = 200
"""Values of a dimension that are told apart for one day; a flood of made-up ones ends here."""

_Group = tuple[datetime, str]


def count_days() -> int:
    """Count the days that are over; return how many hourly rows went.

    What the DELETE returns is what is counted: of several workers each counts only what it deleted itself.
    """
    today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    sums: dict[_Group, Counter[tuple[str, str]]] = defaultdict(Counter)
    gone = 0
    ended = (
        delete(HourCount)
        .where(HourCount.hour < today)
        .returning(HourCount.hour, HourCount.service, HourCount.dimension, HourCount.value, HourCount.times)
    )
    for hour, service, dimension, value, times in db.session.execute(ended):
        sums[hour.replace(hour=0), service][dimension, value] += times
        gone += 1
    for (day, service), counts in sorted(sums.items()):
        counters.add_to_day(day, service, _folded(counts))
    return gone


def _folded(counts: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Put the values that few had, and those beyond the most, under `other`."""
    kept: Counter[tuple[str, str]] = Counter()
    shown: Counter[str] = Counter()
    for (dimension, value), times in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        told = times >= FEWEST and shown[dimension] < MOST
        shown[dimension] += told
        kept[dimension, value if told else OTHER] += times
    return kept
