"""Sweeps, asked of every table by its own declaration: nothing goes early, nothing stays."""

import subprocess
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import ClauseElement, Executable, event, select, text, update
from sqlalchemy.ext.compiler import compiles

from suite.accounts.models import Account, Membership
from suite.declarations import ByService, Keep, Record
from suite.kernel import clock, db, system
from suite.kernel.models import AuditEntry
from suite.privacy import declared, sweeps
from suite.privacy.register import record_of
from suite.services import SERVICES
from tests.people import Outbox, People
from tests.privacy import planted
from tests.privacy.rows import LAWFUL, Rows, clock_of, count, personal_tables, with_clock

TICK = timedelta(microseconds=1)
STARTS = (datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2028, 2, 29, 0, 0, 0, 1, tzinfo=UTC))
WITH_ACCOUNTS = [key for key, service in SERVICES.items() if service.has_accounts]
CASES = [
    (table, at, service)
    for table, at in with_clock()
    for service in (WITH_ACCOUNTS if table in {"accounts", "memberships"} else [""])
]


def add(table: str, service: str = "", **given: Any) -> UUID:
    """Write one row with a person of its own."""
    with db.transaction() as session:
        rows = Rows(session)
        person = rows.person()
        rows.add(table, person, **given | ({"service": service} if table == "memberships" else {}))
        if service and table == "accounts":
            rows.add("memberships", person, service=service)
    return person


def left(table: str, person: UUID | None = None) -> int:
    with db.transaction(reading=True) as session:
        return count(session, table, person)


def sweep_at(instant: datetime) -> Counter[str]:
    """Sweep as if it were then; give the rows that went, by table."""
    gone: Counter[str] = Counter()
    with clock.at(instant):
        total = sweeps.sweep(lambda table, rows: gone.update({table: rows}))
    assert total == gone.total()
    return gone


def test_the_rules_below_are_asked_of_every_kind_of_table(app: object) -> None:
    follow = {
        table.name for table, record in declared().tables() if any(isinstance(r, ByService) for r in record.rules)
    }

    assert follow == {"accounts", "memberships"}
    assert {table for table, _, _ in CASES} >= {"sessions", "registrations", "messages", "limits", "audit_entries"}


@pytest.mark.parametrize(("table", "at", "service"), CASES)
def test_a_row_stays_until_its_limit_and_is_gone_at_it(app: object, table: str, at: int, service: str) -> None:
    found = declared().metadata.tables[table]
    record = record_of(found)
    assert isinstance(record, Record)
    rule = record.rules[at]
    assert isinstance(rule, (Keep, ByService))
    period = rule.period if isinstance(rule, Keep) else declared().services[service].keep
    column = clock_of(found, rule).name

    for start in STARTS:
        add(table, service, **{column: start})
        others = left(table) - 1
        limit = period.after(start)

        sweep_at(limit - TICK)
        before = left(table) - others
        sweep_at(limit)

        assert (before, left(table) - others) == (1, 0)


BERLIN = ZoneInfo("Europe/Berlin")
ELSEWHERE = {
    "the hour before summer time": datetime(2027, 3, 28, 1, 59, 59, tzinfo=BERLIN),
    "the hour that comes twice": datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=BERLIN),
    "a leap day that is March elsewhere": datetime(2028, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=-10))),
    "a month's end that is February in UTC": datetime(2027, 3, 1, 5, tzinfo=timezone(timedelta(hours=14))),
}


@pytest.mark.parametrize("case", ELSEWHERE)
@pytest.mark.parametrize("service", ["business-hub", "motorsport"])
def test_limits_are_counted_in_utc_whatever_offset_a_row_was_written_with(app: object, case: str, service: str) -> None:
    start = ELSEWHERE[case]
    limit = SERVICES[service].keep.after(start.astimezone(UTC))
    add("accounts", service, closed_at=start)

    sweep_at(limit - timedelta(seconds=1))
    before = left("accounts")
    sweep_at(limit)

    assert (before, left("accounts")) == (1, 0)


