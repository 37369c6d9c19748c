"""What was counted: by hour until the day is over, then by day; and the campaigns whose beacons count.

A visit is taken apart before it is stored: page, browser, network and the rest are counted each for itself, so no row
tells which of them came together. Rows have no numbers, and SQLite stores them in the order of their content
(WITHOUT ROWID): not even the order in which they came is left.
"""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, Unlimited
from suite.declarations.kinds import Counter, Label, Moment
from suite.kernel.db import Base

visit_noted = Event("visit_noted", "the hour of the visit began")
day_counted = Event("day_counted", "the day that was counted")

LONGEST_RAW = Period(hours=48)
"""The job counts and deletes a day soon after its end; what it could not reach goes with the sweep (GEN-12)."""

_PURPOSES = ("traffic_statistics", "statistics", "campaign_statistics")


class HourCount(Base):
    """How often something was seen in one hour; deleted when its day is counted."""

    __tablename__ = "visit_hours"
    __privacy__ = Record(
        "what visits had in common within an hour, each property for itself; deleted when the day is counted",
        keep=Keep(visit_noted, LONGEST_RAW),
        purposes=_PURPOSES,
        statistics=True,
    )
    __table_args__ = ({"sqlite_with_rowid": False},)

    hour: Mapped[Moment] = mapped_column(primary_key=True)
    service: Mapped[Label] = mapped_column(primary_key=True)
    dimension: Mapped[Label] = mapped_column(primary_key=True)
    value: Mapped[Label] = mapped_column(primary_key=True)
    times: Mapped[Counter]


class DayCount(Base):
    """How often something was seen in one day; what few did stands under `other`."""

    __tablename__ = "visit_days"
    __privacy__ = Record(
        "how much the sites are used, by day; what only few did is not told apart",
        keep=Keep(day_counted, Period(months=25)),
        purposes=_PURPOSES,
        statistics=True,
    )
    __table_args__ = (Index("ix_visit_days_day", "day"), {"sqlite_with_rowid": False})

    service: Mapped[Label] = mapped_column(primary_key=True)
    dimension: Mapped[Label] = mapped_column(primary_key=True)
    day: Mapped[Moment] = mapped_column(primary_key=True)
    value: Mapped[Label] = mapped_column(primary_key=True)
    times: Mapped[Counter]


class Campaign(Base):
    """A code word that web beacons may name; any other counts nothing."""

    __tablename__ = "campaigns"
    __privacy__ = Record(
        "code words of campaigns and mailings",
        keep=Unlimited("a campaign is about nobody and stays until somebody removes it"),
    )

    code: Mapped[Label] = mapped_column(primary_key=True)
    service: Mapped[Label]
    since: Mapped[Moment]
