"""What the statistics hold leads to nobody: swapped people, walked columns, read pages, written log lines."""

import json
import logging
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import UniqueConstraint, func, select

from suite.declarations import kind_of
from suite.kernel import clock, db, system
from suite.kernel import log as logs
from suite.kernel.db import Base
from suite.kernel.http import App
from suite.privacy.register import person_of, record_of
from suite.statistics.models import HourCount
from tests import conftest
from tests.house_rules.test_routes import address, routes
from tests.people import Outbox, People
from tests.statistics.visiting import FIREFOX, VISITS, count, send

DAY = datetime(2026, 11, 24, 9, 20, 30, 40, tzinfo=UTC)
PHONE = "Mozilla/5.0 (iPhone) Version/18 Mobile Safari/604"


def counted_tables() -> list[Any]:
    return [table for table in Base.metadata.sorted_tables if record_of(table).statistics]  # type: ignore[union-attr]


def dump() -> bytes:
    """Give every byte the database would write down of the statistics: of SQLite its own dump, in stored order."""
    running, names = system.current(), [table.name for table in counted_tables()]
    if running.database.sqlite:
        with sqlite3.connect(str(running.database.url.database)) as connection:
            lines = [line for line in connection.iterdump() if any(name in line for name in names)]
        return "\n".join(lines).encode()
    with running.database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        pieces = []
        for table in counted_tables():
            names_ = ", ".join(table.primary_key.columns.keys())
            with raw.cursor().copy(f"COPY (SELECT * FROM {table.name} ORDER BY {names_}) TO STDOUT") as copy:
                pieces += [bytes(piece) for piece in copy]
    return b"".join(pieces)


# --- swapping two people


class Role:
    """What one of two visitors does, whoever it is: pages, browser and hours; and the network it comes from."""

    def __init__(self, network: str, agent: str, *events: dict[str, Any]) -> None:
        self.network, self.agent, self.events = network, agent, events


READER = Role("192.0.2.1", FIREFOX, {"page": "/help", "seconds": 90}, {"page": "/help/vpn", "search": "vpn error"})
BUYER = Role("2001:db8::9", PHONE, {"page": "/store", "before": "/licenses"}, {"application": "vpn"})


def lived(
    app: App, people: People, first: str, second: str, reader: Role = READER, buyer: Role = BUYER
) -> tuple[bytes, bytes]:
    """Let two people visit: `first` reads, `second` buys. Give the dumps before and after the day was counted."""
    conftest.empty(system.current())
    with clock.at(DAY - timedelta(hours=1)):
        members = {email: people.member(email) for email in sorted((first, second), reverse=first > second)}
    for number in range(6):
        with clock.at(DAY + timedelta(minutes=70 * number)):
            for email, role in ((first, reader), (second, buyer)):
                member = members[email]
                headers = {"Authorization": f"Bearer {member.token}", "User-Agent": role.agent}
                send(member.client, *role.events, address=role.network, headers=headers)
    by_hour = dump()
    count(DAY + timedelta(days=1))
    return by_hour, dump()


@pytest.mark.policy("DEC-13", "MYK-63", "GEN-11")
def test_swapping_two_people_leaves_the_statistics_byte_for_byte_the_same(app: App, people: People) -> None:
    there = lived(app, people, "ann@example.org", "bob@example.org")
    swapped = lived(app, people, "bob@example.org", "ann@example.org")

    assert b"/help/vpn" in there[0]
    assert b"/store" in there[1]
    assert swapped == there


@pytest.mark.policy("DEC-13", "MYK-63")
def test_swapping_their_networks_or_browsers_changes_nothing_either(app: App, people: People) -> None:
    """What was visited from where is not told: each property is counted for itself."""
    there = lived(app, people, "ann@example.org", "bob@example.org")
    networks = Role(BUYER.network, READER.agent, *READER.events), Role(READER.network, BUYER.agent, *BUYER.events)
    browsers = Role(READER.network, BUYER.agent, *READER.events), Role(BUYER.network, READER.agent, *BUYER.events)

    for reader, buyer in (networks, browsers):
        assert lived(app, people, "ann@example.org", "bob@example.org", reader, buyer) == there


def test_other_visits_do_change_the_dump(app: App, people: People) -> None:
    there = lived(app, people, "ann@example.org", "bob@example.org")
    other = Role(BUYER.network, BUYER.agent, {"page": "/store"})

    assert lived(app, people, "ann@example.org", "bob@example.org", READER, other) != there


# --- the columns


