"""From the start of the process to the first answer, on a migrated database."""

import time
from statistics import median

from benchmarks.ground import Ground, answers, free_port, grounds, running, suite_server
from benchmarks.table import Row, show

ROUNDS, AIM = 7, 0.8


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds() as found:
        for ground in found:
            took = median(cold_start(ground) for _ in range(ROUNDS))
            rows.append(Row(ground.name, f"{took:.2f} s", aim=f"{AIM} s", reached=took < AIM))
    show("Cold start, with the worker in the same process", rows)
    return rows


def cold_start(ground: Ground) -> float:
    """Give the seconds until /healthz answers."""
    port = free_port()
    began = time.perf_counter()
    with running(suite_server(ground, port, jobs=True), ground) as process:
        if not answers(port, process):
            raise RuntimeError("The server did not start.")
        return time.perf_counter() - began
