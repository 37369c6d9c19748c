"""Sign-in and sign-up against the raw argon2id rate of the same cores, while somebody else asks who he is."""

import itertools
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from benchmarks.ground import PASSWORD, Ground, address, fill, free_port, grounds, running, suite_server
from benchmarks.load import Result, load, request, start
from benchmarks.table import Row, show

PEOPLE, ROUNDS, SECONDS, AIM, P99_AIM = 200, 3, 5.0, 0.90, 300
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_counter = itertools.count()


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds(SUITE_TRUSTED_PROXIES="1", SUITE_HASH_THREADS=str(CORES)) as found:
        for ground in found:
            rows += compare(ground, fill(ground, PEOPLE))
    show(f"Passwords per second on {CORES} cores; p99 is that of who-am-I meanwhile, 20 times a second", rows)
    return rows


def compare(ground: Ground, tokens: list[str]) -> list[Row]:
    """Take turns: raw hashes, sign-ins, sign-ups."""
    port = free_port()
    other = [request("GET", "/api/v1/me", Authorization=f"Bearer {tokens[0]}", X_Forwarded_For="10.255.0.1")]
    raw, ins, ups, waits = [], [], [], []
    with running(suite_server(ground, port), ground, port):
        load(port, sign_ins(50), seconds=1.0).must_be_good()
        for _ in range(ROUNDS):
            raw.append(raw_rate())
            for found, made in ((ins, sign_ins), (ups, sign_ups)):
                beside = start(port, other, seconds=SECONDS, connections=1, pause=0.05)
                busy = start(port, made(2000), seconds=SECONDS, connections=2 * CORES + 2, once=True)
                found.append(busy.result().must_be_good().rate)
                waits.append(beside.result().must_be_good())
    return [row(f"{ground.name}, {name}", rates, raw, waits) for name, rates in (("sign in", ins), ("sign up", ups))]


def row(what: str, rates: list[float], raw: list[float], waits: list[Result]) -> Row:
    """Compare pair by pair."""
    ratio = median(mine / other for mine, other in zip(rates, raw, strict=True))
    p99 = max(one.p99 for one in waits)
    return Row(
        what,
        f"{median(rates):.1f}/s, p99 {p99:.0f} ms",
        f"{median(raw):.1f}/s raw",
        ratio,
        f"{AIM:.2f}, {P99_AIM} ms",
        ratio >= AIM and p99 < P99_AIM,
    )


def sign_ins(count: int) -> list[str]:
    """Make sign-ins of many people from many networks, so that no limit is met."""
    return [
        request(
            "POST",
            "/api/v1/sessions",
            {"email": address(number % PEOPLE), "password": PASSWORD},
            X_Forwarded_For=_network(),
        )
        for number in range(count)
    ]


def sign_ups(count: int) -> list[str]:
    """Make registrations of new addresses."""
    return [
        request(
            "POST",
            "/api/v1/registrations",
            {"service": "my-account", "email": f"new{next(_counter)}@example.org", "password": PASSWORD},
            X_Forwarded_For=_network(),
        )
        for _ in range(count)
    ]


def _network() -> str:
    number = next(_counter)
    return f"10.{number >> 16 & 127}.{number >> 8 & 255}.{number & 255}"


def raw_rate() -> float:
    """Hash with the product's parameters on as many threads as there are cores, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.passwords"], capture_output=True, text=True, check=True)
    return float(done.stdout)


def raw() -> float:
    """Count argon2id hashes per second."""
    from argon2.low_level import Type, hash_secret

    from suite.kernel.passwords import MEMORY_KIB, ROUNDS

    until = time.perf_counter() + SECONDS

    def work(_: int) -> int:
        count = 0
        while time.perf_counter() < until:
            hash_secret(b"x" * 32, b"s" * 16, ROUNDS, MEMORY_KIB, 1, 32, Type.ID)
            count += 1
        return count

    began = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        total = sum(pool.map(work, range(CORES)))
    return total / (time.perf_counter() - began)


if __name__ == "__main__":
    print(raw())
