"""Who-am-I against a bare Flask view with one indexed Core SELECT, on the same rows, database and server options."""

import sys
from statistics import median

from benchmarks.ground import Ground, fill, free_port, grounds, running, suite_server
from benchmarks.load import load, request
from benchmarks.table import Row, show

PEOPLE, ROUNDS, SECONDS, AIM = 1000, 7, 2.0, 0.80


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds() as found:
        for ground in found:
            tokens = fill(ground, PEOPLE)
            rows += [compare(ground, tokens, kind) for kind in ("default", "autocommit")]
    show("Who am I, answers per second (one process, 16 threads, 8 connections)", rows)
    return rows


def compare(ground: Ground, tokens: list[str], kind: str) -> Row:
    """Let both servers run and load them in turn; the ratio is the median of the pairs."""
    asked = [request("GET", "/api/v1/me", Authorization=f"Bearer {token}") for token in tokens]
    ours, bare = free_port(), free_port()
    with (
        running(suite_server(ground, ours), ground, ours),
        running([sys.executable, "-m", "benchmarks.bare", str(bare), kind], ground, bare),
    ):
        for port in (ours, bare):
            load(port, asked, seconds=1.0).must_be_good()
        pairs = []
        for number in range(ROUNDS):
            order = (ours, bare) if number % 2 else (bare, ours)
            rates = {port: load(port, asked, seconds=SECONDS).must_be_good() for port in order}
            pairs.append((rates[ours], rates[bare]))
    if max(one.busy for pair in pairs for one in pair) > 0.9:
        print("The load client was the bottleneck: these figures are too low.")
    ratio = median(mine.rate / other.rate for mine, other in pairs)
    return Row(
        f"{ground.name}, bare view with {'BEGIN and ROLLBACK' if kind == 'default' else 'AUTOCOMMIT'}",
        f"{median(mine.rate for mine, _ in pairs):.0f}/s, p99 {median(mine.p99 for mine, _ in pairs):.0f} ms",
        f"{median(other.rate for _, other in pairs):.0f}/s",
        ratio,
        f"{AIM:.2f}",
        ratio >= AIM,
    )
