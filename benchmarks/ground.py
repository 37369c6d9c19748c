"""What benchmarks stand on: databases with people in them, and servers in processes of their own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert

from suite import app
from suite.accounts.models import Account, KnownDevice, Membership, Session
from suite.accounts.sessions import LIFETIMES
from suite.factors import challenges, enrolment
from suite.kernel import clock, db, secrets, system
from suite.kernel.ids import new_id
from suite.kernel.passwords import hash_password
from suite.privacy import Person
from suite.settings import load, new_key
from tests import databases

ROOT = Path(__file__).parent.parent
PASSWORD = "four tall green bottles"
KEY = new_key()


@dataclass(frozen=True)
class Ground:
    """A migrated database with people."""

    name: str
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return self.environment["SUITE_DATABASE_URL"]


@contextlib.contextmanager
def grounds(*names: str, **settings: str) -> Iterator[list[Ground]]:
    """Make the databases; PostgreSQL is left out with a sentence when no server can be had."""
    with tempfile.TemporaryDirectory(prefix="suite-bench-") as folder:
        found = []
        for name in names or ("sqlite", "postgresql"):
            place = Path(folder, name)
            place.mkdir()
            url = databases.migrated_sqlite(place) if name == "sqlite" else databases.migrated_postgresql()
            if url is None:
                print(databases.MISSING)
                continue
            environment = {
                "SUITE_DATA_FOLDER": str(place),
                "SUITE_DATABASE_URL": url,
                "SUITE_SECRET_KEYS": KEY,
                "SUITE_REQUEST_LIMIT": "100000000/minute",
            }
            found.append(Ground(name, environment | settings))
        yield found


@contextlib.contextmanager
def inside(ground: Ground) -> Iterator[system.System]:
    """Run stories on the database from this process."""
    running = app.start(load(ground.environment | {"SUITE_LOG_LEVEL": "error"}))
    try:
        yield running
    finally:
        running.database.close()


def fill(ground: Ground, people: int) -> list[str]:
    """Put people with one session each into the database, all with the same password; give their tokens."""
    with inside(ground):
        hashed, now = hash_password(PASSWORD), clock.now()
        ids = [new_id() for _ in range(people)]
        tokens = [secrets.new_token() for _ in ids]
        with db.transaction() as session:
            session.execute(insert(Person), [{"id": one} for one in ids])
            session.execute(
                insert(Account),
                [
                    {
                        "id": one,
                        "address": address(number),
                        "email_key": address(number),
                        "password_hash": hashed,
                        "language": "en",
                        "created_at": now,
                        "seen_at": now,
                    }
                    for number, one in enumerate(ids)
                ],
            )
            session.execute(
                insert(Membership), [{"account_id": one, "service": "my-account", "joined_at": now} for one in ids]
            )
            session.execute(
                insert(Session),
                [
                    {
                        "account_id": one,
                        "token_hash": secrets.token_hash(token),
                        "client": "app",
                        "created_at": now,
                        "seen_at": now,
                        "fresh_at": now,
                        "expires_at": now + LIFETIMES["app"].whole,
                    }
                    for one, token in zip(ids, tokens, strict=True)
                ],
            )
            session.execute(
                insert(KnownDevice),
                [
                    {
                        "account_id": one,
                        "token_hash": secrets.token_hash(device(number)),
                        "first_seen": now,
                        "last_seen": now,
                    }
                    for number, one in enumerate(ids)
                ],
            )
        return tokens


def fill_challenges(ground: Ground, people: int) -> list[dict[str, str]]:
    """Put people with an authenticator app and an open challenge into the database; give the answers to all of them."""
    answers = []
    with inside(ground):
        hashed = hash_password(PASSWORD)
        for first in range(0, people, 500):
            with db.transaction() as session:
                for number in range(first, min(first + 500, people)):
                    person = Person(id=new_id())
                    session.add(person)
                    session.flush()
                    session.add(
                        Account(
                            id=person.id,
                            address=f"safe{number}@example.org",
                            email_key=f"safe{number}@example.org",
                            password_hash=hashed,
                            language="en",
                            created_at=clock.now(),
                        )
                    )
                    session.flush()
                    session.add(
                        KnownDevice(
                            account_id=person.id,
                            token_hash=secrets.token_hash(f"safe{device(number)}"),
                            first_seen=clock.now(),
                            last_seen=clock.now(),
                        )
                    )
                    factor, provision = enrolment.add_app(person.id, name="app", label="app", issuer="suite")
                    factor.pending_since = None
                    session.flush()
                    _, token = challenges.open_one(person.id, use="sign_in", bound_to="app")
                    answers.append(
                        {"challenge": token, "secret": provision.secret, "device_token": f"safe{device(number)}"}
                    )
    return answers


def device(number: int) -> str:
    """Give the device token of a person of the ground."""
    return f"device-{number:036d}"


def address(number: int) -> str:
    """Give the address of a person of the ground."""
    return f"person{number}@example.org"


def free_port() -> int:
    """Let the system choose a port."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def suite_server(ground: Ground, port: int, *, workers: int = 1, jobs: bool = False) -> list[str]:
    """Give the command of the product's server."""
    command = [sys.executable, "-m", "suite.cli", "serve", "--quiet", "--port", str(port), "--workers", str(workers)]
    return [*command, "--jobs" if jobs else "--no-jobs"]


@contextlib.contextmanager
def running(command: list[str], ground: Ground, port: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; wait for its first answer when a port is given."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUITE_")}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=environment | ground.environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log
        )
        try:
            if port is not None and not answers(port, process):
                log.seek(0)
                raise RuntimeError("The server did not start:\n" + log.read().decode()[-2000:])
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def answers(port: int, process: subprocess.Popen[bytes], patience: float = 20.0) -> bool:
    """Ask for /healthz until it is answered with 200."""
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            if connection.recv(64).startswith(b"HTTP/1.1 200"):
                return True
        time.sleep(0.002)
    return False
