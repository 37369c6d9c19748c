"""Endpoints of connected systems, and what they are told."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from suite.declarations import Event, Keep, Period, Record, Unlimited, WithParent
from suite.declarations.kinds import (
    Counter,
    Flag,
    Label,
    Labels,
    Moment,
    Note,
    PersonId,
    RowId,
    SealedEvent,
    SealedKey,
    WebAddress,
)
from suite.kernel.db import Base
from suite.kernel.ids import new_id

webhook_written = Event("webhook_written", "the event was written down for a connected system")

QUEUED, DELIVERED, FAILED, WITHHELD = "queued", "delivered", "failed", "withheld"
STATES = (QUEUED, DELIVERED, FAILED, WITHHELD)
"""Withheld is what the person's choices, asked when it was to leave, did not let out."""

BY_OPERATOR, GONE, FAILING = "operator", "gone", "failing"
"""Who disabled an endpoint: a person; its own answer 410; three days in which nothing reached it."""


class Endpoint(Base):
    """A web address of a connected system, with the secret that signs what goes there."""

    __tablename__ = "webhook_endpoints"
    __privacy__ = Record(
        "web addresses of connected systems",
        keep=Unlimited("an endpoint is about a system and stays until somebody deletes it"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    url: Mapped[WebAddress]
    description: Mapped[Note]
    events: Mapped[Labels]
    country: Mapped[Label]
    safeguard: Mapped[Label]
    secret: Mapped[SealedKey]
    old_secret: Mapped[SealedKey | None]
    old_secret_until: Mapped[Moment | None]
    failing_since: Mapped[Moment | None]
    disabled_at: Mapped[Moment | None]
    disabled_because: Mapped[Label | None]
    created_at: Mapped[Moment]

    @property
    def enabled(self) -> bool:
        """Whether events go there."""
        return self.disabled_at is None


class Delivery(Base):
    """One event on its way to one endpoint; its row number is the `webhook-id` at every try.

    The person of a `farewell` is a number of its own, which goes when the delivery has ended: the account may be
    erased before the connected system is reached. A test event is about nobody.
    """

    __tablename__ = "webhook_deliveries"
    __privacy__ = Record(
        "what connected systems are told about your account, encrypted; kept for a while after it was delivered, so "
        "that it can be sent again to a system that lost it",
        keep=(Keep(webhook_written, Period(days=30)), WithParent("person_id"), WithParent("endpoint_id")),
        subject="person_id",
        purposes=("provide_service",),
    )
    __table_args__ = (
        Index("ix_webhook_deliveries_person_id", "person_id"),
        Index("ix_webhook_deliveries_endpoint_id", "endpoint_id", "id"),
        Index("ix_webhook_deliveries_created_at", "created_at"),
        Index("ix_webhook_deliveries_state", "state", "id"),
    )

    id: Mapped[RowId] = mapped_column(primary_key=True, default=new_id)
    endpoint_id: Mapped[RowId] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    person_id: Mapped[PersonId | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    event: Mapped[Label]
    payload: Mapped[SealedEvent]
    farewell: Mapped[Flag] = mapped_column(default=False)
    state: Mapped[Label] = mapped_column(default=QUEUED)
    tries: Mapped[Counter] = mapped_column(default=0)
    status: Mapped[Counter | None]
    problem: Mapped[Label | None]
    created_at: Mapped[Moment]
    tried_at: Mapped[Moment | None]
    delivered_at: Mapped[Moment | None]
