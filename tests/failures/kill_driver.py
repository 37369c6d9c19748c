"""Kill the server again and again while people register and confirm; then look for anything that was lost.

`python -m tests.failures.kill_driver --cycles 500`; the suite runs a few cycles.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from suite.app import start
from suite.kernel import clock, db, system
from suite.kernel.ids import new_id
from suite.kernel.models import Job
from suite.messages import outbox
from suite.messages.models import Message
from suite.privacy import Person
from suite.settings import load
from tests.failures.peers import MailServer
from tests.failures.served import Served
from tests.failures.server_with_reminders import reminder
from tests.people import PASSWORD

CLIENTS = 6
POINTS = ("acknowledged", "offered", "taken", "confirming", "random")
"""Killed after the answer and before delivery; while the mail server is silent; when it has taken the mail and
before it says so; while confirmations run; at any moment."""


class Sink(MailServer):
    """A mail server that can keep silent after the content, and tell when it has some."""

    def __init__(self) -> None:
        super().__init__()
        self.silent = False
        self.takes = True
        self.offered = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.offered.set()
        if not self.silent:
            return await super().handle_DATA(server, session, envelope)
        if self.takes:
            await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(30)
        return "451 too late"


class Drill:
    """Everything that was acknowledged, and the means to ask for it afterwards."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.sink = Sink()
        self.sink.start()
        self.server = Served(
            folder,
            program="tests.failures.server_with_reminders",
            mail="smtp",
            smtp_port=self.sink.port,
            smtp_security="none",
            smtp_timeout=20,
        )
        self.registered: dict[str, str] = {}
        self.confirmed: set[str] = set()
        self.reminders = 0
        self.done: Counter[str] = Counter()
        self._number = 0
        self._lock = threading.Lock()

    def network(self) -> str:
        return f"10.{self.chance.randrange(256)}.{self.chance.randrange(256)}.{self.chance.randrange(1, 255)}"

    def register(self) -> str | None:
        """Register somebody new; give the address when that was acknowledged."""
        with self._lock:
            self._number += 1
            address = f"person{self._number}@example.org"
        body = {"service": "my-account", "email": address, "password": PASSWORD, "profile": {}}
        answer = self.server.ask("POST", "/api/v1/registrations", body, network=self.network())
        if answer.status != 202:
            raise AssertionError(f"{answer.status} {answer.code} for a registration")
        self.registered[address] = answer.body["id"]
        return address

    def code(self, address: str, seconds: float, stop: threading.Event | None = None) -> str | None:
        """Wait for the mail to an address; give its code."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not (stop and stop.is_set()):
            for mail in reversed(self.sink.taken):
                if mail["To"] == address:
                    return str(mail["Subject"]).rsplit(" ", 1)[1]
            time.sleep(0.01)
        return None

    def confirm(self, address: str, code: str) -> None:
        """Confirm; a registration that is gone was confirmed by a request that got no answer."""
        path = f"/api/v1/registrations/{self.registered[address]}/confirmation"
        answer = self.server.ask("POST", path, {"code": code}, network=self.network())
        if answer.status == 201 or answer.code == "registration_gone":
            self.confirmed.add(address)
        else:
            raise AssertionError(f"{answer.status} {answer.code} for the confirmation of {address}")

    def remind(self) -> None:
        """Write a letter that is to leave at most once."""
        with db.transaction() as session:
            person = Person(id=new_id())
            session.add(person)
            session.flush()
            facts = {"number": self.reminders}
            outbox.post(reminder, person_id=person.id, to="reminded@example.org", language="en", facts=facts)
        self.reminders += 1


def drill(cycles: int, folder: Path, seed: int, say: Callable[[str], None]) -> list[str]:
    """Run so many cycles; give what was lost, doubled or broken."""
    one = Drill(folder, seed)
    try:
        one.server.start()
        start(load(one.server.settings))
        for number in range(cycles):
            point = POINTS[number % len(POINTS)]
            problems = _cycle(one, point)
            one.done[point] += 1
            if problems:
                return [f"cycle {number}, killed at {point}: {problem}" for problem in problems]
            say(f"{number + 1}/{cycles} {point}: {len(one.registered)} registered, {len(one.confirmed)} confirmed")
        return _at_the_end(one)
    finally:
        one.server.close()
        one.sink.stop()
        if system._system is not None:
            system.current().database.close()


def _cycle(one: Drill, point: str) -> list[str]:
    """Work, kill at the point, start again, finish what was acknowledged."""
    unexpected: list[str] = []
    stop = threading.Event()
    one.sink.offered.clear()
    one.sink.silent, one.sink.takes = point in {"offered", "taken"}, point == "taken"
    clients = [threading.Thread(target=_work, args=(one, stop, unexpected, point)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    one.remind()
    _wait_for(one, point)
    one.server.kill()
    stop.set()
    for client in clients:
        client.join(40)
    one.sink.silent = False
    _let_leases_end()
    one.server.start()
    for address in sorted(set(one.registered) - one.confirmed):
        code = one.code(address, 15)
        if code is None:
            unexpected.append(f"no mail ever came to {address}")
            continue
        try:
            one.confirm(address, code)
        except (AssertionError, OSError) as problem:
            unexpected.append(str(problem))
    return unexpected


def _work(one: Drill, stop: threading.Event, unexpected: list[str], point: str) -> None:
    """Register and confirm until the server is gone."""
    while not stop.is_set():
        try:
            address = one.register()
            if address is None or point == "acknowledged":
                continue
            code = one.code(address, 0.1 if one.sink.silent else 2, stop)
            if code is not None and not stop.is_set():
                one.confirm(address, code)
        except OSError:
            return
        except AssertionError as problem:
            unexpected.append(str(problem))
            return


def _wait_for(one: Drill, point: str) -> None:
    if point == "acknowledged":
        before = len(one.registered)
        _until(lambda: len(one.registered) > before)
    elif point in {"offered", "taken"}:
        one.sink.offered.wait(10)
        time.sleep(0.05)
    elif point == "confirming":
        before = len(one.confirmed)
        _until(lambda: len(one.confirmed) > before)
    else:
        time.sleep(one.chance.uniform(0.0, 0.6))


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not condition() and time.monotonic() < until:
        time.sleep(0.001)


def _let_leases_end() -> None:
    """Do what a minute of waiting would: the jobs of the killed worker are free."""
    with db.transaction() as session:
        session.execute(update(Job).where(Job.owner.is_not(None)).values(due_at=clock.now()))


def _at_the_end(one: Drill) -> list[str]:
    """Everybody signs in; nothing waits; every reminder came at most once and its fate is known."""
    problems = []
    for address in sorted(one.registered):
        body = {"email": address, "password": PASSWORD}
        answer = one.server.ask("POST", "/api/v1/sessions", body, network=one.network())
        if answer.status != 201:
            problems.append(f"{address} cannot sign in: {answer.status} {answer.code}")
    _until(lambda: not _waiting_messages())
    problems += [f"a message waits for ever: {state}" for state in _waiting_messages()]
    came = Counter(_reminder_number(mail) for mail in one.sink.taken if mail["Subject"].startswith("Reminder"))
    problems += [f"reminder {number} came {times} times" for number, times in came.items() if times > 1]
    states = Counter(_states("test_reminder"))
    if sum(states.values()) != one.reminders or set(states) - {"sent", "unknown"}:
        problems.append(f"of {one.reminders} reminders: {dict(states)}")
    if len(came) < states["sent"]:
        problems.append(f"{states['sent']} reminders are said to be sent, {len(came)} came")
    one.server.kill()
    path = Path(system.current().settings.database_url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    connection.close()
    if verdict != "ok" or broken:
        problems.append(f"the database is damaged: {verdict} {broken}")
    return problems


def _reminder_number(mail: EmailMessage) -> str:
    return str(mail["Subject"])


def _states(letter: str) -> list[str]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Message.state).where(Message.letter == letter)))


def _waiting_messages() -> list[str]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Message.state).where(Message.state.in_(["queued", "sending"]))))


def main() -> None:
    """Run the drill; exit 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="suite-kills-") as folder:
        problems = drill(given.cycles, Path(folder), given.seed, lambda line: print(line, flush=True))
    print("\n".join(problems) or f"Killed {given.cycles} times; nothing was lost.")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
