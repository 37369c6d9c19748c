"""Telling connected systems: an event is a row per endpoint in the transaction of what it tells about."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import orjson
from sqlalchemy import select

from suite.kernel import clock, db, jobs, sealed, system
from suite.kernel.ids import new_id
from suite.privacy import Person, may
from suite.webhooks.events import EVENTS, TEST, purpose_of
from suite.webhooks.models import Delivery, Endpoint

# Locked against deletion until the commit, so that a row for an endpoint that goes meanwhile cannot fail the story.
_LISTENING = (
    select(Endpoint.id, Endpoint.events)
    .where(Endpoint.disabled_at.is_(None))
    .with_for_update(read=True, key_share=True)
)


def emit(
    event: str,
    *,
    person_id: UUID,
    service: str | None = None,
    license_id: UUID | None = None,
    farewell: bool = False,
) -> None:
    """Tell every endpoint that listens, if the person's data may be used for that; the events leave after the commit.

    A `farewell` must arrive even when the data of the account are erased before: it hangs on a number of its own.
    """
    if event not in EVENTS:
        raise ValueError(f"There is no event {event!r}: add it to EVENTS.")
    with db.session.no_autoflush:
        listening = [row.id for row in db.session.execute(_LISTENING) if event in row.events]
    if not listening or not may(person_id, purpose_of(event)):
        return
    about = {"account_id": str(person_id), "service": service, "license_id": str(license_id) if license_id else None}
    data = {name: value for name, value in about.items() if value}
    people = _goodbyes(len(listening)) if farewell else [person_id] * len(listening)
    _write(event, data, zip(listening, people, strict=True), farewell=farewell)


def emit_test(endpoint_id: UUID) -> Delivery:
    """Tell one endpoint that somebody tries it out."""
    (delivery,) = _write(TEST, {}, [(endpoint_id, None)])
    return delivery


def _goodbyes(number: int) -> list[UUID]:
    """Make numbers that stand for nobody else and go with their delivery."""
    people = [Person(id=new_id()) for _ in range(number)]
    db.session.add_all(people)
    return [person.id for person in people]


def _write(
    event: str, data: dict[str, str], each: Iterable[tuple[UUID, UUID | None]], *, farewell: bool = False
) -> list[Delivery]:
    from suite.webhooks.jobs import deliver

    now = clock.now()
    body = orjson.dumps({"type": event, "timestamp": _written(now), "data": data}).decode()
    deliveries = [_delivery(endpoint, person, event, body, now, farewell) for endpoint, person in each]
    db.session.flush()
    db.session.add_all(deliveries)
    db.session.flush()
    jobs.defer_each(deliver, [{"delivery_id": delivery.id} for delivery in deliveries])
    return deliveries


def _delivery(
    endpoint_id: UUID, person_id: UUID | None, event: str, body: str, now: datetime, farewell: bool
) -> Delivery:
    delivery_id = new_id()
    return Delivery(
        id=delivery_id,
        endpoint_id=endpoint_id,
        person_id=person_id,
        event=event,
        payload=system.current().keys.seal(body, sealed.context("webhook_deliveries", delivery_id, "payload")),
        farewell=farewell,
        created_at=now,
    )


def open_payload(delivery: Delivery) -> bytes:
    """Give the body as it is sent, the same at every try."""
    cell = sealed.context("webhook_deliveries", delivery.id, "payload")
    return system.current().keys.open(delivery.payload, cell).encode()


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
