"""Job entry points of the statistics module."""

from suite.kernel import jobs
from suite.statistics import counting


@jobs.job("statistics.count", lane=jobs.BULK)
def count() -> None:
    """Count the days that are over and delete their hours."""
    counting.count_days()
