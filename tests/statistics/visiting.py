"""Visits as front ends send them, and what the statistics tables hold."""

from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from suite.kernel import clock, db
from suite.statistics import counting
from suite.statistics.models import DayCount, HourCount
from tests.people import People

VISITS = "/api/v1/visits"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EVENT: dict[str, Any] = {
    "page": "/licenses?token=abc#top",
    "before": "https://ann-lee.blogs.example.org/about-me",
    "seconds": 42,
    "search": "renew license",
    "application": "vpn",
    "action": "updated",
    "screen_width": 1440,
}


def visit(people: People, *events: dict[str, Any], service: str = "my-account", **fields: Any) -> TestResponse:
    """Send a visit as a stranger."""
    return send(people.stranger, *events, service=service, **fields)


def send(
    client: Any,
    *events: dict[str, Any],
    service: str = "my-account",
    consent: bool = True,
    address: str = "192.0.2.77",
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """Send a visit; it is taken."""
    body = {"service": service, "consent": consent, "events": list(events) or [EVENT]}
    answer: TestResponse = client.post(
        VISITS,
        json=body,
        headers={"User-Agent": FIREFOX} | (headers or {}),
        environ_overrides={"REMOTE_ADDR": address},
    )
    assert answer.status_code == 204, answer.json
    return answer


def hours() -> dict[tuple[str, str], int]:
    """Give what is counted by hour, over all services."""
    return _sums(HourCount)


def days() -> dict[tuple[str, str], int]:
    """Give what is counted by day, over all services."""
    return _sums(DayCount)


def _sums(table: Any) -> dict[tuple[str, str], int]:
    with db.transaction(reading=True) as session:
        return {(d, v): times for d, v, times in session.execute(select(table.dimension, table.value, table.times))}


def count(at: Any) -> int:
    """Run the daily counting as if it were then."""
    with clock.at(at), db.transaction():
        return counting.count_days()
