"""Sign-in and sign-up against the raw argon2id rate of the same cores, while somebody else asks who he is."""

import itertools
import os
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pyotp

from benchmarks.ground import (
    PASSWORD,
    Ground,
    address,
    device,
    fill,
    fill_challenges,
    free_port,
    grounds,
    running,
    suite_server,
)
from benchmarks.load import Result, load, request, start
from benchmarks.table import Row, show

PEOPLE, FACTORS, ROUNDS, SECONDS, AIM, P99_AIM = 200, 3000, 3, 5.0, 0.90, 300
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_counter = itertools.count()


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds(SUITE_TRUSTED_PROXIES="1", SUITE_HASH_THREADS=str(CORES)) as found:
        for ground in found:
            rows += compare(ground, fill(ground, PEOPLE), fill_challenges(ground, FACTORS))
    show(f"Passwords per second on {CORES} cores; p99 is that of who-am-I meanwhile, 20 times a second", rows)
    return rows


def compare(ground: Ground, tokens: list[str], questions: list[dict[str, str]]) -> list[Row]:
    """Take turns: raw hashes, sign-ins of known and of new devices, both steps with a second factor, sign-ups."""
    port = free_port()
    other = [request("GET", "/api/v1/me", Authorization=f"Bearer {tokens[0]}", X_Forwarded_For="10.255.0.1")]
    raw, waits = [], []
    rates: dict[str, list[float]] = defaultdict(list)
    made = {
        "sign in": lambda: sign_ins(2000, known=True),
        "sign in on a new device": lambda: sign_ins(2000, known=False),
        "sign up": lambda: sign_ups(2000),
        "password where a factor is asked": lambda: first_steps(2000),
    }
    with running(suite_server(ground, port), ground, port):
        load(port, sign_ins(50, known=True), seconds=1.0).must_be_good()
        for _ in range(ROUNDS):
            raw.append(raw_rate())
            for name, make in made.items():
                beside = start(port, other, seconds=SECONDS, connections=1, pause=0.05)
                busy = start(port, make(), seconds=SECONDS, connections=2 * CORES + 2, once=True)
                rates[name].append(busy.result().must_be_good().rate)
                waits.append(beside.result().must_be_good())
            answers = second_steps([questions.pop() for _ in range(FACTORS // ROUNDS)])
            rates["code"].append(start(port, answers, seconds=SECONDS, once=True).result().must_be_good().rate)
    both = zip(rates.pop("password where a factor is asked"), rates.pop("code"), strict=True)
    rates["sign in with a second factor"] = [1 / (1 / first + 1 / second) for first, second in both]
    return [row(f"{ground.name}, {name}", found, raw, waits) for name, found in rates.items()]


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


def sign_ins(count: int, *, known: bool) -> list[str]:
    """Make sign-ins of many people from many networks, so that no limit is met."""
    return [
        request(
            "POST",
            "/api/v1/sessions",
            {"email": address(number % PEOPLE), "password": PASSWORD}
            | ({"device_token": device(number % PEOPLE)} if known else {}),
            X_Forwarded_For=_network(),
        )
        for number in range(count)
    ]


def first_steps(count: int) -> list[str]:
    """Make right passwords of people with a second factor."""
    return [
        request(
            "POST",
            "/api/v1/sessions",
            {
                "email": f"safe{number % FACTORS}@example.org",
                "password": PASSWORD,
                "device_token": f"safe{device(number % FACTORS)}",
            },
            X_Forwarded_For=_network(),
        )
        for number in range(count)
    ]


def second_steps(questions: list[dict[str, str]]) -> list[str]:
    """Make the right codes for open challenges."""
    return [
        request(
            "POST",
            "/api/v1/sessions/challenge",
            {
                "challenge": one["challenge"],
                "method": "totp",
                "code": pyotp.TOTP(one["secret"]).now(),
                "device_token": one["device_token"],
            },
            X_Forwarded_For=_network(),
        )
        for one in questions
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