@pytest.mark.parametrize("services", [*combinations(["motorsport", "business-hub", "partner-portal"], 2)])
def test_the_shortest_period_among_the_services_of_a_person_holds(app: object, services: tuple[str, str]) -> None:
    start = STARTS[0]
    person = add("accounts", services[0], closed_at=start)
    with db.transaction() as session:
        session.add(Membership(account_id=person, service=services[1], joined_at=start))
    limit = min(declared().services[key].keep.after(start) for key in services)

    sweep_at(limit - TICK)
    before = left("accounts")
    sweep_at(limit)

    assert (before, left("accounts")) == (1, 0)


@pytest.mark.policy("MYK-66", "MOT-17", "BUS-34", "SCC-36", "COM-53")
@pytest.mark.parametrize("service", WITH_ACCOUNTS)
def test_everything_that_hangs_on_a_person_goes_with_the_account_and_nobody_elses(app: object, service: str) -> None:
    start = STARTS[0]
    with db.transaction() as session:
        rows = Rows(session)
        gone, stays = rows.person(), rows.person()
        for person, closed in ((gone, start), (stays, None)):
            rows.add("accounts", person, closed_at=closed)
            rows.add("memberships", person, service=service)
            for table in personal_tables():
                if table.name not in {"people", "accounts", "memberships"}:
                    rows.add(table, person)

    sweep_at(SERVICES[service].keep.after(start))

    names = [table.name for table in personal_tables()]
    assert {name: left(name, gone) for name in names} == dict.fromkeys(names, 0)
    assert {name: left(name, stays) for name in names} == dict.fromkeys(names, 1)


def test_a_service_left_before_the_closing_does_not_count_among_them(app: object) -> None:
    start = STARTS[0]
    person = add("accounts", "business-hub", closed_at=start)
    with db.transaction() as session:
        ended = {"joined_at": start, "ended_at": start - TICK}
        session.add(Membership(account_id=person, service="motorsport", **ended))

    sweep_at(declared().services["business-hub"].keep.after(start) - TICK)

    assert left("accounts", person) == 1


def test_leaving_one_service_leaves_the_others_alone(app: object) -> None:
    start = STARTS[0]
    person = add("accounts", "my-account")
    with db.transaction() as session:
        session.add(Membership(account_id=person, service="motorsport", joined_at=start, ended_at=start))

    sweep_at(start + timedelta(hours=24))

    with db.transaction(reading=True) as session:
        services = session.scalars(select(Membership.service).where(Membership.account_id == person)).all()
    assert (services, left("accounts", person), left("people", person)) == (["my-account"], 1, 1)


# --- many rows, many sweeps


def due_accounts(number: int, start: datetime) -> None:
    with db.transaction() as session:
        rows = Rows(session)
        for _ in range(number):
            person = rows.person()
            rows.add("accounts", person, closed_at=start)
            rows.add("memberships", person)
            rows.add("sessions", person)


def test_a_sweep_works_in_batches_until_nothing_is_due(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ("_BATCH", "_BATCH_POSTGRESQL", "_PEOPLE"):
        monkeypatch.setattr(sweeps, size, 3)
    due_accounts(10, STARTS[0])
    with db.transaction() as session:
        for day in range(8):
            Rows(session).add("job_ticks", UUID(int=0), name="x", tick=STARTS[0] - timedelta(days=40 + day))

    gone = sweep_at(STARTS[0])

    assert gone == {"accounts": 10, "job_ticks": 8}
    assert [left(table) for table in ("people", "accounts", "memberships", "sessions", "job_ticks")] == [0] * 5


def test_sweeps_at_once_share_the_work_and_do_none_of_it_twice(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "_PEOPLE", 4)
    due_accounts(60, STARTS[0])
    totals: list[int] = []
    problems: list[BaseException] = []

    def run() -> None:
        try:
            totals.append(sweeps.sweep())
        except BaseException as problem:
            problems.append(problem)

    with clock.at(STARTS[0]):
        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    with db.transaction(reading=True) as session:
        entries = session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "retention.swept")).all()
    assert problems == []
    assert (sum(totals), left("people")) == (60, 0)
    assert sum(entry["rows"] for entry in entries) == 60


