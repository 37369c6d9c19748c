"""Periods after an event, in calendar months, days and hours of UTC.

One calendar month ends on the same day and time of the next month, or on that month's last day.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, order=True)
class Event:
    """Something that starts a clock, such as `account closed`; a module announces it by a column."""

    name: str
    says: str


@dataclass(frozen=True)
class Period:
    """A length of time; months are calendar months."""

    months: int = 0
    days: int = 0
    hours: int = 0

    def __post_init__(self) -> None:
        if min(self.months, self.days, self.hours) < 0:
            raise ValueError("A period cannot be negative.")
        if self.months and (self.days or self.hours):
            raise ValueError("A period counts either calendar months or days and hours.")

    def after(self, start: datetime) -> datetime:
        """Give the instant at which the period that began at `start` is over."""
        start = start.astimezone(UTC)
        if not self.months:
            return start + timedelta(days=self.days, hours=self.hours)
        year, month = divmod(start.year * 12 + start.month - 1 + self.months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        return start.replace(year=year, month=month + 1, day=min(start.day, last))

    def over_at(self, now: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Give the half-open ranges of starts whose period is over at `now`.

        Two ranges can be needed: at the end of February 28 a month that began on 31 January at noon
        is over while one that began on 28 January in the evening is not.
        """
        now = now.astimezone(UTC)
        step = timedelta(microseconds=1)
        beginning = datetime.min.replace(tzinfo=UTC)
        if not self.months:
            return ((beginning, now - timedelta(days=self.days, hours=self.hours) + step),)
        year, month = divmod(now.year * 12 + now.month - 1 - self.months, 12)
        length = calendar.monthrange(year, month + 1)[1]
        target_length = calendar.monthrange(now.year, now.month)[1]
        same_day = now.replace(year=year, month=month + 1, day=min(now.day, length))
        if now.day > length:
            same_day = same_day.replace(hour=23, minute=59, second=59, microsecond=999999)
        ranges = [(beginning, same_day + step)]
        if now.day == target_length:
            for day in range(target_length + 1, length + 1):
                until = same_day.replace(day=day)
                ranges.append((until.replace(hour=0, minute=0, second=0, microsecond=0), until + step))
        return tuple(ranges)

    def __str__(self) -> str:
        parts = [
            f"{number} {word if number == 1 else word + 's'}"
            for number, word in (
                (self.months, "calendar month"),
                (self.days, "day"),
                (self.hours, "hour"),
            )
            if number
        ]
        return " ".join(parts) or "at once"

    @classmethod
    def parse(cls, iso: str) -> "Period":
        """Read what `iso` wrote."""
        found = re.fullmatch(r"P(?:(\d+)M)?(?:(\d+)D)?(?:T(\d+)H)?", iso)
        if found is None:
            raise ValueError(f"{iso!r} is no period.")
        months, days, hours = (int(number or 0) for number in found.groups())
        return cls(months, days, hours)

    def iso(self) -> str:
        """Give the ISO 8601 duration, for example `P1M`."""
        date = (f"{self.months}M" if self.months else "") + (f"{self.days}D" if self.days else "")
        return f"P{date}" + (f"T{self.hours}H" if self.hours or not date else "")
