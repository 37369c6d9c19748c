"""The tables of what left: the ledger people read, and what a law demanded with who approved it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Record, WithParent
from suite.declarations.kinds import Counter, HandedOver, Handover, LegalGround, Moment, PersonId, RowId
from suite.kernel.db import Base
from suite.kernel.ids import new_id


class Disclosure(Base):
    """That a recipient got certain kinds of data about a person for a purpose: since when, until when, how often."""

    __tablename__ = "disclosures"
    __privacy__ = Record(
        "who received data about you, which kinds, for what and when",
        keep=WithParent("person_id"),
        subject="person_id",
        purposes=("legal_obligation",),
    )
    __table_args__ = (UniqueConstraint("person_id", "recipient", "country", "purpose", "categories"),)

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    recipient: Mapped[Handover]
    country: Mapped[Handover]
    purpose: Mapped[Handover]
    categories: Mapped[HandedOver]
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]
    times: Mapped[Counter]


class LegalDisclosure(Base):
    """Data that a named law demands for a named authority; nothing is handed over without a second person's yes.

    The numbers of who proposed and decided lead nowhere once that member is gone. Until `silent_until` a law forbids
    telling the person.
    """

    __tablename__ = "legal_disclosures"
    __privacy__ = Record(
        "demands for your data by law, and who of us decided about them",
        keep=WithParent("person_id"),
        subject="person_id",
        purposes=("disclosure_by_law",),
    )
    __table_args__ = (
        CheckConstraint("length(law) > 0 AND length(authority) > 0 AND length(reference) > 0", name="requirement"),
        CheckConstraint(
            "approved_at IS NULL OR (decided_by IS NOT NULL AND decided_by <> proposed_by)", name="two_people"
        ),
        CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="one_decision"),
        CheckConstraint("carried_out_at IS NULL OR approved_at IS NOT NULL", name="approved_first"),
        CheckConstraint("silent_until IS NULL OR length(silent_law) > 0", name="silent_by_law"),
        Index("ix_legal_disclosures_person_id", "person_id"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    law: Mapped[LegalGround]
    authority: Mapped[LegalGround]
    reference: Mapped[LegalGround]
    country: Mapped[Handover]
    categories: Mapped[HandedOver]
    silent_until: Mapped[Moment | None]
    silent_law: Mapped[LegalGround | None]
    proposed_by: Mapped[RowId]
    proposed_at: Mapped[Moment]
    decided_by: Mapped[RowId | None]
    approved_at: Mapped[Moment | None]
    refused_at: Mapped[Moment | None]
    carried_out_at: Mapped[Moment | None]
    told_at: Mapped[Moment | None]

    @property
    def state(self) -> str:
        """Say how far a demand got."""
        if self.refused_at is not None:
            return REFUSED
        if self.carried_out_at is not None:
            return CARRIED_OUT
        return APPROVED if self.approved_at is not None else PROPOSED


PROPOSED, APPROVED, REFUSED, CARRIED_OUT = "proposed", "approved", "refused", "carried_out"
