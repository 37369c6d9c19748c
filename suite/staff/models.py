"""Staff members, their invitations, sessions and known devices."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    AccessRights,
    AccessTime,
    Credential,
    Email,
    EmailKey,
    Label,
    Language,
    Moment,
    PasswordHash,
    PersonId,
    RowId,
    UserAgent,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

staff_disabled = Event("staff_disabled", "the staff member was disabled")
invitation_over = Event("staff_invitation_over", "the invitation stopped working")
staff_session_over = Event("staff_session_over", "the session in the internal tools was over")
staff_device_used = Event("staff_device_used", "the device was last used to sign in to the internal tools")


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
    password_hash: Mapped[PasswordHash | None]
    language: Mapped[Language]
    roles: Mapped[AccessRights]
    created_at: Mapped[Moment]
    disabled_at: Mapped[Moment | None]

    @property
    def state(self) -> str:
        """Say whether somebody is invited, works here, or is disabled."""
        if self.disabled_at is not None:
            return "disabled"
        return "active" if self.password_hash is not None else "invited"


class StaffInvitation(Base):
    """A mailed link that lets a member choose a password and add an authenticator app; one at a time.

    The password waits here until the first code of the app was typed: before that it opens nothing.
    """

    __tablename__ = "staff_invitations"
    __privacy__ = Record(
        "invitations to our internal tools that are not accepted yet",
        keep=(Keep(invitation_over, Period()), WithParent("member_id")),
        subject="member_id",
        purposes=("internal_tools",),
    )
    __table_args__ = (UniqueConstraint("token_hash"), Index("ix_staff_invitations_expires_at", "expires_at"))

    member_id: Mapped[PersonId] = mapped_column(ForeignKey("staff_members.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[Credential]
    password_hash: Mapped[PasswordHash | None]
    made_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class StaffSession(Base):
    """A sign-in of one browser or app to the internal tools; ending it deletes the row."""

    __tablename__ = "staff_sessions"
    __privacy__ = Record(
        "where the people who work for us are signed in to internal tools",
        keep=(Keep(staff_session_over, Period()), WithParent("member_id")),
        subject="member_id",
        purposes=("internal_tools",),
    )
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_staff_sessions_member_id", "member_id"),
        Index("ix_staff_sessions_expires_at", "expires_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[PersonId] = mapped_column(ForeignKey("staff_members.id", ondelete="CASCADE"))
    token_hash: Mapped[Credential]
    client: Mapped[Label]
    user_agent: Mapped[UserAgent | None]
    created_at: Mapped[AccessTime]
    seen_at: Mapped[AccessTime]
    fresh_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class StaffDevice(Base):
    """A browser or app that signed in before; it keeps strangers' wrong guesses from locking its owner out."""

    __tablename__ = "staff_devices"
    __privacy__ = Record(
        "browsers and apps with which the people who work for us signed in before",
        keep=(Keep(staff_device_used, Period(days=180)), WithParent("member_id")),
        subject="member_id",
        purposes=("internal_tools",),
    )
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_staff_devices_member_id", "member_id", "last_seen"),
        Index("ix_staff_devices_last_seen", "last_seen"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[PersonId] = mapped_column(ForeignKey("staff_members.id", ondelete="CASCADE"))
    token_hash: Mapped[Credential]
    user_agent: Mapped[UserAgent | None]
    first_seen: Mapped[AccessTime]
    last_seen: Mapped[AccessTime]
