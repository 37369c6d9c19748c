"""Reminders: one row per person, thing, end and distance; what became of it stands in the row."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, Unlimited
from suite.declarations.kinds import Label, Moment, PersonId, RowId
from suite.declarations.kinds import Membership as MembershipKind
from suite.kernel.db import Base
from suite.kernel.ids import new_id

reminder_due = Event("reminder_due", "a reminder was due")


class Reminder(Base):
    """A planned reminder. `about` names the kind of thing that ends, `item` its row, `ends_at` the end meant.

    `kind` says how long before the end, as an ISO 8601 duration. It is claimed once (`claimed_at`), and settled with
    one `outcome`: sent, or the reason why not.
    """

    __tablename__ = "reminders"
    __privacy__ = Record(
        "reminders of what is about to end: planned, sent or dropped",
        keep=Keep(reminder_due, Period(months=6)),
        subject="person_id",
        purposes=("license_notices", "license_reminders", "service_notifications"),
    )
    __table_args__ = (
        UniqueConstraint("person_id", "about", "item", "ends_at", "kind", name="uq_reminders_once"),
        Index(
            "ix_reminders_open",
            "due_at",
            postgresql_where=text("outcome IS NULL"),
            sqlite_where=text("outcome IS NULL"),
        ),
        Index("ix_reminders_due_at", "due_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    about: Mapped[Label]
    item: Mapped[RowId]
    service: Mapped[MembershipKind]
    ends_at: Mapped[Moment]
    kind: Mapped[Label]
    due_at: Mapped[Moment]
    claimed_at: Mapped[Moment | None]
    settled_at: Mapped[Moment | None]
    outcome: Mapped[Label | None]


class ReminderMark(Base):
    """Up to which end the reminders of one kind of thing, service and distance are planned."""

    __tablename__ = "reminder_marks"
    __privacy__ = Record("how far reminders are planned", keep=Unlimited("a mark is about nobody"))

    about: Mapped[Label] = mapped_column(primary_key=True)
    service: Mapped[Label] = mapped_column(primary_key=True)
    kind: Mapped[Label] = mapped_column(primary_key=True)
    ends_until: Mapped[Moment]
