"""Changes that wait for proof, and mailed links that undo what was done."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import Counter, Credential, Email, EmailKey, Label, Moment, PersonId, RowId
from suite.kernel.db import Base
from suite.kernel.ids import new_id

address_change_asked = Event("address_change_asked", "the change of address was asked for")
undo_over = Event("undo_link_over", "the mailed link stopped working")


class AddressChange(Base):
    """A new e-mail address that is not proven yet; one at a time."""

    __tablename__ = "address_changes"
    __privacy__ = Record(
        "a new e-mail address you have not confirmed yet",
        keep=(Keep(address_change_asked, Period(hours=24)), WithParent("account_id")),
        subject="account_id",
        purposes=("provide_service",),
    )
    __table_args__ = (UniqueConstraint("account_id"), Index("ix_address_changes_asked_at", "asked_at"))

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    address: Mapped[Email]
    email_key: Mapped[EmailKey]
    code_hash: Mapped[Credential | None]
    tries: Mapped[Counter] = mapped_column(default=0)
    asked_at: Mapped[Moment]


class UndoLink(Base):
    """A mailed link that says "this was not me", or brings back an address, an account, a quiet wait."""

    __tablename__ = "undo_links"
    __privacy__ = Record(
        "links in our letters with which you undo what was not you",
        keep=(Keep(undo_over, Period()), WithParent("account_id")),
        subject="account_id",
        purposes=("protect_accounts",),
    )
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_undo_links_account_id", "account_id"),
        Index("ix_undo_links_expires_at", "expires_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[Label]
    token_hash: Mapped[Credential]
    address: Mapped[Email | None]
    email_key: Mapped[EmailKey | None]
    factor_id: Mapped[RowId | None]
    made_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
