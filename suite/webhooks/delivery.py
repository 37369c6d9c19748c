"""Delivery: claim, send outside any transaction, mark in one. At least once, with the same id at every try."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from suite.declarations.kinds import kind_named
from suite.kernel import audit, clock, db, jobs, metrics
from suite.kernel.log import log
from suite.privacy import Exit, ExitRefused, Handover, NotPermitted, Person, leave, note_disclosure
from suite.webhooks import endpoints, outbox, sending, signing
from suite.webhooks.errors import NotDelivered
from suite.webhooks.events import TEST, purpose_of
from suite.webhooks.models import DELIVERED, FAILED, FAILING, GONE, QUEUED, WITHHELD, Delivery, Endpoint
from suite.webhooks.privacy import CONNECTED, SAFEGUARDS

FAILS_FOR = timedelta(days=3)
"""An endpoint that nothing reached for so long is disabled with the next event that is given up."""
_TOLD = (kind_named("person_id").category, kind_named("sealed_event").category)
"""What each event but a test is made of: the number of an account, and what happened to it."""
_OUR_NAME = "Suite-Webhooks"


@dataclass(frozen=True)
class _Ending:
    """How one try went."""

    state: str
    status: int | None = None
    problem: str | None = None
    asked: bool = True


def deliver(delivery_id: UUID) -> None:
    """Send one event to its endpoint."""
    claimed = jobs.running()
    prepared = _prepare(delivery_id, claimed)
    if prepared is None:
        return
    delivery, endpoint, way = prepared
    try:
        status = _send(way, delivery, endpoint)
    except NotDelivered as problem:
        _not_delivered(delivery, claimed, problem)
        return
    with db.transaction() as session:
        jobs.drop(claimed)
        session.execute(
            update(Endpoint)
            .where(Endpoint.id == endpoint.id, Endpoint.failing_since.is_not(None))
            .values(failing_since=None)
        )
        note_disclosure(_handover(delivery, endpoint), person_id=_about(delivery))
        _mark(delivery, _Ending(DELIVERED, status))
    log.info("webhook_delivered", webhook=str(delivery.id), endpoint=str(endpoint.id), kind=delivery.event)


def _prepare(delivery_id: UUID, claimed: jobs.Claimed) -> tuple[Delivery, Endpoint, Exit] | None:
    """Decide, with the job held, whether the event may still leave; it may be erased or ended meanwhile."""
    with db.transaction() as session:
        jobs.hold(claimed)
        found = session.execute(
            select(Delivery, Endpoint)
            .join(Endpoint, Endpoint.id == Delivery.endpoint_id)
            .where(Delivery.id == delivery_id, Delivery.state == QUEUED)
        ).first()
        if found is None:
            jobs.finish(claimed)
            return None
        delivery, endpoint = found
        way = _way_out(delivery, endpoint)
        if not isinstance(way, Exit):
            jobs.finish(claimed)
            _mark(delivery, way)
            return None
    return delivery, endpoint, way


def _way_out(delivery: Delivery, endpoint: Endpoint) -> Exit | _Ending:
    """Ask the exit gate; give the way out, or how the delivery ends."""
    if not endpoint.enabled:
        return _Ending(FAILED, problem="endpoint_disabled", asked=False)
    try:
        return leave(_handover(delivery, endpoint), person_id=_about(delivery))
    except NotPermitted:
        return _Ending(WITHHELD, asked=False)
    except ExitRefused as refused:
        log.error("webhook_refused_at_the_exit", webhook=str(delivery.id), problem=refused.code)
        return _Ending(FAILED, problem=refused.code, asked=False)


def _about(delivery: Delivery) -> UUID | None:
    """Give whom an event is about; a last word hangs on a number of nobody."""
    return None if delivery.farewell else delivery.person_id


def _handover(delivery: Delivery, endpoint: Endpoint) -> Handover:
    """Say what an event hands over and where; a test is about nobody."""
    return Handover(
        CONNECTED.key,
        purpose_of(delivery.event),
        () if delivery.event == TEST else _TOLD,
        endpoint.country,
        SAFEGUARDS.get(endpoint.safeguard, ""),
    )


def _send(way: Exit, delivery: Delivery, endpoint: Endpoint) -> int:
    """Open and sign the event and hand it over; whatever goes wrong is a NotDelivered."""
    try:
        body = outbox.open_payload(delivery)
        signed = signing.headers(endpoints.secrets_of(endpoint), delivery.id, clock.now(), body)
    except Exception as problem:
        raise NotDelivered(f"sealed_{type(problem).__name__}", asked=False) from problem
    headers = signed | {"Content-Type": "application/json", "User-Agent": _OUR_NAME}
    return sending.post(way, endpoint.url, headers, body)


def _not_delivered(delivery: Delivery, claimed: jobs.Claimed, problem: NotDelivered) -> None:
    """Keep the reason; the event waits for its next try, or is given up and shown."""
    given_up = problem.gone or claimed.attempts >= claimed.kind.attempts
    with db.transaction():
        if given_up:
            jobs.finish(claimed)
        else:
            jobs.hold(claimed)
        _judge_endpoint(delivery.endpoint_id, problem, given_up=given_up)
        _mark(delivery, _Ending(FAILED if given_up else QUEUED, problem.status, problem.code, problem.asked))
    log.warning("webhook_not_delivered", webhook=str(delivery.id), problem=problem.code, given_up=given_up)
    if not given_up:
        raise problem


def _judge_endpoint(endpoint_id: UUID, problem: NotDelivered, *, given_up: bool) -> None:
    """Note since when nothing arrives; disable an endpoint that is gone, or that nothing reached for days."""
    now = clock.now()
    if problem.gone:
        endpoints.disable(endpoint_id, because=GONE)
    if problem.asked:
        db.session.execute(
            update(Endpoint)
            .where(Endpoint.id == endpoint_id, Endpoint.failing_since.is_(None))
            .values(failing_since=now)
        )
    if given_up:
        since = db.session.scalar(select(Endpoint.failing_since).where(Endpoint.id == endpoint_id))
        if since is not None and since <= now - FAILS_FOR:
            endpoints.disable(endpoint_id, because=FAILING)


def _mark(delivery: Delivery, ending: _Ending) -> None:
    """Write down how a try went; a farewell that has ended goes, with the number it hung on."""
    now = clock.now()
    metrics.WEBHOOKS.labels(delivery.event, ending.state).inc()
    if delivery.farewell and ending.state != QUEUED:
        db.session.execute(delete(Person).where(Person.id == delivery.person_id))
        if ending.state == FAILED:
            audit.write("webhook.farewell_failed", endpoint=str(delivery.endpoint_id), event=delivery.event)
        return
    values: dict[str, Any] = {"state": ending.state, "status": ending.status, "problem": ending.problem}
    if ending.asked:
        values |= {"tries": Delivery.tries + 1, "tried_at": now}
    if ending.state == DELIVERED:
        values |= {"delivered_at": now}
    db.session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))
