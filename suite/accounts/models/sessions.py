"""Where a person is signed in, and the devices known from earlier sign-ins."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import AccessTime, Credential, Label, Moment, PersonId, RowId, UserAgent
from suite.kernel.db import Base
from suite.kernel.ids import new_id

session_over = Event("session_over", "the session was over")
device_used = Event("known_device_used", "the device was last used to sign in")


class Session(Base):
    """A sign-in of one browser or app; ending it deletes the row."""

    __tablename__ = "sessions"
    __privacy__ = Record(
        "where you are signed in",
        keep=(Keep(session_over, Period()), WithParent("account_id")),
        subject="account_id",
        purposes=("sign_in", "protect_accounts"),
    )
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_sessions_account_id", "account_id", "id"),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    token_hash: Mapped[Credential]
    client: Mapped[Label]
    user_agent: Mapped[UserAgent | None]
    created_at: Mapped[AccessTime]
    seen_at: Mapped[AccessTime]
    fresh_at: Mapped[Moment]
    expires_at: Mapped[Moment]


class KnownDevice(Base):
    """A browser or app that signed in before; it keeps strangers' wrong guesses from locking its owner out.

    It replaces no factor: whoever has it still needs everything a sign-in needs.
    """

    __tablename__ = "known_devices"
    __privacy__ = Record(
        "browsers and apps you signed in with before",
        keep=(Keep(device_used, Period(days=180)), WithParent("account_id")),
        subject="account_id",
        purposes=("protect_accounts",),
    )
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_known_devices_account_id", "account_id", "last_seen"),
        Index("ix_known_devices_last_seen", "last_seen"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    token_hash: Mapped[Credential]
    user_agent: Mapped[UserAgent | None]
    first_seen: Mapped[AccessTime]
    last_seen: Mapped[AccessTime]
