"""Lists of licences for staff: every filter gives exactly what it says, in pages, and none reads a whole table."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from suite.kernel import clock, db, system
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.licenses import listing, terms
from suite.licenses.listing import Wanted
from suite.licenses.models import License, LicenseBatch
from suite.licenses.products import catalogue
from suite.licenses.terms import State
from suite.staff import Role
from tests.licenses.making import several
from tests.people import People

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LICENSES = "/api/v1/staff/licenses"
DAY = timedelta(days=1)
# Ends around now and around the ends of every grace, a second to each side; None: no end.
ENDS = [
    None,
    *(NOW + sign * one for one in (DAY, 200 * DAY) for sign in (1, -1)),
    *(NOW - days * DAY + timedelta(seconds=second) for days in (0, 3, 7, 14) for second in (-1, 0, 1)),
]


def fill(copies: int = 1) -> list[Any]:
    """Put licences of every product and policy, end and fate into two batches of each; give their batches."""
    batches: list[Any] = []
    rows: list[dict[str, Any]] = []
    pairs = [(product.key, policy) for product in catalogue().products.values() for policy in product.policies]
    for product, policy in pairs:
        batch = {"id": new_id(), "note": "", "source": "staff", "product": product, "policy": policy, "count": 0}
        batches.append(batch | {"issued_at": NOW})
        for _ in range(copies):
            rows += [_row(batch, begins_at=NOW - 400 * DAY, expires_at=end) for end in ENDS]
            rows += [_row(batch), _row(batch), _row(batch, voided_at=NOW)]
            rows.append(_row(batch, begins_at=NOW - 400 * DAY, expires_at=NOW - 30 * DAY, voided_at=NOW))
    with db.transaction() as session:
        session.execute(insert(LicenseBatch), batches)
        session.execute(insert(License), rows)
    return [one["id"] for one in batches]


def _row(batch: dict[str, Any], **term: Any) -> dict[str, Any]:
    key = new_id()
    facts = {"batch_id": batch["id"], "product": batch["product"], "policy": batch["policy"], "seats": 1, "version": 1}
    empty = {"begins_at": None, "expires_at": None, "voided_at": None, "void_reason": None}
    return facts | empty | {"id": key, "code_hash": str(key), "code_tail": "ABCDE"} | term


def wanted_ones(batch: Any) -> Iterator[Wanted]:
    """Give every combination of filters."""
    ends = ((None, None), (NOW - 10 * DAY, None), (None, NOW - 5 * DAY), (NOW - 10 * DAY, NOW + 10 * DAY))
    states = (None, *State)
    for state, product, chosen, (after, before) in itertools.product(
        states, (None, "total-protection"), (None, batch), ends
    ):
        yield Wanted(state, product, chosen, after, before)


def fits(one: License, wanted: Wanted) -> bool:
    """Say whether a licence is wanted, in plain words."""
    end = one.expires_at
    return (
        (wanted.state is None or terms.state_of(one, NOW) is wanted.state)
        and (wanted.product is None or one.product == wanted.product)
        and (wanted.batch is None or one.batch_id == wanted.batch)
        and (wanted.expires_after is None or (end is not None and end >= wanted.expires_after))
        and (wanted.expires_before is None or (end is not None and end < wanted.expires_before))
    )


def walked(wanted: Wanted, limit: int) -> list[License]:
    """Give the whole list, page by page."""
    found: list[License] = []
    cursor = None
    while True:
        page = listing.licenses(wanted, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.mark.parametrize("limit", [7, 100])
def test_every_filter_gives_exactly_what_it_says_each_licence_once(app: App, limit: int) -> None:
    batches = fill()

    with db.transaction(reading=True) as session, clock.at(NOW):
        everything = session.query(License).all()
        for wanted in wanted_ones(batches[0]):
            found = walked(wanted, limit)

            assert len({one.id for one in found}) == len(found), wanted
            assert {one.id for one in found} == {one.id for one in everything if fits(one, wanted)}, wanted
            if wanted.by_end:
                ends = [one.expires_at or datetime.max.replace(tzinfo=UTC) for one in found]
                assert ends == sorted(ends), wanted
            else:
                assert [one.id for one in found] == sorted((one.id for one in found), reverse=True), wanted


def test_the_state_of_a_list_is_that_of_the_licence_at_every_second_of_month_ends_and_leap_days(app: App) -> None:
    fill()
    moments = [datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), NOW]

    with db.transaction(reading=True) as session:
        everything = session.query(License).all()
        for moment in moments:
            with clock.at(moment):
                for state in State:
                    found = {one.id for one in walked(Wanted(state), 100)}
                    assert found == {one.id for one in everything if terms.state_of(one, moment) is state}


@contextmanager
def explained() -> Iterator[list[str]]:
    """Collect how the database finds the licences of every SELECT that is sent."""
    plans: list[str] = []
    busy: list[bool] = []
    sqlite = system.current().database.sqlite
    engine = system.current().database.engine if sqlite else system.current().database.reading

    def plan(connection: Any, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if "FROM licenses" in statement and not busy:
            busy.append(True)
            asked = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
            rows = connection.exec_driver_sql(asked + statement, parameters).all()
            plans.extend(str(row[-1] if sqlite else row[0]) for row in rows)
            busy.pop()

    event.listen(engine, "before_cursor_execute", plan)
    try:
        yield plans
    finally:
        event.remove(engine, "before_cursor_execute", plan)


def signs(wanted: Wanted) -> tuple[str, ...]:
    """Give what a plan must not say; what one batch or the few voided ones hold may be looked through and sorted."""
    small = wanted.batch is not None or wanted.state is State.VOID
    return ("Seq Scan on licenses", "SCAN licenses", *(() if small else ("Bitmap",)))


def test_no_list_reads_a_whole_table_or_sorts_it(app: App) -> None:
    batches = fill(copies=60)
    with system.current().database.engine.begin() as connection:
        connection.execute(text("ANALYZE licenses"))
    bad: list[str] = []

    with db.transaction(reading=True), clock.at(NOW):
        for wanted in wanted_ones(batches[0]):
            with explained() as plans:
                first = listing.licenses(wanted, cursor=None, limit=50)
                if first.next_cursor is not None:
                    listing.licenses(wanted, cursor=first.next_cursor, limit=50)
            assert plans or not first.rows
            bad += [f"{wanted}: {step}" for step in plans if any(sign in step for sign in signs(wanted))]

    assert not bad, "\n".join(bad[:20])


def test_staff_list_licences_over_http(people: People) -> None:
    ada = people.staff(Role.LICENSE_MANAGER)
    made = several(3)

    first = ada.get(LICENSES, query_string={"state": "unused", "product": "total-protection", "limit": 2})
    rest = ada.get(LICENSES, query_string={"state": "unused", "cursor": first.json["next_cursor"]})

    shown = first.json["licenses"] + rest.json["licenses"]
    assert [one["id"] for one in shown] == [str(key) for key, _ in reversed(made)]
    assert [one["code_ends"] for one in shown] == [code[-5:] for _, code in reversed(made)]
    assert not any("holder" in one for one in shown)
    (batch,) = ada.get("/api/v1/staff/license-batches").json["batches"]
    of_batch = ada.get(LICENSES, query_string={"batch": batch["id"]}).json["licenses"]
    assert (batch["count"], len(of_batch)) == (3, 3)


@pytest.mark.parametrize(
    "query",
    [
        {"state": "good"},
        {"batch": "x"},
        {"expires_after": "yesterday"},
        {"limit": "0"},
        {"cursor": "x"},
        {"state": "valid", "cursor": "zz.x"},
        {"code": "KX7QH-9M2RD-3TBWV-8FNJC-5PGYL"},
    ],
)
def test_what_is_no_filter_is_refused(people: People, query: dict[str, str]) -> None:
    ada = people.staff(Role.LICENSE_MANAGER)

    assert ada.get(LICENSES, query_string=query).status_code == 422


def test_a_product_nobody_knows_has_no_licences(people: People) -> None:
    ada = people.staff(Role.LICENSE_MANAGER)
    several(1)

    assert ada.get(LICENSES, query_string={"product": "no-such"}).json == {"licenses": [], "next_cursor": None}
