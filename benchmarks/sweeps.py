"""A sweep over a million rows of which one in a hundred is due, beside the bare DELETE of as many in the same table."""

import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from benchmarks.ground import fill, grounds, inside
from benchmarks.table import Row, show
from suite.kernel import clock, system
from suite.privacy import sweeps
from suite.privacy.due import due

ROWS, DUE, MANY, ROUNDS, AIM = 1_000_000, 10_000, 100_000, 5, 0.5
BATCHES = (500, 4000)
_FILLED = 1  # the session the ground comes with


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL, with the batch size that is used and with others."""
    rows = []
    with grounds(SUITE_LOG_LEVEL="error") as found:
        for ground in found:
            fill(ground, 1)
            with inside(ground) as running:
                rows += _measure(ground.name, "_BATCH" if running.database.sqlite else "_BATCH_POSTGRESQL")
    show(f"Rows deleted per second ({ROWS:,} sessions, {DUE:,} of them due) beside one bare DELETE", rows)
    return rows


def _measure(name: str, setting: str) -> list[Row]:
    _insert(ROWS - DUE, due=False)
    now = clock.now()
    (rule,) = (one for one in due(now) if one.table.name == "sessions")

    def swept() -> None:
        list(sweeps._batches(rule, now))

    used = getattr(sweeps, setting)
    rows = [_pair(f"{name}, the rule of the table, batches of {used}", swept, aim=True)]
    rows.append(_pair(f"{name}, the same with {MANY:,} due", swept, number=MANY))
    rows.append(_pair(f"{name}, the whole sweep of every table", lambda: sweeps.sweep(daily=False)))
    for batch in BATCHES:
        setattr(sweeps, setting, batch)
        rows.append(_pair(f"{name}, the rule of the table, batches of {batch}", swept))
    setattr(sweeps, setting, used)
    idle = statistics.median(_time(lambda: sweeps.sweep(daily=False)) for _ in range(ROUNDS))
    rows.append(Row(f"{name}, a whole sweep with nothing due", f"{idle * 1000:.0f} ms"))
    return rows


def _pair(what: str, act: Callable[[], Any], *, number: int = DUE, aim: bool = False) -> Row:
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(_timed(act, number))
        bare.append(_timed(_bare, number))
    fast, slow = statistics.median(bare), statistics.median(ours)
    reached = fast / slow >= AIM if aim else None
    return Row(
        what, f"{number / slow:,.0f}/s", f"{number / fast:,.0f}/s", fast / slow, f"{AIM}" if aim else "", reached
    )


def _time(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _timed(act: Callable[[], Any], number: int) -> float:
    _insert(number, due=True)
    took = _time(act)
    with system.current().database.engine.begin() as connection:
        left = connection.scalar(text("SELECT count(*) FROM sessions WHERE expires_at < '2089-01-01'"))
    assert left == _FILLED, left
    return took


def _bare() -> None:
    with system.current().database.engine.begin() as connection:
        past = "'2026-01-01 00:00:00.000000'" if system.current().database.sqlite else "timestamptz '2026-01-01'"
        connection.execute(text(f"DELETE FROM sessions WHERE expires_at <= {past}"))


def _insert(number: int, *, due: bool) -> None:
    """Write sessions of one account, spread over the table as random numbers spread them."""
    sqlite = system.current().database.sqlite
    if sqlite:
        series = f"(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) SELECT i FROM n)"
        row, token = "lower(hex(randomblob(16)))", "lower(hex(randomblob(32)))"
        at = "'2026-01-01 00:00:00.000000'" if due else "'2090-01-01 00:00:00.000000'"
    else:
        series = f"generate_series(1, {number}) i"
        row, token = "gen_random_uuid()", "md5(random()::text) || md5(random()::text)"
        at = "timestamptz '2026-01-01'" if due else "timestamptz '2090-01-01' + i * interval '1 second'"
    with system.current().database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sessions (id, account_id, token_hash, client, created_at, seen_at, fresh_at, expires_at) "
                f"SELECT {row}, (SELECT id FROM accounts LIMIT 1), {token}, 'app', {at}, {at}, {at}, {at} FROM {series}"
            )
        )
        connection.execute(text("ANALYZE sessions"))


if __name__ == "__main__":
    main()
