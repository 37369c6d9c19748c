"""Noting a visit against a bare Flask view that adds to as many counters of the same database, in one statement.

`python -m benchmarks.statistics bare PORT` is the bare server, with the environment of the product's.
"""

import json
import sys
from statistics import median
from typing import Any

from flask import Flask, Response, request
from sqlalchemy import create_engine, event, text

from benchmarks.ground import Ground, free_port, grounds, running, suite_server
from benchmarks.load import load
from benchmarks.load import request as written
from benchmarks.table import Row, show
from suite.server import Server, options
from suite.settings import load as settings

ROUNDS, SECONDS, AIM = 5, 2.0, 0.5
COUNTERS = ("page", "before", "time", "screen", "browser", "system", "device", "network", "hour")
TABLE = (
    "CREATE TABLE bare_visits (hour VARCHAR(20), service VARCHAR(80), dimension VARCHAR(80), value VARCHAR(80), "
    "times INTEGER NOT NULL, PRIMARY KEY (hour, service, dimension, value))"
)
ADD = (
    "INSERT INTO bare_visits VALUES "
    + ", ".join(f"('2026-11-24T12', 'my-account', '{one}', :{one}, 1)" for one in COUNTERS)
    + " ON CONFLICT (hour, service, dimension, value) DO UPDATE SET times = bare_visits.times + 1"
)
VISIT = {
    "service": "my-account",
    "events": [{"page": "/help", "before": "/", "seconds": 20, "screen_width": 1440}],
}


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    with grounds(SUITE_VISIT_LIMIT="100000000/minute") as found:
        rows = [compare(ground) for ground in found]
    show("Noting a visit of nine counters, per second (one process, 16 threads, 8 connections)", rows)
    return rows


def compare(ground: Ground) -> Row:
    """Load both servers in turn; the ratio is the median of the pairs."""
    ours, bare = free_port(), free_port()
    asked = {
        ours: [written("POST", "/api/v1/visits", VISIT)],
        bare: [written("POST", "/visits", VISIT)],
    }
    with (
        running(suite_server(ground, ours), ground, ours),
        running([sys.executable, "-m", "benchmarks.statistics", "bare", str(bare)], ground, bare),
    ):
        for port, requests in asked.items():
            load(port, requests, seconds=1.0).must_be_good()
        pairs = []
        for number in range(ROUNDS):
            order = (ours, bare) if number % 2 else (bare, ours)
            rates = {port: load(port, asked[port], seconds=SECONDS).must_be_good() for port in order}
            pairs.append((rates[ours], rates[bare]))
    ratio = median(mine.rate / other.rate for mine, other in pairs)
    return Row(
        f"{ground.name}, bare view with one statement",
        f"{median(mine.rate for mine, _ in pairs):.0f}/s, p99 {median(mine.p99 for mine, _ in pairs):.0f} ms",
        f"{median(other.rate for _, other in pairs):.0f}/s",
        ratio,
        f"{AIM:.2f}",
        ratio >= AIM,
    )


def make(url: str) -> Flask:
    """Make the bare application: it reads JSON, counts and commits, as durably as the product does."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=20)
    if url.startswith("sqlite"):
        event.listen(engine, "connect", _as_durable)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS bare_visits"))
        connection.execute(text(TABLE))
    bare, add = Flask("bare"), text(ADD)

    @bare.post("/visits")
    def visits() -> tuple[str, int]:
        body = json.loads(request.get_data())
        with engine.begin() as connection:
            connection.execute(add, dict.fromkeys(COUNTERS, "x") | {"page": body["events"][0]["page"]})
        return "", 204

    @bare.get("/healthz")
    def healthz() -> Response:
        return Response("ok")

    return bare


def _as_durable(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "busy_timeout=10000", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


if __name__ == "__main__":
    Server(make(settings().database_url), options("127.0.0.1", int(sys.argv[2]), 1, 16)).run()  # type: ignore[arg-type]
