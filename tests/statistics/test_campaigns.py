"""Web beacons: an opened campaign is counted by its code word, and by nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from suite.kernel import clock, db
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.statistics import campaigns
from suite.statistics.errors import NoCampaign, NotACodeWord
from tests import callers
from tests.people import People
from tests.statistics.visiting import count, days, hours

DAY = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
BEACON = "/api/v1/beacons/spring-offer-2027.gif"


@pytest.fixture
def spring(app: App) -> None:
    with db.transaction():
        campaigns.add("spring-offer-2027", "web-forms")


@pytest.mark.policy("COO-14", "COO-15", "COO-16", "COO-17")
def test_how_often_a_campaign_was_opened_is_counted_and_read_by_staff(app: App, people: People, spring: None) -> None:
    with clock.at(DAY):
        for _ in range(7):
            assert people.stranger.get(BEACON).status_code == 200
    count(DAY + timedelta(days=1))

    reader = callers.staff(app, Permission.READ_STATISTICS)
    with clock.at(DAY + timedelta(days=1)):
        report = reader.get("/api/v1/staff/statistics?service=web-forms&dimension=campaign").json
    assert report["values"] == [{"value": "spring-offer-2027", "times": 7}]


@pytest.mark.policy("COO-15")
def test_a_beacon_tells_nothing_but_its_campaign(people: People, spring: None) -> None:
    member = people.member()

    member.get(BEACON, headers={"User-Agent": "canary", "Referer": "https://canary.example/"})

    assert hours() == {("campaign", "spring-offer-2027"): 1}


def test_every_beacon_is_the_same_picture_without_cookie_and_is_never_kept(people: People, spring: None) -> None:
    known, unknown = people.stranger.get(BEACON), people.stranger.get("/api/v1/beacons/nobody-knows.gif")

    assert known.data == unknown.data
    assert known.data.startswith(b"GIF89a\x01\x00\x01\x00")
    for answer in (known, unknown):
        assert answer.content_type == "image/gif"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Set-Cookie" not in answer.headers
        assert "ETag" not in answer.headers
    assert hours() == {("campaign", "spring-offer-2027"): 1}


@pytest.mark.policy("COO-24")
@pytest.mark.parametrize(("said", "times"), [(False, {}), (True, {("campaign", "spring-offer-2027"): 1})])
def test_a_browser_that_said_no_to_beacons_is_not_counted(
    people: People, spring: None, said: bool, times: dict[Any, int]
) -> None:
    browser = people.browser
    browser.put("/api/v1/cookie-choices", json={"all": said})

    assert browser.get(BEACON).status_code == 200
    assert hours() == times


def test_a_look_at_the_head_of_a_beacon_opens_nothing(people: People, spring: None) -> None:
    assert people.stranger.head(BEACON).status_code == 200
    assert hours() == {}


def test_a_flood_of_beacons_gets_the_picture_and_is_not_counted(
    people: People, spring: None, three_visits: None
) -> None:
    answers = [people.stranger.get(BEACON, environ_overrides={"REMOTE_ADDR": "192.0.2.1"}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert hours() == {("campaign", "spring-offer-2027"): 3}


@pytest.mark.policy("GEN-10")
@pytest.mark.parametrize(
    "code", ["ann@example.org", "x", "Spring", "spring offer", "spring-20271", "018f3a52", "a" * 81]
)
def test_a_campaign_is_named_by_words_that_can_be_no_persons(app: App, code: str) -> None:
    with pytest.raises(NotACodeWord), db.transaction():
        campaigns.add(code, "web-forms")


def test_there_is_no_room_for_a_campaign_per_addressee(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "MOST", 1)
    with db.transaction():
        campaigns.add("spring", "web-forms")

    with pytest.raises(NotACodeWord), db.transaction():
        campaigns.add("summer", "web-forms")


def test_a_campaign_that_only_few_opened_is_not_told_apart(people: People, spring: None) -> None:
    with clock.at(DAY):
        people.stranger.get(BEACON)
    count(DAY + timedelta(days=1))

    assert days() == {("campaign", "other"): 1}


def test_a_campaign_that_has_ended_counts_nothing_more(people: People, spring: None) -> None:
    with db.transaction():
        campaigns.remove("spring-offer-2027")

    people.stranger.get(BEACON)

    assert hours() == {}
    with pytest.raises(NoCampaign), db.transaction():
        campaigns.remove("spring-offer-2027")
