"""Noting visits: what is counted of one, what never is, and for whom nothing is."""

import dataclasses
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from suite.kernel import clock, db
from suite.kernel.http import App
from suite.kernel.models import Job
from suite.messages.models import Message
from suite.privacy import catalogue, object_to, restrict, take_back_objection
from suite.services import SERVICES
from suite.statistics import counters, grounds, places, room, searches
from suite.statistics.clients import client
from suite.statistics.grounds import GROUNDS
from tests.house_rules.test_statements import counted
from tests.people import People
from tests.statistics.visiting import EVENT, FIREFOX, VISITS, hours, send, visit

NOON = datetime(2026, 11, 24, 12, 34, 56, 789, tzinfo=UTC)
ASKING = ["business-hub", "cloud-console"]


@pytest.mark.policy("MYK-10", "MYK-11", "MYK-12", "MYK-13", "MYK-14", "MYK-60", "MYK-61")
def test_a_visit_is_counted_by_each_of_its_properties(people: People) -> None:
    with clock.at(NOON):
        visit(people)

    assert hours() == {
        ("application", "vpn updated"): 1,
        ("before", "example.org"): 1,
        ("browser", "firefox"): 1,
        ("device", "computer"): 1,
        ("hour", "12"): 1,
        ("network", "192.0.0.0/16"): 1,
        ("page", "/licenses"): 1,
        ("screen", "1280 to 1919"): 1,
        ("search", "license"): 1,
        ("search", "renew"): 1,
        ("system", "linux"): 1,
        ("time", "30 to 59 s"): 1,
    }


def test_events_of_one_request_are_counted_together(people: People) -> None:
    visit(people, {"page": "/"}, {"page": "/"}, {"page": "/help"})
    visit(people, {"page": "/"})

    found = hours()
    assert (found["page", "/"], found["page", "/help"], found["browser", "firefox"]) == (3, 1, 4)


def test_a_beacon_of_a_browser_is_taken_as_text(people: People) -> None:
    body = json.dumps({"service": "my-account", "events": [{"page": "/"}]})

    answers = [
        people.stranger.post(VISITS, data=body, content_type=kind)
        for kind in ("text/plain;charset=UTF-8", "application/json", "text/html", "application/x-www-form-urlencoded")
    ]

    assert [answer.status_code for answer in answers] == [204, 204, 415, 415]
    assert hours()["page", "/"] == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/service"),
        ({"service": "partner-portal", "events": [{}]}, "/service"),
        ({"service": "my-account", "events": []}, "/events"),
        ({"service": "my-account", "events": [{}] * 11}, "/events"),
        ({"service": "my-account", "events": [{"account_id": "1"}]}, "/events/0/account_id"),
        ({"service": "my-account", "events": [{"seconds": -1}]}, "/events/0/seconds"),
        ({"service": "my-account", "events": [{"application": "Ann"}]}, "/events/0/application"),
        ({"service": "my-account", "events": [{}], "consent": "yes"}, "/consent"),
    ],
)
def test_what_is_no_visit_is_refused_and_not_counted(people: People, body: dict[str, Any], pointer: str) -> None:
    answer = people.stranger.post(VISITS, json=body)

    assert answer.status_code == 422
    assert pointer in {one["pointer"] for one in answer.json["errors"]}
    assert hours() == {}


# --- nobody is looked up


@pytest.mark.policy("MYK-63")
def test_whoever_calls_is_not_looked_up_and_a_token_or_cookie_changes_nothing(app: App, people: People) -> None:
    member, browser = people.member(), people.browser
    signed_in = browser.post(
        "/api/v1/sessions",
        json={"email": "ann@example.org", "password": "four tall green bottles", "client": "browser"},
    )
    assert signed_in.status_code == 201
    sent, rows = [], []
    with clock.at(NOON):
        for caller, headers in (
            (people.stranger, {}),
            (people.stranger, {"Authorization": f"Bearer {member.token}"}),
            (people.stranger, {"Authorization": "Bearer nonsense"}),
            (browser, {}),
        ):
            before = hours()
            with counted() as statements:
                send(caller, headers=headers)
            sent.append(statements)
            rows.append({key: times - before.get(key, 0) for key, times in hours().items()})

    assert [len(statements) for statements in sent] == [1] * 4
    assert all("visit_hours" in statements[0] and "sessions" not in statements[0] for statements in sent)
    assert rows[0]
    assert rows == [rows[0]] * 4


