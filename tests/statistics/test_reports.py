"""What staff read: figures, a plot and a table, within bounds and without surprises in their texts."""

import csv
import io
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from suite.kernel import clock, db
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.staff.roles import ROLES, Role
from suite.statistics import counters, plot
from suite.statistics.reports import Report
from tests import callers
from tests.people import SignedIn

PATH = "/api/v1/staff/statistics"
TODAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"


def fill(*rows: tuple[int, str, int], service: str = "my-account", dimension: str = "page") -> None:
    """Put figures so many days ago."""
    midnight = TODAY.replace(hour=0)
    with db.transaction():
        for ago, value, times in rows:
            counters.add_to_day(midnight - timedelta(days=ago), service, {(dimension, value): times})


@pytest.fixture
def reader(app: App) -> SignedIn:
    return callers.staff(app, Permission.READ_STATISTICS)


def read(reader: SignedIn, path: str = "", **query: Any) -> Any:
    with clock.at(TODAY):
        return reader.get(PATH + path, query_string={"service": "my-account"} | query)


@pytest.mark.policy("MYK-61")
def test_staff_read_how_much_a_service_is_used(reader: SignedIn) -> None:
    fill((1, "/help", 30), (1, "/store", 10), (2, "/help", 5), (30, "/help", 99), (0, "/help", 77))
    fill((1, "/help", 1000), service="web-forms")
    fill((1, "firefox", 1000), dimension="browser")

    answer = read(reader)

    assert answer.json == {
        "service": "my-account",
        "dimension": "page",
        "from": "2026-10-27",
        "to": "2026-11-23",
        "total": 45,
        "values": [{"value": "/help", "times": 35}, {"value": "/store", "times": 10}],
        "days": [{"day": "2026-11-22", "times": 5}, {"day": "2026-11-23", "times": 40}],
    }


def test_the_days_asked_for_are_both_counted(reader: SignedIn) -> None:
    fill(*((ago, "/help", 1) for ago in range(6)))

    answer = read(reader, **{"from": "2026-11-20", "to": "2026-11-22"})

    assert [one["day"] for one in answer.json["days"]] == ["2026-11-20", "2026-11-21", "2026-11-22"]


@pytest.mark.parametrize(
    ("first", "last", "begins"),
    [
        ("2020-01-01", "2026-11-23", "2025-11-23"),
        ("2026-11-24", "2026-11-01", "2026-11-24"),
        ("0001-01-01", "0001-01-02", "0001-01-01"),
        ("9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_a_report_is_bounded_and_odd_days_have_no_figures(reader: SignedIn, first: str, last: str, begins: str) -> None:
    answers = [read(reader, path, **{"from": first, "to": last}) for path in ("", "/plot.svg", "/figures.csv")]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert (answers[0].json["from"], answers[0].json["total"]) == (begins, 0)
    assert "There are no figures for these days." in answers[1].text


@pytest.mark.parametrize(
    "query", [{"service": "motorsport"}, {"dimension": "person"}, {"from": "yesterday"}, {"account": "1"}]
)
def test_what_is_not_counted_cannot_be_asked(reader: SignedIn, query: dict[str, str]) -> None:
    assert [read(reader, path, **query).status_code for path in ("", "/plot.svg", "/figures.csv")] == [422] * 3


def test_the_table_has_a_line_for_each_day_and_value(reader: SignedIn) -> None:
    fill((2, "/help", 5), (1, "/store", 10), (1, "/help", 30))

    answer = read(reader, "/figures.csv")

    assert list(csv.reader(io.StringIO(answer.text))) == [
        ["day", "service", "dimension", "value", "times"],
        ["2026-11-22", "my-account", "page", "/help", "5"],
        ["2026-11-23", "my-account", "page", "/help", "30"],
        ["2026-11-23", "my-account", "page", "/store", "10"],
    ]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-account-page.csv"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_plot_has_a_bar_for_each_day_and_says_in_words_what_it_shows(reader: SignedIn) -> None:
    fill((2, "/help", 5), (1, "/store", 10), (1, "/help", 30))

    answer = read(reader, "/plot.svg")
    drawn = ET.fromstring(answer.text)

    assert answer.content_type == "image/svg+xml; charset=utf-8"
    assert drawn.get("role") == "img"
    assert drawn.get("aria-labelledby") == "title desc"
    assert drawn.findtext(f"{SVG}title") == "my-account, by page, 2026-10-27 to 2026-11-23"
    assert drawn.findtext(f"{SVG}desc") == (
        "45 in all. Most frequent: /help: 35; /store: 10. The busiest day was 2026-11-23 with 40."
    )
    assert [group.findtext(f"{SVG}title") for group in drawn.findall(f"{SVG}g")] == ["2026-11-22: 5", "2026-11-23: 40"]
    assert "prefers-color-scheme:dark" in answer.text
    assert "<script" not in answer.text
    assert "http://" not in answer.text.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_a_value_can_put_nothing_into_the_plot() -> None:
    found = Report("my-account", "page", date(2026, 1, 1), date(2026, 1, 1), ((date(2026, 1, 1), "</svg><b>&", 7),))

    assert "<b>" not in plot.svg(found)
    assert ET.fromstring(plot.svg(found)).tag == f"{SVG}svg"


@pytest.mark.parametrize(("largest", "top"), [(0, 1), (1, 1), (3, 5), (10, 10), (11, 20), (501, 1000)])
def test_the_scale_ends_at_a_round_number(largest: int, top: int) -> None:
    day = date(2026, 1, 1)
    rows = ((day, "/", largest),) if largest else ()

    assert plot._top(Report("my-account", "page", day, day, rows)) == top


def test_the_roles_that_run_the_sites_read_statistics_and_no_other() -> None:
    assert {role for role, allowed in ROLES.items() if Permission.READ_STATISTICS in allowed} == {
        Role.OPERATOR,
        Role.ADMINISTRATOR,
    }
