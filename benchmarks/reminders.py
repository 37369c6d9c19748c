"""Planning reminders over N licences of which one in ten is due, beside the bare INSERT … SELECT of the same rows.

`python -m benchmarks.reminders` measures 10⁵ and 10⁶ licences; `--licenses 10000000` names other numbers, and
`--only` one database. Memory is that of this process. The cost of a due row is drawn beside the figures, and with
`--chart FILE` into a picture (SVG).
"""

import argparse
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import CreateIndex, DropIndex

from benchmarks.chart import draw
from benchmarks.ground import fill, grounds, inside
from benchmarks.table import Row, show
from suite.kernel import clock, system
from suite.licenses.models import License, LicenseHolding
from suite.reminders import planning

SIZES, AIM, PART = (100_000, 1_000_000), 0.5, 10
GROWTH = 32
"""How many MiB the process may grow while it plans, whatever it plans."""
_PEOPLE = 1000
_LICENSES, _HOLDINGS = cast("Table", License.__table__), cast("Table", LicenseHolding.__table__)
_READ = next(index for index in _HOLDINGS.indexes if index.name == "ix_license_holdings_expires_at")
_COLUMNS = "id, person_id, about, item, service, ends_at, kind, due_at"


@dataclass(frozen=True)
class Measured:
    """One run: how many licences and due rows, the seconds ours and the bare statement took, how much memory grew."""

    name: str
    licenses: int
    due: int
    ours: float
    bare: float
    grown: float

    @property
    def cost(self) -> float:
        """Microseconds for each due row."""
        return self.ours / self.due * 1e6


def main(sizes: tuple[int, ...] = SIZES, names: tuple[str, ...] = (), chart: Path | None = None) -> list[Row]:
    """Measure each number of licences on SQLite and on PostgreSQL."""
    found = [one for size in sizes for one in _measured(size, names)]
    rows = [_row(one) for one in found]
    show("Reminders planned per second beside one bare INSERT ... SELECT of the same rows", rows)
    _draw(found)
    if chart is not None:
        chart.write_text(draw([(one.name, one.licenses, one.cost) for one in found]), encoding="utf-8")
    return rows


def _measured(licenses: int, names: tuple[str, ...]) -> list[Measured]:
    found = []
    with grounds(*names, SUITE_LOG_LEVEL="error") as here:
        for ground in here:
            fill(ground, _PEOPLE)
            with inside(ground):
                due = _licences(licenses)
                pairs = [_pair(due) for _ in range(3 if licenses <= 1_000_000 else 1)]
            ours, bare = (statistics.median(times) for times in zip(*((p[0], p[1]) for p in pairs), strict=True))
            found.append(Measured(ground.name, licenses, due, ours, bare, max(p[2] for p in pairs)))
    return found


def _pair(due: int) -> tuple[float, float, float]:
    """Time the bare statement and ours, each into an empty table; give how much memory ours took besides."""
    _empty()
    began = time.perf_counter()
    assert _bare() == due
    bare = time.perf_counter() - began
    _empty()
    before, began = _resident(), time.perf_counter()
    planned = planning.plan()
    ours = time.perf_counter() - began
    assert planned == due, (planned, due)
    return ours, bare, _resident() - before


def _row(one: Measured) -> Row:
    """Show one run; the aim is about the speed, and about memory that does not grow with the rows."""
    reached = one.bare / one.ours >= AIM and one.grown < GROWTH
    what = f"{one.name}, {one.licenses:,} licences, {one.due:,} due, memory grew by {one.grown:.0f} MiB"
    ours, bare = f"{one.due / one.ours:,.0f}/s", f"{one.due / one.bare:,.0f}/s"
    return Row(what, ours, bare, one.bare / one.ours, f"{AIM}", reached)


def _draw(found: list[Measured]) -> None:
    """Draw the cost of a due row over the number of licences: bars of one length are what we want."""
    print("\nMicroseconds for each due row")
    longest = max(one.cost for one in found)
    for one in sorted(found, key=lambda one: (one.name, one.licenses)):
        bar = "#" * max(1, round(one.cost / longest * 40))
        print(f"  {one.name:<11}{one.licenses:>12,}  {one.cost:6.1f}  {bar}", flush=True)


def _licences(number: int) -> int:
    """Write licences of people; one in ten ends within the last hour of the first 30 days. Give how many are due."""
    now, due = clock.now(), number // PART
    near, far = now + timedelta(days=30), now + timedelta(days=400)
    database = system.current().database
    with database.reading.connect() as connection:
        if database.sqlite:
            connection.execute(text("PRAGMA foreign_keys = OFF"))
        _strip(connection)
        for statement in _statements(number, due, near, far, sqlite=database.sqlite):
            connection.execute(text(statement))
        connection.execute(CreateIndex(_READ))
    database.close()
    with database.reading.connect() as connection:
        for table in ("licenses", "license_holdings"):
            connection.execute(text(f"ANALYZE {table}" if database.sqlite else f"VACUUM ANALYZE {table}"))
    return due


