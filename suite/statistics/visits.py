"""Noting visits: each is taken apart, and its properties are counted one by one, tied to nothing else."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from suite.kernel import clock, metrics, system
from suite.statistics import clients, counters, grounds, places, searches
from suite.statistics.clients import Client

APPLICATIONS: Final = (
    "antivirus",
    "business_console",
    "endpoint_security",
    "mobile_security",
    "office_protection",
    "parental_control",
    "password_manager",
    "vpn",
)
"""Applications that tell of their use; no other name is taken."""

ACTIONS: Final = ("installed", "opened", "set_up", "scanned", "updated", "renewed", "removed")
"""What an application tells of its use."""

DIMENSIONS: Final = (
    "page",
    "before",
    "time",
    "search",
    "application",
    "browser",
    "system",
    "device",
    "screen",
    "network",
    "hour",
    "campaign",
)
"""What is counted, each for itself."""


def note(service: str, events: Iterable[dict[str, Any]], client: Client, *, consent: bool) -> None:
    """Count what a visit brought; where the service asks for consent and has none, nothing is done with it at all."""
    if grounds.asks(service) and not consent:
        metrics.VISITS.labels(service, "without_consent").inc()
        return
    counts: Counter[tuple[str, str]] = Counter()
    for event in events:
        counts.update(_taken_apart(event))
        counts.update(client.properties())
        counts["hour", f"{clock.now():%H}"] += 1
    counters.add_to_hour(service, counts)
    metrics.VISITS.labels(service, "counted").inc()


def _taken_apart(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give dimension and value of what one event tells."""
    if "page" in event:
        yield "page", places.page(event["page"])
    if "before" in event:
        yield "before", places.before(event["before"], system.current().settings.hosts)
    if "seconds" in event:
        yield "time", clients.time_spent(event["seconds"])
    if "search" in event:
        yield from (("search", topic) for topic in searches.topics(event["search"]))
    if "application" in event:
        yield "application", f"{event['application']} {event.get('action', 'opened')}"
    if "screen_width" in event:
        yield "screen", clients.screen(event["screen_width"])
