"""Staff members."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record
from suite.declarations.kinds import AccessRights, Email, EmailKey, Moment, PersonId
from suite.kernel.db import Base

staff_disabled = Event("staff_disabled", "the staff member was disabled")


class StaffMember(Base):
    """Somebody who may use the internal tools; disabled members can do nothing and go after a month."""

    __tablename__ = "staff_members"
    __privacy__ = Record(
        "the people who work with our internal tools",
        keep=Keep(staff_disabled, Period(months=1)),
        subject="id",
        purposes=("internal_tools",),
        ends_person=True,
    )
    __table_args__ = (
        Index(
            "uq_staff_members_email_key",
            "email_key",
            unique=True,
            postgresql_where=text("disabled_at IS NULL"),
            sqlite_where=text("disabled_at IS NULL"),
        ),
        Index(
            "ix_staff_members_disabled_at",
            "disabled_at",
            postgresql_where=text("disabled_at IS NOT NULL"),
            sqlite_where=text("disabled_at IS NOT NULL"),
        ),
    )

    id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[Email]
    email_key: Mapped[EmailKey]
    roles: Mapped[AccessRights]
    created_at: Mapped[Moment]
    disabled_at: Mapped[Moment | None]
