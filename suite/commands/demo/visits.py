"""Visits of invented people: some weeks of them, told and counted as the product does it."""

import random
from datetime import datetime, timedelta

from suite.kernel import clock, db
from suite.statistics import campaigns, counting, visits
from suite.statistics.clients import Client
from suite.statistics.grounds import GROUNDS

_PAGES = {"/": 9, "/licenses": 6, "/devices": 5, "/help": 4, "/store": 3, "/help/vpn": 2, "/settings": 2, "/about": 1}
_BEFORE = ("/", "https://search.example/", "https://www.example.org/", "/help", "https://news.example.com/")
_SEARCHES = ("renew license", "password forgot", "vpn slow", "Lizenz verlängern", "удалить устройство", "refund")
_CLIENTS = (
    Client("chrome", "windows", "computer", "192.0.0.0/16"),
    Client("firefox", "linux", "computer", "198.51.0.0/16"),
    Client("safari", "ios", "iphone", "203.0.0.0/16"),
    Client("chrome", "android", "samsung", "2001:db8::/32"),
    Client("edge", "windows", "computer", "198.51.0.0/16"),
)
_SCREENS = (390, 1280, 1440, 1920)
_CAMPAIGN = "spring-offer-2027"


def visit(chance: random.Random, until: datetime, *, weeks: int) -> None:
    """Let visits happen over the last weeks, fewer of them at the weekend, and count the days that are over."""
    with db.transaction():
        campaigns.add(_CAMPAIGN, "web-forms")
    for ago in range(weeks * 7, -1, -1):
        day = (until - timedelta(days=ago)).replace(minute=0, second=0, microsecond=0)
        for hour in (9, 18):
            if day.replace(hour=hour) <= until:
                with clock.at(day.replace(hour=hour)), db.transaction():
                    _hour(chance, weekend=day.weekday() > 4)
    with clock.at(until), db.transaction():
        counting.count_days()


def _hour(chance: random.Random, *, weekend: bool) -> None:
    for service in GROUNDS:
        for client in _CLIENTS:
            events = [_event(chance) for _ in range(chance.randint(2, 8) if weekend else chance.randint(6, 18))]
            visits.note(service, events, client, consent=True)
    for _ in range(chance.randint(0, 5)):
        campaigns.seen(_CAMPAIGN)


def _event(chance: random.Random) -> dict[str, object]:
    event: dict[str, object] = {
        "page": chance.choices(list(_PAGES), weights=list(_PAGES.values()))[0],
        "before": chance.choice(_BEFORE),
        "seconds": int(chance.expovariate(1 / 60)),
        "screen_width": chance.choice(_SCREENS),
    }
    if chance.random() < 0.2:
        event["search"] = chance.choice(_SEARCHES)
    if chance.random() < 0.3:
        event |= {"application": chance.choice(visits.APPLICATIONS), "action": chance.choice(visits.ACTIONS)}
    return event