# --- pages, sites, searches, clients


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("", "/"),
        ("/", "/"),
        ("licenses", "/licenses"),
        ("/Help/How-To.html", "/help/how-to.html"),
        ("https://example.org/help?email=ann@example.org#ann", "/help"),
        ("/help;jsessionid=1234", "/help"),
        ("/users/ann@example.org/settings", "/users/:part/settings"),
        ("/users/ann%40example.org", "/users/:part"),
        ("/orders/42", "/orders/:part"),
        ("/orders/018f3a52-7f1b-7c3e-9d2a-000000000001/items", "/orders/:part/items"),
        ("/undo/q3Vx9_abcDEF0123456789abcdefghijklmnopqrstu", "/undo/:part"),
        ("/n/abcdefghijklmnopqrstuvwxyz", "/n/:part"),
        ("/a/b/c/d/e/f/g/h", "/a/b/c/d/e/f"),
        ("//evil.example/x", "/x"),
        ("/имя", "/:part"),
        ("http://[::1", "/"),
    ],
)
def test_a_page_is_cut_down_to_its_place(address: str, page: str) -> None:
    assert places.page(address) == page


def test_a_page_is_never_longer_than_its_column() -> None:
    assert all(len(places.page("/" + "/".join(["a" * size] * 6))) <= places.MOST for size in range(1, 30))


@pytest.mark.parametrize(
    ("address", "before"),
    [
        ("https://localhost/help?x=1", "/help"),
        ("/help", "/help"),
        ("https://www.example.org/search?q=ann+lee", "example.org"),
        ("https://ann-lee.blogs.example.org/", "example.org"),
        ("https://ann.example.co.uk/x", "example.co.uk"),
        ("https://192.0.2.1/x", "other site"),
        ("https://user:secret@example.org/x", "example.org"),
    ],
)
def test_of_other_sites_the_domain_alone_is_counted(address: str, before: str) -> None:
    assert places.before(address, frozenset({"localhost"})) == before


@pytest.mark.parametrize(
    ("searched", "topics"),
    [
        ("Renew my LICENSES!", ["renew", "license"]),
        ("ann.lee@example.org", ["other words"]),
        ("Ann Lee +49 151 12345678 password", ["password"]),
        ("Lizenz verlängern für Käthe Müller", ["lizenz", "verlängern"]),
        ("Забыла пароль, Анна Белых", ["пароль"]),
        ("4111 1111 1111 1111", ["other words"]),
    ],
)
@pytest.mark.policy("MYK-13")
def test_only_words_about_products_are_kept_of_a_search(searched: str, topics: list[str]) -> None:
    assert searches.topics(searched) == topics


@pytest.mark.parametrize(
    ("agent", "address", "classes"),
    [
        (FIREFOX, "192.0.2.77", ("firefox", "linux", "computer", "192.0.0.0/16")),
        ("Suite/3.2 (Android 15; Pixel 8)", "2001:db8:1:2::3", ("our app", "android", "pixel", "2001:db8::/32")),
        (
            "Mozilla/5.0 (iPhone) Version/18 Mobile Safari/604",
            "::ffff:192.0.2.7",
            ("safari", "ios", "iphone", "192.0.0.0/16"),
        ),
        ("", "", ("other", "other", "other", "other")),
        ("ann@example.org", "fe80::1%eth0", ("other", "other", "other", "fe80::/32")),
    ],
)
def test_a_client_is_told_in_classes(agent: str, address: str, classes: tuple[str, ...]) -> None:
    assert dataclasses.astuple(client(agent, address)) == classes


# --- for whom nothing is counted


@pytest.mark.policy("BUS-29", "SCC-31")
@pytest.mark.parametrize("service", ASKING)
def test_without_consent_nothing_is_recorded_and_nothing_is_sent(people: People, service: str) -> None:
    with counted() as statements:
        visit(people, service=service, consent=False)
        people.stranger.post(VISITS, json={"service": service, "events": [EVENT]})
    with db.transaction(reading=True) as session:
        waiting = [session.query(table).count() for table in (Job, Message)]

    assert statements == []
    assert (hours(), waiting) == ({}, [0, 0])


@pytest.mark.policy("BUS-7", "SCC-9")
@pytest.mark.parametrize("service", ASKING)
def test_with_consent_device_and_browser_are_counted(people: People, service: str) -> None:
    visit(people, service=service)

    assert {("browser", "firefox"), ("device", "computer"), ("screen", "1280 to 1919")} <= set(hours())


@pytest.mark.policy("BUS-29", "SCC-31", "COO-24")
@pytest.mark.parametrize("service", GROUNDS)
@pytest.mark.parametrize(
    ("choices", "times"),
    [({"all": False}, 0), ({"all": True, "choices": {"statistics": False}}, 0), ({"all": True}, 1)],
)
def test_a_browser_whose_cookie_choices_leave_out_statistics_is_not_counted(
    people: People, service: str, choices: dict[str, Any], times: int
) -> None:
    browser = people.browser
    assert browser.put("/api/v1/cookie-choices", json=choices).status_code == 200

    with counted() as statements:
        send(browser, {"page": "/"}, service=service, headers={"Sec-GPC": "1"})

    assert hours().get(("page", "/"), 0) == times == len(statements)


def test_a_yes_to_cookies_is_no_consent_to_the_statistics_of_a_service(people: People) -> None:
    browser = people.browser
    browser.put("/api/v1/cookie-choices", json={"all": True})

    send(browser, service="business-hub", consent=False)

    assert hours() == {}


