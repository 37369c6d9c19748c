"""Requests about personal data, people who ask without signing in, and who outside is still to be told."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    Choice,
    Counter,
    Credential,
    Label,
    Language,
    Membership,
    Moment,
    PersonId,
    Pseudonym,
    RowId,
    SealedRecipient,
    SealedReference,
    SealedRequest,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id
from suite.rights import words

request_closed = Event("rights_request_closed", "the request was answered or taken back")
outside_request_asked = Event("outside_request_asked", "you asked without signing in and did not prove the address")
outside_request_closed = Event("outside_request_closed", "the request you made without signing in was answered")
recipient_noted = Event("recipient_to_tell_noted", "it was noted that a recipient has to be told")

PROVEN_WITHIN = Period(hours=24)
KEPT_AFTER = Period(months=12)


def _only_in(states: tuple[str, ...], others: tuple[str, ...], column: str) -> str:
    """Say in SQL that a column is filled in these states and empty in the others."""
    filled, empty = (", ".join(f"'{state}'" for state in some) for some in (states, others))
    return f"(state NOT IN ({filled}) OR {column} IS NOT NULL) AND (state NOT IN ({empty}) OR {column} IS NULL)"


class RightsRequest(Base):
    """One request of a person; its state moves by guarded UPDATEs only.

    The constraints hold what no code may get wrong: a refusal has its reason, a fee too, and the withdrawal of a
    consent is neither refused nor charged (RIG-23). `handler` is a keyed hash of the officer's number, and
    `reply_hash` one of a mailed link with which somebody without an account answers a question.
    """

    __tablename__ = "rights_requests"
    __privacy__ = Record(
        "your requests about your data, and our answers",
        keep=(Keep(request_closed, KEPT_AFTER), WithParent("person_id")),
        subject="person_id",
        purposes=("legal_obligation",),
    )
    __table_args__ = (
        CheckConstraint(_only_in(words.CLOSED, words.OPEN, "closed_at"), "closed"),
        CheckConstraint(
            _only_in(words.WAITING, (*words.WORKING, *words.CLOSED), "waiting_since"),
            "waiting",
        ),
        CheckConstraint("(state = 'refused') = (refusal IS NOT NULL)", "refusal"),
        CheckConstraint("(fee_cents IS NULL) = (fee_reason IS NULL)", "fee"),
        CheckConstraint("(extended_at IS NULL) = (extension IS NULL)", "extension"),
        CheckConstraint(
            "kind <> 'consent_withdrawal' OR (refusal IS NULL AND fee_cents IS NULL)", "withdrawal_is_free"
        ),
        UniqueConstraint("reply_hash"),
        Index("ix_rights_requests_person_id", "person_id", "id"),
        Index("ix_rights_requests_state", "state", "due_at", "id"),
        Index(
            "ix_rights_requests_open",
            "due_at",
            "id",
            postgresql_where=text("closed_at IS NULL"),
            sqlite_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_rights_requests_closed_at",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
            sqlite_where=text("closed_at IS NOT NULL"),
        ),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[Label]
    service: Mapped[Membership | None]
    about: Mapped[Choice | None]
    text: Mapped[SealedRequest | None]
    recipient: Mapped[SealedRecipient | None]
    state: Mapped[Label] = mapped_column(default=words.RECEIVED)
    received_at: Mapped[Moment]
    due_at: Mapped[Moment]
    waiting_since: Mapped[Moment | None]
    waited: Mapped[Counter] = mapped_column(default=0)
    question: Mapped[SealedRequest | None]
    information: Mapped[SealedRequest | None]
    reply_hash: Mapped[Credential | None]
    extension: Mapped[Label | None]
    extended_at: Mapped[Moment | None]
    refusal: Mapped[Label | None]
    fee_reason: Mapped[Label | None]
    fee_cents: Mapped[Counter | None]
    result: Mapped[Label | None]
    answer: Mapped[SealedRequest | None]
    handler: Mapped[Pseudonym | None]
    closed_at: Mapped[Moment | None]

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.closed_at is None


class Requester(Base):
    """Somebody who asks without signing in: first a request whose address is not proven, then whom to answer."""

    __tablename__ = "rights_requesters"
    __privacy__ = Record(
        "your address, if you ask about your data without signing in",
        keep=(Keep(outside_request_asked, PROVEN_WITHIN), Keep(outside_request_closed, KEPT_AFTER)),
        subject="id",
        purposes=("legal_obligation",),
        ends_person=True,
    )
    __table_args__ = (
        UniqueConstraint("link_hash"),
        Index("ix_rights_requesters_unproven_since", "unproven_since"),
        Index("ix_rights_requesters_answered_at", "answered_at"),
    )

    id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[SealedRecipient]
    language: Mapped[Language]
    kind: Mapped[Label]
    text: Mapped[SealedRequest | None]
    link_hash: Mapped[Credential | None]
    asked_at: Mapped[Moment]
    unproven_since: Mapped[Moment | None]
    answered_at: Mapped[Moment | None]


class RecipientToTell(Base):
    """A recipient that keeps data and cannot be told by the program; the row goes when an officer has told it.

    It hangs on a number of its own, because the person may be erased before.
    """

    __tablename__ = "recipients_to_tell"
    __privacy__ = Record(
        "whom outside we still have to tell that your data were corrected, erased or restricted",
        keep=Keep(recipient_noted, Period(months=3)),
        subject="id",
        purposes=("legal_obligation",),
        ends_person=True,
    )
    __table_args__ = (Index("ix_recipients_to_tell_noted_at", "noted_at"),)

    id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    recipient: Mapped[Label]
    event: Mapped[Label]
    reference: Mapped[SealedReference]
    noted_at: Mapped[Moment]
