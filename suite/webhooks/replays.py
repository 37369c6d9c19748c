"""Sending again: what a connected system lost, or what was given up. The `webhook-id` stays the same."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update

from suite.kernel import audit, db, jobs
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page
from suite.webhooks import endpoints
from suite.webhooks.errors import DeliveryWaits
from suite.webhooks.models import DELIVERED, FAILED, QUEUED, WITHHELD, Delivery, Endpoint

AT_ONCE = 1000
"""Events that one request sends again; who has more asks again."""


def listed(endpoint_id: UUID, *, cursor: str | None, limit: int, state: str | None = None) -> Page:
    """Give what an endpoint was told, newest first."""
    endpoints.one(endpoint_id)
    rows = select(Delivery).where(Delivery.endpoint_id == endpoint_id)
    if state is not None:
        rows = rows.where(Delivery.state == state)
    return page(rows, Delivery.id, cursor=cursor, limit=limit)


def replay(endpoint_id: UUID, delivery_id: UUID) -> Delivery:
    """Send one event again, whether it arrived or was given up; one that is on its way is refused."""
    endpoints.open_one(endpoint_id)
    wanted = select(Delivery).where(Delivery.id == delivery_id, Delivery.endpoint_id == endpoint_id)
    if db.session.scalar(wanted) is None:
        raise NotFound
    if not _again(select(Delivery.id).where(Delivery.id == delivery_id), {DELIVERED, FAILED, WITHHELD}) and not _revive(
        delivery_id
    ):
        raise DeliveryWaits
    audit.write("webhook.replayed", endpoint=str(endpoint_id), delivery=str(delivery_id))
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def replay_failed(endpoint_id: UUID, since: datetime) -> int:
    """Send again what was given up since an instant, the oldest first; return how many, at most `AT_ONCE`."""
    endpoints.open_one(endpoint_id)
    count = _again(
        select(Delivery.id).where(Delivery.endpoint_id == endpoint_id, Delivery.created_at >= since), {FAILED}
    )
    audit.write("webhook.replayed_failed", endpoint=str(endpoint_id), deliveries=count)
    return count


def retry(delivery_id: UUID | None = None) -> int:
    """Send again what was given up, one event or all to enabled endpoints; return how many."""
    chosen = select(Delivery.id).join(Endpoint).where(Endpoint.disabled_at.is_(None))
    if delivery_id is not None:
        chosen = chosen.where(Delivery.id == delivery_id)
    count = 0
    while batch := _again(chosen, {FAILED}):
        count += batch
    waiting = jobs.dead(_job(), "delivery_id")
    return count + sum(_revive(one) for one in waiting if delivery_id in {None, one})


def _again(which: Select[UUID], states: set[str]) -> int:
    """Put events back into the queue; of many at once exactly one succeeds for each."""
    ids = db.session.scalars(
        which.where(Delivery.state.in_(states))
        .order_by(Delivery.id)
        .limit(AT_ONCE)
        .with_for_update(of=Delivery, skip_locked=True)
    ).all()
    taken = db.session.scalars(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.state.in_(states))
        .values(state=QUEUED, problem=None)
        .returning(Delivery.id)
    ).all()
    jobs.defer_each(_job(), [{"delivery_id": one} for one in taken])
    return len(taken)


def _revive(delivery_id: UUID) -> bool:
    """Wake the job of an event whose worker died at the last try; nothing else would send it again."""
    job = jobs.dead(_job(), "delivery_id").get(delivery_id)
    return job is not None and jobs.revive(job) == 1


def _job() -> jobs.Kind:
    from suite.webhooks.jobs import deliver

    return deliver
