"""The outbox, and the development inbox."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, WithParent
from suite.declarations.kinds import (
    Counter,
    InboxText,
    Label,
    Language,
    Moment,
    PersonId,
    RowId,
    SealedRecipient,
    SealedText,
)
from suite.declarations.kinds import Membership as MembershipKind
from suite.kernel.db import Base
from suite.kernel.ids import new_id

message_written = Event("message_written", "the message was written")

QUEUED, SENDING, SENT = "queued", "sending", "sent"
DELIVERED, UNDELIVERED = "delivered", "undelivered"
EXPIRED, FAILED, UNKNOWN, WITHHELD = "expired", "failed", "unknown", "withheld"
LEFT = (SENT, DELIVERED, UNDELIVERED)
"""States of a message that the provider has taken; none of them is left for one outside."""


class Message(Base):
    """A message that leaves the process after the commit; address and content are erased once it is gone."""

    __tablename__ = "messages"
    __privacy__ = Record(
        "messages on their way to you, encrypted; without address and text once delivered",
        keep=(Keep(message_written, Period(days=30)), WithParent("person_id")),
        subject="person_id",
        purposes=("service_notifications", "sign_in", "security_codes"),
    )
    __table_args__ = (
        Index("ix_messages_person_id", "person_id"),
        Index("ix_messages_created_at", "created_at"),
        Index("ix_messages_state", "state", "id"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    letter: Mapped[Label]
    channel: Mapped[Label]
    service: Mapped[MembershipKind | None]
    language: Mapped[Language]
    recipient: Mapped[SealedRecipient | None]
    content: Mapped[SealedText | None]
    state: Mapped[Label] = mapped_column(default=QUEUED)
    tries: Mapped[Counter] = mapped_column(default=0)
    problem: Mapped[Label | None]
    provider_id: Mapped[Label | None]
    expires_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]


class InboxMessage(Base):
    """A delivered message as the development inbox shows it; the table stays empty in production."""

    __tablename__ = "inbox_messages"
    __privacy__ = Record(
        "messages shown in the development inbox, never in production",
        keep=(
            Keep(Event("inbox_message_received", "the message was received"), Period(days=7)),
            WithParent("person_id"),
        ),
        subject="person_id",
        purposes=("service_notifications", "security_codes"),
    )
    __table_args__ = (
        Index("ix_inbox_messages_person_id", "person_id"),
        Index("ix_inbox_messages_received_at", "received_at"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    letter: Mapped[Label]
    channel: Mapped[Label]
    recipient: Mapped[InboxText]
    subject: Mapped[InboxText]
    text: Mapped[InboxText]
    html: Mapped[InboxText]
    received_at: Mapped[Moment]
