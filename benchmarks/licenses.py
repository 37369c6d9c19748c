"""Issuing licences beside a bare executemany of as many finished rows into the same table, in transactions as large."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, cast

from sqlalchemy import Table, delete, insert

from benchmarks.ground import grounds, inside
from benchmarks.table import Row, show
from suite.kernel import clock, db, system
from suite.kernel.ids import new_id
from suite.licenses import issue
from suite.licenses.issuing import CHUNK
from suite.licenses.models import License, LicenseBatch

COUNT, ROUNDS, AIM = 20_000, 5, 0.5


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds(SUITE_LOG_LEVEL="error") as found:
        for ground in found:
            with inside(ground):
                rows.append(_compare(ground.name))
    show(f"Licences issued per second ({COUNT:,} a time, committed by {CHUNK:,}) beside one bare executemany", rows)
    return rows


def _compare(name: str) -> Row:
    """Measure both in turn; the ratio is the median of the pairs."""
    batch, pairs = _batch(), []
    for number in range(ROUNDS):
        rows = _rows(batch)
        order: list[Callable[[], Any]] = [_issue, lambda rows=rows: _bare(rows)]
        if number % 2:
            order.reverse()
        took = [_timed(act) for act in order]
        pairs.append(tuple(reversed(took)) if number % 2 else tuple(took))
    ours, bare = (COUNT / median(one[side] for one in pairs) for side in (0, 1))
    ratio = median(theirs / mine for mine, theirs in pairs)
    return Row(name, f"{ours:,.0f}/s", f"{bare:,.0f}/s", ratio, f"{AIM}", ratio >= AIM)


def _issue() -> None:
    with db.transaction():
        for number, _ in enumerate(issue("total-protection", "subscription-year", COUNT, source="command"), 1):
            if number % CHUNK == 0:
                db.settle()


def _bare(rows: list[dict[str, Any]]) -> None:
    statement = insert(cast("Table", License.__table__))
    for first in range(0, len(rows), CHUNK):
        with system.current().database.engine.begin() as connection:
            connection.execute(statement, rows[first : first + CHUNK])


def _timed(act: Callable[[], Any]) -> float:
    with system.current().database.engine.begin() as connection:
        connection.execute(delete(cast("Table", License.__table__)))
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _batch() -> Any:
    with db.transaction() as session:
        batch = LicenseBatch(note="", source="command", product="total-protection", policy="subscription-year", count=0)
        batch.issued_at = clock.now()
        session.add(batch)
    return batch.id


def _rows(batch: Any) -> list[dict[str, Any]]:
    """Make the rows before the clock runs: no codes, no hashes."""
    term = dict.fromkeys(("begins_at", "expires_at", "voided_at", "void_reason"))
    facts = {"batch_id": batch, "product": "total-protection", "policy": "subscription-year", "seats": 1, "version": 1}
    keys = [new_id() for _ in range(COUNT)]
    return [term | facts | {"id": key, "code_hash": key.hex + key.hex, "code_tail": key.hex[:5]} for key in keys]
