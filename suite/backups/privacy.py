"""What the backups module declares."""

from datetime import UTC, datetime

from suite.declarations import Declaration, Period, Store
from suite.services import SERVICES

_ANY_DAY = datetime(2026, 3, 1, tzinfo=UTC)

AGE: Period = min((service.backups for service in SERVICES.values()), key=lambda period: period.after(_ANY_DAY))
"""A backup holds all services together, so the shortest of their ages is the age of all (BUS-35, SCC-37)."""

declaration = Declaration(
    module="backups",
    stores=(
        Store("backups", "encrypted copies of everything, against loss; erasures are repeated when one is used", AGE),
    ),
)
