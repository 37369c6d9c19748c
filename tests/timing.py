"""Do answers tell by their time which addresses are known? `python -m tests.timing 2000` measures door by door.

Known and unknown addresses are asked in turn, in an order that is drawn for each pair, so that what else the machine
does falls on both alike. AUC is the chance to tell two answers apart by their time: 0.5 is a coin, and
0.53 is allowed, or what chance alone gives with few samples.
"""

import dataclasses
import random
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from suite import app as application
from suite.accounts import recovery, signin, signup
from suite.kernel import clock
from suite.rights import outside
from tests import databases
from tests.conftest import settings_for
from tests.people import Outbox, People

KNOWN, UNKNOWN = "ann@example.org", "nobody@example.org"
Act = Callable[[], Any]


@dataclass(frozen=True)
class Gap:
    """What the time of answers tells."""

    auc: float
    medians: tuple[float, float]

    @property
    def milliseconds(self) -> float:
        """How much longer the answer for a known address takes."""
        return (self.medians[0] - self.medians[1]) * 1000


def register(people: People, email: str) -> Act:
    return lambda: people.register(email)


def resend(people: People, email: str) -> Act:
    with clock.at(clock.now() - timedelta(minutes=2)):
        registration = people.register(email).json["id"]
    return lambda: people.stranger.post(f"/api/v1/registrations/{registration}/resend")


def confirm(people: People, email: str) -> Act:
    registration = people.register(email).json["id"]
    body = {"code": "000000"}
    return lambda: people.stranger.post(f"/api/v1/registrations/{registration}/confirmation", json=body)


def sign_in(people: People, email: str) -> Act:
    body = {"email": email, "password": "not the one"}
    return lambda: people.stranger.post("/api/v1/sessions", json=body)


def sign_in_with_a_device(people: People, email: str) -> Act:
    body = {"email": email, "password": "not the one", "device_token": "A" * 43}
    return lambda: people.stranger.post("/api/v1/sessions", json=body)


def ask_for_a_password(people: People, email: str) -> Act:
    return lambda: people.stranger.post("/api/v1/recoveries", json={"email": email})


def prove_the_mailbox(people: People, email: str) -> Act:
    asked = people.stranger.post("/api/v1/recoveries", json={"email": email}).json["id"]
    return lambda: people.stranger.post(f"/api/v1/recoveries/{asked}/proof", json={"code": "000000"})


def ask_about_data(people: People, email: str) -> Act:
    body = {"email": email, "kind": "access", "text": "Please send me what you hold."}
    return lambda: people.stranger.post("/api/v1/privacy/requests", json=body)


DOORS: dict[str, tuple[Callable[[People, str], Act], int]] = {
    "register": (register, 202),
    "ask for another code": (resend, 202),
    "type a wrong code": (confirm, 422),
    "sign in": (sign_in, 401),
    "sign in with a device token": (sign_in_with_a_device, 401),
    "ask for a new password": (ask_for_a_password, 202),
    "prove the mailbox, wrong code": (prove_the_mailbox, 422),
    "ask about data": (ask_about_data, 202),
}
"""Every door where an address may be known or not, with the answer a stranger gets."""


@contextmanager
def unlimited() -> Iterator[None]:
    """Let one stranger ask as often as a measurement needs."""
    names = ("PER_NETWORK", "PER_ADDRESS", "PER_ADDRESS_AND_NETWORK", "CODES_PER_ADDRESS")
    doors = (outside, recovery, signin, signup)
    kept = [(module, name, getattr(module, name)) for module in doors for name in names if hasattr(module, name)]
    for module, name, allowance in kept:
        setattr(module, name, dataclasses.replace(allowance, times=10**9))
    try:
        yield
    finally:
        for module, name, allowance in kept:
            setattr(module, name, allowance)


def measure(people: People, door: str, samples: int, *, seed: int = 1) -> Gap:
    """Ask a door so many times for each kind of address."""
    make, status = DOORS[door]
    drawn = random.Random(seed)
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for turn in range(samples + 3):
        for email in drawn.sample([KNOWN, UNKNOWN], 2):
            act = make(people, email)
            begun = time.perf_counter()
            answer = act()
            took = time.perf_counter() - begun
            assert answer.status_code == status, answer.json
            if turn >= 3:  # the first ones load what is loaded late
                times[email].append(took)
    return Gap(auc(times[KNOWN], times[UNKNOWN]), (median(times[KNOWN]), median(times[UNKNOWN])))


def auc(one: list[float], other: list[float]) -> float:
    """Give the chance that a value of the first is greater than one of the second."""
    ordered = sorted(other)
    below = sum(bisect_left(ordered, value) + bisect_right(ordered, value) for value in one)
    return below / (2 * len(one) * len(other))


def main(samples: int) -> int:
    """Measure every door; exit 1 where an answer tells."""
    with tempfile.TemporaryDirectory(prefix="suite-timing-") as folder:
        url = databases.migrated_sqlite(Path(folder))
        app = application.create_app(settings_for(url, Path(folder)))
        people = People(app, Outbox(app))
        people.account(KNOWN)
        told = []
        print(f"{'door':30} {'AUC':>6} {'gap':>9}   of {samples} pairs")
        with unlimited():
            for door in DOORS:
                gap = measure(people, door, samples)
                print(f"{door:30} {gap.auc:6.3f} {gap.milliseconds:+8.3f} ms", flush=True)
                if abs(gap.auc - 0.5) > max(0.03, 4 * (6 * samples) ** -0.5):
                    told.append(door)
    print("Told by time: " + ", ".join(told) if told else "No answer tells.")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
