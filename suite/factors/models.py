"""Second factors, recovery codes, challenges, and what was decided about each text message."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    AccessTime,
    Counter,
    Credential,
    FactorName,
    Flag,
    Label,
    Moment,
    PersonId,
    Pseudonym,
    RowId,
    SealedPhone,
    SealedSecret,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

factor_left = Event("second_factor_left", "the second factor was added and left unconfirmed")
challenge_over = Event("challenge_over", "the question for a second factor was over")
text_decided = Event("text_decided", "it was decided whether the text message is sent")

SMS, TOTP, RECOVERY_CODE = "sms", "totp", "recovery_code"
METHODS = (TOTP, SMS, RECOVERY_CODE)
"""From the strongest to the last resort."""


class Factor(Base):
    """A phone or an authenticator app; it counts once a code of it was confirmed."""

    __tablename__ = "factors"
    __privacy__ = Record(
        "your second factors: phone numbers and secrets of authenticator apps, encrypted",
        keep=(Keep(factor_left, Period(days=7)), WithParent("person_id")),
        subject="person_id",
        purposes=("security_codes", "sign_in"),
    )
    __table_args__ = (
        Index("ix_factors_person_id", "person_id"),
        Index(
            "ix_factors_pending_since",
            "pending_since",
            postgresql_where=text("pending_since IS NOT NULL"),
            sqlite_where=text("pending_since IS NOT NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[Label]
    name: Mapped[FactorName]
    phone: Mapped[SealedPhone | None]
    secret: Mapped[SealedSecret | None]
    last_step: Mapped[Counter | None]
    added_at: Mapped[Moment]
    pending_since: Mapped[Moment | None]
    used_at: Mapped[AccessTime | None]


class RecoveryCode(Base):
    """A code on paper that stands in for a factor once."""

    __tablename__ = "recovery_codes"
    __privacy__ = Record(
        "your recovery codes, stored only as hashes",
        keep=WithParent("person_id"),
        subject="person_id",
        purposes=("sign_in",),
    )
    __table_args__ = (UniqueConstraint("person_id", "code_hash"), Index("ix_recovery_codes_person_id", "person_id"))

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    code_hash: Mapped[Credential]
    used_at: Mapped[Moment | None]


class Challenge(Base):
    """A question for a second factor, bound to one use; its token opens nothing but the answer to it."""

    __tablename__ = "challenges"
    __privacy__ = Record(
        "questions for your second factor",
        keep=(Keep(challenge_over, Period()), WithParent("person_id")),
        subject="person_id",
        purposes=("sign_in",),
    )
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_challenges_person_id", "person_id"),
        Index("ix_challenges_factor_id", "factor_id"),
        Index("ix_challenges_expires_at", "expires_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    use: Mapped[Label]
    token_hash: Mapped[Credential]
    bound_to: Mapped[Label]
    lane: Mapped[Label]
    tries: Mapped[Counter] = mapped_column(default=0)
    factor_id: Mapped[RowId | None] = mapped_column(ForeignKey("factors.id", ondelete="CASCADE"))
    code_hash: Mapped[Credential | None]
    code_expires_at: Mapped[Moment | None]
    decision_id: Mapped[RowId | None]
    sent_at: Mapped[Moment | None]
    expires_at: Mapped[Moment]
    passed_at: Mapped[Moment | None]


class TextDecision(Base):
    """Why a text message was sent or refused, without its number: the country and a hash of the number's beginning."""

    __tablename__ = "text_decisions"
    __privacy__ = Record(
        "decisions about text messages, with country and a hash of the number's beginning",
        keep=Keep(text_decided, Period(days=30)),
    )
    __table_args__ = (
        Index("ix_text_decisions_at", "at"),
        Index("ix_text_decisions_prefix", "prefix", "at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[Moment]
    country: Mapped[Label]
    prefix: Mapped[Pseudonym]
    outcome: Mapped[Label]
    proven: Mapped[Flag]
    used_at: Mapped[Moment | None]