def _strip(connection: Connection) -> None:
    """Drop what neither statement reads and would take most of the time to fill: the other indexes, and the links."""
    for table in (_LICENSES, _HOLDINGS):
        for index in table.indexes:
            connection.execute(DropIndex(index))
        if connection.dialect.name == "postgresql":
            for link in table.foreign_key_constraints:
                connection.execute(text(f"ALTER TABLE {table.name} DROP CONSTRAINT {link.name}"))


def _statements(number: int, due: int, near: object, far: object, *, sqlite: bool) -> list[str]:
    """Give the SQL that fills the tables: each tenth row is due in half an hour, the others a year later."""
    batch = "00000000-0000-7000-8000-000000000001"
    if sqlite:
        row, service, batch = "printf('%032x', i)", "'business-hub'", batch.replace("-", "")
        series = f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) SELECT i FROM n)"
        moment = "strftime('%Y-%m-%d %H:%M:%S', '{at:%Y-%m-%d %H:%M:%S}', '+' || {seconds} || ' seconds') || '.000000'"
        people = f"(SELECT row_number() OVER (ORDER BY id) - 1 AS k, id, account_id FROM memberships LIMIT {_PEOPLE})"
    else:
        row, service = "CAST(lpad(to_hex(i), 32, '0') AS uuid)", "'business-hub'"
        series = f"generate_series(1, {number}) i"
        moment = "timestamptz '{at:%Y-%m-%d %H:%M:%S}+00' + ({seconds}) * interval '1 second'"
        people = f"(SELECT row_number() OVER (ORDER BY id) - 1 AS k, id, account_id FROM memberships LIMIT {_PEOPLE})"
    soon = moment.format(at=near, seconds=f"(i / {PART} % 1800)")
    later = moment.format(at=far, seconds="(i % 20000000)")
    ends = f"CASE WHEN i % {PART} = 0 THEN {soon} ELSE {later} END"
    began = moment.format(at=near, seconds="-31536000").replace("'+' || -", "'-' || ")
    return [
        "UPDATE memberships SET service = 'business-hub'",
        (
            "INSERT INTO license_batches (id, note, source, product, policy, count, issued_at) "
            f"VALUES ('{batch}', '', 'staff', 'endpoint-security', 'business-year', {number}, {began})"
        ),
        (
            "INSERT INTO licenses "
            "(id, batch_id, product, policy, code_hash, code_tail, seats, begins_at, expires_at, version) "
            f"SELECT {row}, '{batch}', 'endpoint-security', 'business-year', CAST(i AS text), 'ABCDE', 5, "
            f"{began}, {ends}, 1 FROM {series}"
        ),
        (
            "INSERT INTO license_holdings "
            "(id, license_id, person_id, membership_id, service, number, source, added_at, expires_at, renews) "
            f"SELECT {row}, {row}, p.account_id, p.id, {service}, 'ABCDE', 'code', {began}, {ends}, false "
            f"FROM {series} JOIN {people} p ON p.k = i % {_PEOPLE}"
        ),
    ]


def _bare() -> int:
    """Write what is due as one statement, with numbers as the database makes them."""
    sqlite = system.current().database.sqlite
    now = clock.now()
    until = f"{now + timedelta(days=31):%Y-%m-%d %H:%M:%S}"
    since = f"{now + timedelta(days=14):%Y-%m-%d %H:%M:%S}"
    if sqlite:
        number, due, zone = "lower(hex(randomblob(16)))", "datetime(expires_at, '-30 days')", ".000000"
    else:
        number, due, zone = "gen_random_uuid()", "expires_at - interval '720 hours'", "+00"
    with system.current().database.engine.begin() as connection:
        done = connection.execute(
            text(
                f"INSERT INTO reminders ({_COLUMNS}) SELECT {number}, person_id, 'license', license_id, service, "
                f"expires_at, 'P30D', {due} FROM license_holdings WHERE service = 'business-hub' "
                f"AND expires_at > '{since}{zone}' AND expires_at < '{until}{zone}'"
            )
        )
        return int(done.rowcount)


def _empty() -> None:
    database = system.current().database
    with database.engine.begin() as connection:
        for table in ("reminders", "reminder_marks"):
            connection.execute(text(f"DELETE FROM {table}" if database.sqlite else f"TRUNCATE {table}"))
    with database.reading.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)" if database.sqlite else "CHECKPOINT"))


def _resident() -> float:
    """Give the memory of this process in MiB (Linux); nothing where that cannot be read."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS:")) / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--licenses", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--chart", type=Path)
    given = parser.parse_args()
    main(tuple(given.licenses), (given.only,) if given.only else (), given.chart)