def test_the_plan_says_what_the_sweep_does(app: object) -> None:
    start = STARTS[0]
    with db.transaction() as session:
        rows = Rows(session)
        for number in range(3):
            closed = rows.person()
            rows.add("accounts", closed, closed_at=start)
            for service in ("my-account", "partner-portal", "motorsport"):
                rows.add("memberships", closed, service=service, ended_at=start)
            rows.add("sessions", closed, expires_at=start)
            rows.add("messages", closed, created_at=start - timedelta(days=99))
            rows.add("idempotency_keys", closed, created_at=start)
            lives = rows.person()
            rows.add("accounts", lives)
            rows.add("sessions", lives, expires_at=start)
            rows.add("memberships", lives, service="motorsport", ended_at=start)
            rows.add("idempotency_keys", lives, created_at=start, person_id=None if number else lives)
            rows.add("registrations", rows.person(), started_at=start)

    for instant in (start, start + timedelta(hours=24), start + timedelta(days=400)):
        with db.transaction(reading=True):
            plan = sweeps.plan(instant)
        planned: Counter[str] = Counter()
        for table, _, rows_ in plan:
            planned[table] += rows_

        assert planned
        assert planned == sweep_at(instant)


def test_a_dry_run_changes_nothing(app: object) -> None:
    due_accounts(3, STARTS[0])

    with db.transaction(reading=True):
        plan = sweeps.plan(STARTS[0])

    assert [(table, rows) for table, _, rows in plan] == [("accounts", 3)]
    assert (left("accounts"), left("sessions")) == (3, 3)


# --- what changes while a sweep runs


def test_an_account_reopened_between_the_choice_and_the_deletion_is_not_lost(app: object) -> None:
    person = add("accounts", "my-account", closed_at=STARTS[0])
    engine = system.current().database.engine

    def reopen(connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if statement.startswith("DELETE FROM people"):
            connection.exec_driver_sql("UPDATE accounts SET closed_at = NULL")

    event.listen(engine, "before_cursor_execute", reopen)
    try:
        gone = sweep_at(STARTS[0])
    finally:
        event.remove(engine, "before_cursor_execute", reopen)

    assert gone == {}
    assert (left("accounts", person), left("people", person)) == (1, 1)


def test_an_account_that_is_just_being_reopened_elsewhere_is_not_lost(app: object) -> None:
    person = add("accounts", "my-account", closed_at=STARTS[0])
    problems: list[BaseException] = []

    def run() -> None:
        try:
            sweeps.sweep()
        except BaseException as problem:
            problems.append(problem)

    with clock.at(STARTS[0]):
        sweeping = threading.Thread(target=run)
        with db.transaction() as session:
            session.execute(update(Account).values(closed_at=None))
            sweeping.start()
            sweeping.join(0.3)
        sweeping.join()

    assert problems == []
    assert (left("accounts", person), left("people", person)) == (1, 1)


# --- what is left on the disk


def on_disk(canary: str) -> set[str]:
    """Name the files of the database that hold the text.

    Another process reads them: closing a file drops the locks this process holds on it, and SQLite's with them.
    """
    path = Path(system.current().database.url.database or "")
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")]
    return {file.name for file in files if file.exists() and _holds(file, canary)}


def _holds(file: Path, canary: str) -> bool:
    return subprocess.run(["grep", "-qaF", canary, str(file)], check=False).returncode == 0


@pytest.mark.policy("MOT-17")
def test_after_the_sweep_no_byte_of_the_address_is_left_in_the_files(people: People, outbox: Outbox) -> None:
    if not system.current().database.sqlite:
        pytest.skip("The files of PostgreSQL belong to its server.")
    canary = "qx7canaryqx7"
    member = people.member(
        f"{canary}@example.org",
        "motorsport",
        profile={
            "user_name": canary,
            "first_name": canary,
            "last_name": canary,
        },
    )
    member.post("/api/v1/me/closure")
    outbox.empty()
    before = on_disk(canary)

    sweep_at(clock.now() + timedelta(hours=24))

    assert before
    assert on_disk(canary) == set()
    assert left("people") == 0


# --- how the due rows are found

ROWS = 20_000


def in_sql(value: object) -> str:
    return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{value}'"


def fill(table: Any) -> str:
    """Give SQL that multiplies rows of a table; the clocks stand in 2090, but for the first twenty rows."""
    sqlite = system.current().database.sqlite
    number = "printf('%032d', i)" if sqlite else "lpad(i::text, 32, '0')::uuid"
    long_ago = "'2026-01-01 00:00:00.000000'" if sqlite else "timestamptz '2026-01-01'"
    ahead = "'2090-01-01 00:00:00.000000'" if sqlite else "timestamptz '2090-01-01' + i * interval '1 second'"
    word = "printf('w%d', i)" if sqlite else "'w' || i"
    clocks = {place for one in declared().declarations for place in (one.announces or {}).values()}
    values = []
    for column in table.columns:
        kind = type(column.type).__name__
        key = next(iter(column.foreign_keys), None)
        if column.name == "service":
            value = "CASE i % 9 " + " ".join(f"WHEN {at} THEN '{key}'" for at, key in enumerate(SERVICES)) + " END"
        elif column.name in LAWFUL.get(table.name, {}):
            value = in_sql(LAWFUL[table.name][column.name])
        elif kind == "Uuid":
            value = number
        elif kind == "UtcDateTime" and column.nullable and f"{table.name}.{column.name}" not in clocks:
            value = "NULL"
        elif kind == "UtcDateTime":
            value = f"CASE WHEN i <= 20 THEN {long_ago} ELSE {'NULL' if column.nullable else ahead} END"
        elif column.nullable and key is None:
            value = "NULL"
        else:
            value = {"String": word, "Integer": "i", "LargeBinary": "'x'", "JSON": "'{}'", "Boolean": "false"}[kind]
        values.append(value)
    names = ", ".join(column.name for column in table.columns)
    series = (
        f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) SELECT i FROM n)"
        if sqlite
        else f"(SELECT i FROM generate_series(1, {ROWS}) i) n"
    )
    return f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values)} FROM {series}"