def test_which_services_count_on_which_ground_is_read_from_their_declarations() -> None:
    assert GROUNDS == {
        "my-account": "traffic_statistics",
        "business-hub": "statistics",
        "cloud-console": "statistics",
        "web-forms": "traffic_statistics",
    }
    assert [key for key in GROUNDS if grounds.asks(key)] == ASKING
    assert set(GROUNDS) <= set(SERVICES)


def test_a_front_end_learns_whether_visits_of_somebody_signed_in_may_be_sent(people: People) -> None:
    member = people.member()
    person = UUID(member.get("/api/v1/me").json["id"])
    member.post("/api/v1/me/services", json={"service": "business-hub", "profile": {"country": "DE"}})

    def told(service: str) -> bool:
        answer = member.get(f"/api/v1/me/visits/{service}")
        assert answer.status_code == 200
        return bool(answer.json["counted"])

    at_first = told("my-account"), told("business-hub")
    member.put("/api/v1/me/consents/business-hub/statistics", json={"given": True})
    with db.transaction():
        object_to(person, "traffic_statistics")
    changed = told("my-account"), told("business-hub")
    with db.transaction():
        take_back_objection(person, "traffic_statistics")
        restrict(person, "accuracy")

    assert (at_first, changed) == ((True, False), (False, True))
    assert (told("my-account"), told("business-hub")) == (False, False)
    assert member.get("/api/v1/me/visits/motorsport").status_code == 404


@pytest.mark.policy("BUS-27", "SCC-29", "BUS-28", "SCC-30")
def test_no_analytics_service_gets_anything_unless_it_is_declared(people: People) -> None:
    found = catalogue()

    about_use = {"statistics", "traffic_statistics", "campaign_statistics"}
    served = [one["key"] for one in found["recipients"] if about_use & set(one["purposes"])]
    with counted() as statements:
        visit(people, service="business-hub")

    assert served == []
    assert all("visit_hours" in one for one in statements)
    assert all("cookies" in next(s for s in found["services"] if s["key"] == key)["links"] for key in ASKING)


@pytest.mark.policy("MYK-61", "MYK-62", "COO-15", "COO-17")
def test_the_figures_serve_the_declared_purposes_and_no_other(app: App) -> None:
    found = catalogue()

    says = {one["key"]: one["says"] for one in found["purposes"]}
    served = {one["table"]: one["purposes"] for one in found["records"] if one["table"].startswith("visit_")}
    purposes = ["traffic_statistics", "statistics", "campaign_statistics"]
    assert served == {"visit_hours": purposes, "visit_days": purposes}
    assert says["traffic_statistics"] == (
        "produce traffic statistics of the sites and improve their security and availability"
    )
    assert "how well campaigns and mailings work" in says["campaign_statistics"]


# --- limits, and what is asked of nobody


def test_a_network_that_sends_too_many_visits_is_told_to_wait(people: People, three_visits: None) -> None:
    answers = [
        people.stranger.post(
            VISITS,
            json={"service": "my-account", "events": [{"page": "/"}]},
            environ_overrides={"REMOTE_ADDR": address},
        )
        for address in (*["192.0.2.1"] * 4, "198.51.100.1")
    ]

    assert [answer.status_code for answer in answers] == [204, 204, 204, 429, 204]
    assert int(answers[3].headers["Retry-After"]) >= 1
    assert hours()["page", "/"] == 4


PLACE = {"latitude", "longitude", "lat", "lon", "geo", "geolocation", "gps", "location", "position", "coordinates"}


@pytest.mark.policy("MYK-64")
def test_no_field_header_or_permission_asks_where_a_device_is(people: People) -> None:
    described = people.stranger.get("/openapi.json").json
    names = {
        name.lower() for schema in described["components"]["schemas"].values() for name in schema.get("properties", {})
    }
    names |= {
        parameter["name"].lower()
        for methods in described["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict)
        for parameter in operation.get("parameters", ())
        if "name" in parameter
    }
    answers = [people.stranger.get(path) for path in ("/", "/privacy", "/docs", "/api/v1/services")]

    assert len(names) > 50
    assert [name for name in names if PLACE & set(re.split("[^a-z]", name))] == []
    assert all("geolocation=()" in answer.headers["Permissions-Policy"] for answer in answers)
    assert not any("Accept-CH" in answer.headers for answer in answers)
    assert not any("geolocation" in answer.get_data(as_text=True).lower() for answer in answers[:2])


def test_a_flood_of_made_up_pages_ends_in_one_row(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 20)
    monkeypatch.setattr(counters, "_ROOM", room.Room())
    letters = "abcdefghijklmnop"

    with clock.at(NOON):
        for first in letters[:4]:
            events = [{"page": f"/{first}{second}", "before": f"http://{first}{second}.example/"} for second in letters]
            visit(people, *events[:10])

    pages = {value: times for (dimension, value), times in hours().items() if dimension == "page"}
    assert len(pages) == 21
    assert pages["other"] == 20