@pytest.mark.policy("GEN-9", "GEN-11")
def test_the_columns_hold_moments_code_words_and_counts_and_lead_nowhere(app: App) -> None:
    tables = counted_tables()

    assert {table.name for table in tables} == {"visit_hours", "visit_days"}
    for table in tables:
        assert {kind_of(column).name for column in table.columns} <= {"moment", "label", "counter"}  # type: ignore[union-attr]
        assert person_of(table) is None
        assert not table.foreign_keys
        assert not any(isinstance(one, UniqueConstraint) or getattr(one, "unique", False) for one in table.constraints)
    pointing = [
        key for table in Base.metadata.sorted_tables for key in table.foreign_keys if key.column.table in tables
    ]
    assert pointing == []


@pytest.mark.policy("GEN-10")
def test_no_column_of_the_statistics_holds_a_pseudonym_or_a_number_of_a_row(app: App) -> None:
    held = {kind_of(column).name for table in counted_tables() for column in table.columns}  # type: ignore[union-attr]

    assert not held & {"pseudonym", "row_id", "person_id", "digest", "credential"}


@pytest.mark.policy("GEN-9", "GEN-11", "MYK-63")
def test_no_value_of_a_visit_equals_or_contains_one_of_a_person(app: App, people: People, outbox: Outbox) -> None:
    with clock.at(DAY):
        member = people.member("canary.qx7@example.org")
        secret = {"page": f"/me/{member.session_id}/canary.qx7@example.org?t={member.token}", "search": "canary qx7"}
        send(member.client, secret, headers={"Authorization": f"Bearer {member.token}", "X-Request-ID": "canary-qx7"})
    count(DAY + timedelta(days=1))

    stored = dump()
    values = personal_values()
    assert b"/me/:part/:part" in stored or b"other" in stored
    assert {"canary.qx7@example.org", member.get("/api/v1/me").json["id"]} <= values
    assert [value for value in (*values, member.session_id) if value.encode() in stored] == []
    assert b"qx7" not in stored


def personal_values() -> set[str]:
    """Give every text of a personal column that could be looked for."""
    found = set()
    with db.transaction(reading=True) as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if kind_of(column).personal and column.name not in {"service", "language", "client"}:  # type: ignore[union-attr]
                    found |= {str(value) for value in session.scalars(select(column)) if isinstance(value, str)}
                    found |= {str(value) for value in session.scalars(select(column)) if column.name.endswith("id")}
    return {value for value in found if len(value) > 6}


def test_no_time_is_kept_finer_than_the_hour(people: People) -> None:
    with clock.at(DAY):
        send(people.stranger)

    with db.transaction(reading=True) as session:
        stored = set(session.scalars(select(HourCount.hour)))
    assert stored == {DAY.replace(minute=0, second=0, microsecond=0)}


# --- reading without giving anything


def everything() -> dict[str, int]:
    with db.transaction(reading=True) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def plain_reads(app: App) -> Iterator[str]:
    """Give the address of everything anybody may read."""
    for method, rule, view in routes(app):
        if method == "GET" and view.access_rule.public and "<any" not in rule.rule:
            yield address(rule)


@pytest.mark.policy("GEN-8")
def test_whatever_is_public_is_read_without_identifier_and_leaves_no_row(app: App, people: People) -> None:
    people.stranger.get("/api/v1/licenses/keys")  # the first who asks lets the vendor's own key be made
    before, read = everything(), 0
    for path in plain_reads(app):
        answer = people.stranger.get(path)
        read += answer.status_code == 200
        assert answer.status_code in {200, 303, 404, 422}, path
        assert "Set-Cookie" not in answer.headers, path

    assert read >= 8
    assert everything() == before


# --- the log


@pytest.mark.policy("GEN-9", "GEN-10")
def test_the_log_line_of_a_visit_says_nothing_about_the_visitor(
    people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    member = people.member("canary.qx7@example.org")
    before = logging.getLogger().handlers, logging.getLogger().level
    logs.start("debug", "json")
    for _ in range(2):
        headers = {
            "Authorization": f"Bearer {member.token}",
            "User-Agent": "canary-agent",
            "Referer": "https://canary/",
        }
        member.client.post(
            f"{VISITS}?canary=qx7",
            json={"service": "my-account", "events": [{"page": "/canary"}]},
            headers=headers,
            environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
        )
    logs.start("error", "json")
    logging.getLogger().handlers, logging.getLogger().level = before

    written = capsys.readouterr().err
    lines = [json.loads(line) for line in written.splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert set(line) == {"route", "method", "status", "ms", "event", "level", "timestamp", "request_id"}
        assert (line["route"], line["status"]) == (VISITS, 204)
    assert len({line["request_id"] for line in lines}) == 2
    assert all(line["request_id"].isalnum() for line in lines)
    for trace in ("canary", "203.0.113", member.token, member.session_id, "example.org"):
        assert trace not in written


def test_the_server_writes_no_access_log_of_its_own() -> None:
    from suite.server import options

    assert options("127.0.0.1", 8000, 1, 1)["accesslog"] is None