def test_due_rows_are_found_by_an_index(app: object) -> None:
    assert_found_by_an_index()


def test_rows_are_found_by_an_index_when_the_clock_of_their_service_stands_in_another_table(app: object) -> None:
    with planted.licenses():
        assert_found_by_an_index()


def assert_found_by_an_index() -> None:
    running = system.current()
    now = datetime(2026, 11, 1, tzinfo=UTC)
    asked = {one.table for one in sweeps.due(now)}
    asked |= {key.column.table for table, _ in declared().tables() for key in table.foreign_keys}
    with running.database.engine.begin() as connection:
        for table, _ in declared().tables():
            if table in asked:
                connection.execute(text(fill(table)))
        connection.execute(text("ANALYZE"))
    keys = {table: list(table.primary_key.columns) for table, _ in declared().tables()}

    walks = []
    small = "job_ticks"  # two days of ticks: nothing an index would help
    with db.reading() as connection:
        for one in sweeps.due(now):
            question = select(*keys[one.table]).where(one.condition).order_by(*keys[one.table]).limit(1000)
            if one.daily or one.table.name == small:
                continue
            walks += [f"{one.table.name} ({one.why}): {step}" for step in full_walks(connection, question)]

    assert not walks, "\n".join(walks)


def full_walks(connection: Any, question: Any) -> list[str]:
    """Give the steps of the plan that read a whole table or a whole index."""
    if system.current().database.sqlite:
        steps = connection.execute(Explain(question, "EXPLAIN QUERY PLAN")).all()
        return [step[-1] for step in steps if step[-1].startswith("SCAN")]
    plan = connection.execute(Explain(question, "EXPLAIN (FORMAT JSON)")).scalar()
    return list(_walks(plan[0]["Plan"]))


def _walks(node: dict[str, Any]) -> Any:
    kind, whole = node["Node Type"], "Index Cond" not in node
    if kind == "Seq Scan" or (kind in {"Index Scan", "Index Only Scan"} and whole):
        yield f"{kind} on {node['Relation Name']} by {node.get('Index Name')}"
    for inner in node.get("Plans", ()):
        yield from _walks(inner)


class Explain(Executable, ClauseElement):
    """A question put before EXPLAIN."""

    inherit_cache = False

    def __init__(self, question: Any, lead: str) -> None:
        self.question, self.lead = question, lead


@compiles(Explain)
def _explain(element: Explain, compiler: Any, **options: Any) -> str:
    question = compiler.process(element.question, **options)
    compiler._result_columns = []  # what comes back is the plan, not the rows
    return f"{element.lead} {question}"
