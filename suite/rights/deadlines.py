"""When a request is to be answered: a calendar month, two more at most, and the time that was spent waiting."""

from datetime import datetime, timedelta
from typing import Final

from suite.declarations import Period

ANSWERED_WITHIN: Final = Period(months=1)
MOST_EXTENSION: Final = 2
"""Calendar months that can be added, once (RIG-32)."""


def due(received_at: datetime, *, waited: int = 0, more_months: int = 0) -> datetime:
    """Give the instant by which a request is answered; `waited` counts seconds in which the person was asked."""
    months = Period(months=ANSWERED_WITHIN.months + more_months)
    return months.after(received_at) + timedelta(seconds=waited)
