"""`suite statistics`: campaigns, and counting by hand."""

from datetime import timedelta

from suite.kernel import clock
from suite.kernel.http import App
from tests.commands.conftest import Terminal
from tests.people import People
from tests.statistics.visiting import days, hours, visit


def test_a_campaign_is_added_listed_and_removed(terminal: Terminal) -> None:
    added = terminal("statistics", "campaign", "add", "spring-offer", public_url="http://localhost")
    listed = terminal("statistics", "campaign", "list")
    removed = terminal("statistics", "campaign", "remove", "spring-offer")
    again = terminal("statistics", "campaign", "remove", "spring-offer")

    assert added.out.strip().endswith("/api/v1/beacons/spring-offer.gif")
    assert listed.out.splitlines()[1].split()[:2] == ["spring-offer", "web-forms"]
    assert listed.out.splitlines()[-1] == "Campaigns: 1."
    assert removed.code == 0
    assert (again.code, again.err.strip()) == (1, "suite: There is no such campaign.")


def test_a_name_that_could_be_a_persons_is_refused_with_a_sentence(terminal: Terminal) -> None:
    done = terminal("statistics", "campaign", "add", "ann@example.org")

    assert done.code == 1
    assert "A campaign is named by a few words" in done.err


def test_days_that_are_over_are_counted_by_hand(app: App, people: People, terminal: Terminal) -> None:
    with clock.at(clock.now() - timedelta(days=1)):
        for _ in range(5):
            visit(people, {"page": "/help"})

    done = terminal("statistics", "count")

    assert done.out.strip().endswith("hourly counts became counts of days.")
    assert (hours(), days()["page", "/help"]) == ({}, 5)
