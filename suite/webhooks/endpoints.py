"""Connecting other systems: endpoints, what they listen to, and their secrets."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete as remove
from sqlalchemy import select, update

from suite.kernel import audit, clock, db, jobs, renewal
from suite.kernel.errors import InvalidInput, NotFound
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.kernel.words import marked as _
from suite.privacy import Person, place_problem
from suite.webhooks import outbox
from suite.webhooks.addresses import check_url
from suite.webhooks.errors import EndpointDisabled, SecretJustRotated
from suite.webhooks.events import EVENTS
from suite.webhooks.models import BY_OPERATOR, Delivery, Endpoint
from suite.webhooks.privacy import CONNECTED, OURS, SAFEGUARDS

_CHANGEABLE = ("url", "description", "events", "country", "safeguard")
_WRONG_PLACE = {
    "exit_country_unlisted": ("/country", _("Data are not processed in this country.")),
    "exit_safeguard_missing": ("/safeguard", _("A system in this country needs Standard Contractual Clauses.")),
}


def create(
    *,
    url: str,
    description: str,
    events: Iterable[str],
    country: str = CONNECTED.country,
    safeguard: str = OURS,
) -> tuple[Endpoint, str]:
    """Connect a system; give the endpoint and its secret, which is shown this once.

    It stands in a listed country, under the safeguard that country needs.
    """
    _check_place(country, safeguard)
    endpoint = Endpoint(
        id=new_id(),
        url=check_url(url),
        description=description,
        events=_in_order(events),
        country=country,
        safeguard=safeguard,
        created_at=clock.now(),
    )
    secret = renewal.give(endpoint)
    db.session.add(endpoint)
    db.session.flush()
    audit.write("webhook.created", endpoint=str(endpoint.id), events=endpoint.events)
    return endpoint, secret


def listed(*, cursor: str | None, limit: int) -> Page:
    """Give the connected systems, newest first."""
    return page(select(Endpoint), Endpoint.id, cursor=cursor, limit=limit)


def one(endpoint_id: UUID, *, change: bool = False) -> Endpoint:
    """Give an endpoint, locked against other changes if it is to be changed."""
    found = select(Endpoint).where(Endpoint.id == endpoint_id)
    endpoint = db.session.scalar(found.with_for_update(key_share=True) if change else found)
    if endpoint is None:
        raise NotFound
    return endpoint


def open_one(endpoint_id: UUID) -> Endpoint:
    """Give an endpoint that events go to; a disabled one is refused."""
    endpoint = one(endpoint_id)
    if not endpoint.enabled:
        raise EndpointDisabled
    return endpoint


def change(
    endpoint_id: UUID,
    *,
    url: str | None = None,
    description: str | None = None,
    events: Iterable[str] | None = None,
    enabled: bool | None = None,
    country: str | None = None,
    safeguard: str | None = None,
) -> Endpoint:
    """Change what is given and leave the rest."""
    endpoint = one(endpoint_id, change=True)
    before = [getattr(endpoint, name) for name in _CHANGEABLE]
    endpoint.url = endpoint.url if url is None else check_url(url)
    endpoint.description = endpoint.description if description is None else description
    endpoint.events = endpoint.events if events is None else _in_order(events)
    endpoint.country = endpoint.country if country is None else country
    endpoint.safeguard = endpoint.safeguard if safeguard is None else safeguard
    if country is not None or safeguard is not None:
        _check_place(endpoint.country, endpoint.safeguard)
    changed = [name for name, old in zip(_CHANGEABLE, before, strict=True) if getattr(endpoint, name) != old]
    if changed:
        audit.write("webhook.changed", endpoint=str(endpoint_id), fields=changed, events=endpoint.events)
    if enabled is True and not endpoint.enabled:
        endpoint.disabled_at = endpoint.disabled_because = endpoint.failing_since = None
        audit.write("webhook.enabled", endpoint=str(endpoint_id))
    db.session.flush()
    if enabled is False:
        disable(endpoint_id, because=BY_OPERATOR)
    return endpoint


def disable(endpoint_id: UUID, *, because: str) -> None:
    """Send nothing there any more, and say who wanted that; an endpoint that is disabled stays as it is."""
    now = clock.now()
    done = db.session.execute(
        update(Endpoint)
        .where(Endpoint.id == endpoint_id, Endpoint.disabled_at.is_(None))
        .values(disabled_at=now, disabled_because=because)
    )
    if done.rowcount == 1:  # type: ignore[attr-defined]
        audit.write("webhook.disabled", endpoint=str(endpoint_id), because=because)


def delete(endpoint_id: UUID) -> None:
    """Disconnect a system; what waits for it goes along."""
    found = db.session.scalar(select(Endpoint.id).where(Endpoint.id == endpoint_id).with_for_update())
    if found is None:
        raise NotFound
    goodbyes = select(Delivery.person_id).where(Delivery.endpoint_id == endpoint_id, Delivery.farewell.is_(True))
    db.session.execute(remove(Person).where(Person.id.in_(goodbyes)))
    db.session.execute(remove(Endpoint).where(Endpoint.id == endpoint_id))
    audit.write("webhook.deleted", endpoint=str(endpoint_id))


def rotate_secret(endpoint_id: UUID) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret; the one before signs too for a day, and until then there is no third."""
    from suite.webhooks.jobs import forget_old_secret

    endpoint = one(endpoint_id, change=True)
    secret, until = renewal.renew(endpoint, too_soon=SecretJustRotated)
    jobs.defer(forget_old_secret, due_at=until, endpoint_id=endpoint_id)
    audit.write("webhook.secret_rotated", endpoint=str(endpoint_id))
    return endpoint, secret


def forget_old_secret(endpoint_id: UUID) -> None:
    """Erase the secret that has ended, unless it was renewed meanwhile."""
    renewal.forget_old(Endpoint, endpoint_id)


def secrets_of(endpoint: Endpoint) -> list[str]:
    """Give the secrets that sign now, newest first."""
    return list(renewal.counting(endpoint))


def send_test(endpoint_id: UUID) -> Delivery:
    """Send an event that is about nobody, so that the other side can be tried out."""
    delivery = outbox.emit_test(open_one(endpoint_id).id)
    audit.write("webhook.tested", endpoint=str(endpoint_id))
    return delivery


def _check_place(country: str, safeguard: str) -> None:
    problem = place_problem(country, SAFEGUARDS.get(safeguard, ""))
    if problem is not None:
        pointer, message = _WRONG_PLACE[problem]
        raise InvalidInput(errors=[{"pointer": pointer, "message": message}])


def _in_order(events: Iterable[str]) -> list[str]:
    chosen = set(events)
    return [event for event in EVENTS if event in chosen]
