"""Memory of a server with two workers after some work: the proportional set sizes of all its processes (Linux)."""

from pathlib import Path

from benchmarks.ground import fill, free_port, grounds, running, suite_server
from benchmarks.load import load, request
from benchmarks.table import Row, show

AIM = 150


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    if not Path("/proc/self/smaps_rollup").exists():
        print("Memory is measured from /proc, which is not there.")
        return rows
    with grounds() as found:
        for ground in found:
            tokens = fill(ground, 100)
            port = free_port()
            asked = [request("GET", "/api/v1/me", Authorization=f"Bearer {token}") for token in tokens]
            asked += [request("GET", path) for path in ("/api/v1/services", "/openapi.json", "/privacy", "/docs")]
            with running(suite_server(ground, port, workers=2, jobs=True), ground, port) as process:
                load(port, asked, seconds=3.0).must_be_good()
                size = sum(proportional(pid) for pid in family(process.pid))
            rows.append(Row(ground.name, f"{size:.0f} MiB", aim=f"{AIM} MiB", reached=size < AIM))
    show("Memory of two workers with their job threads, after some thousand requests", rows)
    return rows


def family(pid: int) -> list[int]:
    """Give a process and everything it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def proportional(pid: int) -> float:
    """Give the memory of a process in MiB, shared pages divided among those who share them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
