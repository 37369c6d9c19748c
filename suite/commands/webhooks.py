"""`suite webhooks`: connected systems and what they were told, without saying about whom."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from suite.commands.printing import age, table

if TYPE_CHECKING:
    from suite.webhooks.models import Endpoint

_STATES = ("queued", "delivered", "failed", "withheld")
_SHOWN = 50


@click.group()
def webhooks() -> None:
    """See what connected systems were told, and tell them again. People, paths and secrets are never shown."""


@webhooks.command("list")
def list_endpoints() -> None:
    """List the connected systems, newest first."""
    from urllib.parse import urlsplit

    from sqlalchemy import select

    from suite import app
    from suite.kernel import db
    from suite.webhooks.models import Endpoint

    app.check_database(app.start())
    with db.transaction(reading=True) as session:
        rows = [
            (one.id, _outlook(one), urlsplit(one.url).netloc, one.country, len(one.events), one.description)
            for one in session.scalars(select(Endpoint).order_by(Endpoint.id.desc()))
        ]
    table(("id", "state", "host", "country", "events", "description"), rows)
    click.echo(f"Connected systems: {len(rows)}.")


@webhooks.command()
@click.option("--state", type=click.Choice(_STATES), multiple=True, help="Only events in this state; repeatable.")
@click.option("--endpoint", type=click.UUID, help="Only events for this connected system, by its id.")
@click.option("--limit", default=_SHOWN, show_default=True, type=click.IntRange(1, 10000), help="Most rows printed.")
def deliveries(state: tuple[str, ...], endpoint: UUID | None, limit: int) -> None:
    """List what connected systems were told, newest first."""
    from sqlalchemy import select

    from suite import app
    from suite.kernel import clock, db
    from suite.webhooks.models import Delivery

    app.check_database(app.start())
    chosen = select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    if state:
        chosen = chosen.where(Delivery.state.in_(state))
    if endpoint is not None:
        chosen = chosen.where(Delivery.endpoint_id == endpoint)
    now = clock.now()
    with db.transaction(reading=True) as session:
        rows = [
            (one.id, one.state, one.event, one.endpoint_id, one.tries, age(one.created_at, now), one.problem or "")
            for one in session.scalars(chosen)
        ]
    table(("id", "state", "event", "endpoint", "tries", "age", "problem"), rows)
    click.echo(f"Events: {len(rows)}" + (", the newest; --limit shows more." if len(rows) == limit else "."))


@webhooks.command()
@click.argument("delivery_id", metavar="[ID]", type=click.UUID, required=False)
@click.option("--all", "everything", is_flag=True, help="Every event that failed or hangs.")
def retry(delivery_id: UUID | None, everything: bool) -> None:
    """Send a failed event again, or all of them.

    Those for a disabled endpoint stay as they are.
    """
    if (delivery_id is None) is not everything:
        raise click.UsageError("Name one event by its id, or say --all.")
    from suite import app
    from suite.kernel import audit, db
    from suite.webhooks import replays
    from suite.webhooks.models import Delivery

    app.check_database(app.start())
    with db.transaction() as session:
        count = replays.retry(delivery_id)
        audit.write("webhooks.retried", deliveries=count)
        found = None if count or delivery_id is None else session.get(Delivery, delivery_id)
    if delivery_id is not None and not count:
        raise click.ClickException(
            f"Event {delivery_id} is {found.state}, or its endpoint is disabled; there is nothing to send again."
            if found
            else f"There is no event {delivery_id}; events are kept for 30 days."
        )
    click.echo(f"Events that wait for delivery again: {count}.")


def _outlook(endpoint: "Endpoint") -> str:
    from suite.kernel import clock

    now = clock.now()
    if endpoint.disabled_at is not None:
        return f"disabled ({endpoint.disabled_because}) {age(endpoint.disabled_at, now)} ago"
    if endpoint.failing_since is not None:
        return f"failing for {age(endpoint.failing_since, now)}"
    return "well"
