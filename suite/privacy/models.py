"""The person everything personal hangs on, and the ledger of consents."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Record, WithParent
from suite.declarations.kinds import Choice, Digest, Label, Language, Membership, Moment, PersonId, RowId
from suite.declarations.records import Unlimited
from suite.kernel.db import Base
from suite.kernel.ids import new_id


class Person(Base):
    """Somebody of whom something is held; deleting the row deletes everything that hangs on it."""

    __tablename__ = "people"
    __privacy__ = Record(
        "the number that holds your data together",
        keep=Unlimited("a person goes with the account or registration that made it"),
        subject="id",
        purposes=("provide_service",),
    )

    id: Mapped[PersonId] = mapped_column(primary_key=True, default=new_id)


class ConsentEntry(Base):
    """One choice of a person, never changed: a withdrawal is another entry."""

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
    at: Mapped[Moment]
