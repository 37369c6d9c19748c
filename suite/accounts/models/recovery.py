"""Ways back into an account: requests for a new password, the security question, the wait of who lost everything."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    Counter,
    Credential,
    Moment,
    PersonId,
    Pseudonym,
    RowId,
    SealedRecipient,
    SecurityAnswer,
)
from suite.declarations.kinds import (
    SecurityQuestion as SecurityQuestionKind,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

recovery_asked = Event("recovery_asked", "a new password was asked for")
wait_over = Event("recovery_wait_over", "the wait for a recovery without second factor was over")

RECOVERY_LIVES = Period(hours=24)


class Recovery(Base):
    """A request for a new password; known and unknown addresses make the same row.

    The address is erased once the account behind it was looked up; its keyed hash stays, because wrong codes are
    counted over all requests for an address. Code and link prove the mailbox and give a ticket; the ticket carries
    the answer to the question and the second factor, and is spent with the new password.
    """

    __tablename__ = "recoveries"
    __privacy__ = Record(
        "your requests for a new password",
        keep=Keep(recovery_asked, RECOVERY_LIVES),
        subject="account_id",
        purposes=("regain_access",),
    )
    __table_args__ = (
        UniqueConstraint("link_hash"),
        UniqueConstraint("ticket_hash"),
        Index("ix_recoveries_account_id", "account_id"),
        Index("ix_recoveries_asked_at", "asked_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[PersonId | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    asked_for: Mapped[SealedRecipient | None]
    address_hash: Mapped[Pseudonym]
    code_hash: Mapped[Credential | None]
    link_hash: Mapped[Credential | None]
    ticket_hash: Mapped[Credential | None]
    tries: Mapped[Counter] = mapped_column(default=0)
    asked_at: Mapped[Moment]
    proven_at: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]
    factor_at: Mapped[Moment | None]


class RecoveryWait(Base):
    """Somebody proved the mailbox but has no second factor left: after three days it is not asked once."""

    __tablename__ = "recovery_waits"
    __privacy__ = Record(
        "your request to regain access without your second factor",
        keep=(Keep(wait_over, Period(days=7)), WithParent("account_id")),
        subject="account_id",
        purposes=("regain_access",),
    )
    __table_args__ = (Index("ix_recovery_waits_opens_at", "opens_at"),)

    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[Moment]
    opens_at: Mapped[Moment]


class SecurityQuestion(Base):
    """The question a person chose, with the answer as a hash; asked only after the mailbox was proven."""

    __tablename__ = "security_questions"
    __privacy__ = Record(
        "your security question and the hash of its answer",
        keep=WithParent("account_id"),
        subject="account_id",
        purposes=("regain_access",),
    )

    account_id: Mapped[PersonId] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[SecurityQuestionKind]
    answer_hash: Mapped[SecurityAnswer]
    wrong: Mapped[Counter] = mapped_column(default=0)
    closed_until: Mapped[Moment | None]
    set_at: Mapped[Moment]
