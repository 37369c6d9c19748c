"""The person everything hangs on, consents, restrictions and objections, and what is left of an erasure."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, LeftOver, Period, Record, WithParent
from suite.declarations.kinds import (
    Choice,
    Counter,
    Digest,
    Facts,
    FileKey,
    Label,
    Language,
    Membership,
    Moment,
    PersonId,
    Pseudonym,
    Published,
    RowId,
)
from suite.declarations.records import Unlimited
from suite.kernel.db import Base
from suite.kernel.ids import new_id

stone_written = Event("tombstone_written", "the data were erased or the choice was made")
STONES_LAST = Period(months=12)
"""Longer than any backup may live."""


class Person(Base):
    """Somebody of whom something is held; deleting the row deletes everything that hangs on it.

    `erasure.erase` leaves a receipt. A number goes without one where it is nobody's: nothing hangs on it any more, or
    it was made for one last letter, delivery or request and goes with it. There is nothing to be found again by then.
    """

    __tablename__ = "people"
    __privacy__ = Record(
        "the number that holds your data together",
        keep=LeftOver(Period(days=1)),
        subject="id",
        purposes=("provide_service",),
    )

    id: Mapped[PersonId] = mapped_column(primary_key=True, default=new_id)


class ConsentEntry(Base):
    """One choice of a person: a withdrawal is another entry. A trigger of the database refuses every change of one."""

    __tablename__ = "consent_entries"
    __privacy__ = Record(
        "your consents and their withdrawals, with the text you saw",
        keep=WithParent("person_id"),
        subject="person_id",
        purposes=("legal_obligation",),
    )
    __table_args__ = (Index("ix_consent_entries_question", "person_id", "purpose", "service", "id"),)

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    service: Mapped[Membership]
    purpose: Mapped[Choice]
    state: Mapped[Choice]
    text_version: Mapped[Label]
    text_hash: Mapped[Digest]
    language: Mapped[Language]
    method: Mapped[Label]
    notice_version: Mapped[Label]
    at: Mapped[Moment]


class Restriction(Base):
    """A person whose data are stored and otherwise unused for now (RIG-7, RIG-9)."""

    __tablename__ = "restrictions"
    __privacy__ = Record(
        "that your data may only be stored for now",
        keep=WithParent("person_id"),
        subject="person_id",
        purposes=("legal_obligation",),
    )

    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[Choice]
    since: Mapped[Moment]


class Objection(Base):
    """A legitimate interest a person objected to (RIG-12); `overridden` names the reason that outweighs it."""

    __tablename__ = "objections"
    __privacy__ = Record(
        "what you objected to",
        keep=WithParent("person_id"),
        subject="person_id",
        purposes=("legal_obligation",),
    )

    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    purpose: Mapped[Choice] = mapped_column(primary_key=True)
    overridden: Mapped[Label | None]
    at: Mapped[Moment]


class Suppression(Base):
    """An address nobody writes to for a purpose, as a keyed hash of both; nothing leads from here to a person."""

    __tablename__ = "suppressions"
    __privacy__ = Record(
        "keyed hashes of addresses that asked not to be written to, each with the purpose and the date",
        keep=Unlimited("the request is honoured until the owner of the address takes it back"),
        purposes=("honour_requests",),
    )

    address_hash: Mapped[Pseudonym] = mapped_column(primary_key=True)
    purpose: Mapped[Label]
    since: Mapped[Moment]


class NoticeVersion(Base):
    """A version of the notice this installation ran with, with everything it showed (GEN-5)."""

    __tablename__ = "notice_versions"
    __privacy__ = Record(
        "the versions of this notice",
        keep=Unlimited("earlier versions stay, so that anybody can read what was said when"),
    )
    __table_args__ = (UniqueConstraint("hash"),)

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    hash: Mapped[Label]
    since: Mapped[Moment]
    content: Mapped[Published]


class Tombstone(Base):
    """What is left of an erasure or a choice, so that a restored backup cannot undo it; it names nobody.

    `subject` is a keyed hash of the person's random number, `facts` are codes and times.
    """

    __tablename__ = "tombstones"
    __privacy__ = Record(
        "receipts of erasures and choices, which a restored backup has to repeat",
        keep=Keep(stone_written, STONES_LAST),
    )
    __table_args__ = (
        UniqueConstraint("sequence"),
        Index("ix_tombstones_at", "at"),
        Index(
            "ix_tombstones_unsealed",
            "id",
            postgresql_where=text("sequence IS NULL"),
            sqlite_where=text("sequence IS NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Label]
    subject: Mapped[Pseudonym]
    facts: Mapped[Facts]
    at: Mapped[Moment]
    sequence: Mapped[Counter | None]
    seal: Mapped[Digest | None]


class DoomedFile(Base):
    """A stored file whose row is gone; it goes right after."""

    __tablename__ = "doomed_files"
    __privacy__ = Record(
        "files that are just being deleted",
        keep=Unlimited("a name goes with its file, which is deleted right after the row that named it"),
    )

    key: Mapped[FileKey] = mapped_column(primary_key=True)
    at: Mapped[Moment]


class SweepStop(Base):
    """The stop switch of the sweeps: while the row is there, only limits of 24 hours and less are executed."""

    __tablename__ = "sweep_stops"
    __privacy__ = Record("that deletions were stopped by hand", keep=Unlimited("a stop lasts until it is lifted"))

    name: Mapped[Label] = mapped_column(primary_key=True)
    since: Mapped[Moment]
