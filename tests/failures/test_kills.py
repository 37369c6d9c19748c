"""The server as a process: killed at bad moments it loses nothing, asked to end it finishes what runs."""

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.failures.crowd import at_once
from tests.failures.peers import MailServer, mail_server
from tests.failures.served import Answer, Served
from tests.people import PASSWORD


@pytest.fixture
def sink() -> Iterator[MailServer]:
    """Give the mail server the product sends to."""
    with mail_server() as server:
        yield server


@pytest.fixture
def served(tmp_path: Path, sink: MailServer) -> Iterator[Served]:
    """Give a running server."""
    server = Served(
        tmp_path,
        mail="smtp",
        smtp_port=sink.port,
        smtp_security="none",
        hash_threads=1,
        hash_queue=400,
    )
    server.start()
    yield server
    server.close()


def register(served: Served, number: int) -> Answer:
    body = {"service": "my-account", "email": f"person{number}@example.org", "password": PASSWORD, "profile": {}}
    return served.ask("POST", "/api/v1/registrations", body, network=f"10.0.{number // 200}.{number % 200 + 1}")


def until(condition: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.01)


def test_killed_five_times_the_server_loses_nothing_it_acknowledged() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.failures.kill_driver", "--cycles", "5"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Killed 5 times; nothing was lost." in done.stdout


def test_asked_to_end_the_server_answers_the_requests_that_run(served: Served) -> None:
    answers: list[Answer] = []

    def crowd() -> None:
        answers.extend(at_once(14, lambda which: register(served, which)))

    clients = threading.Thread(target=crowd)
    clients.start()
    until(lambda: _counted(served) >= 2 * 14)
    unfinished = not answers
    served.terminate()
    status = served.ended(15)
    clients.join(10)

    assert unfinished
    assert [answer.status for answer in answers] == [202] * 14
    assert status == 0


def _counted(served: Served) -> int:
    """Count the allowances taken: two for each registration, right before its password waits to be hashed."""
    with contextlib.closing(sqlite3.connect(served.folder / "var" / "suite.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM limits").fetchone()[0])


def test_asked_to_end_the_server_finishes_the_mail_it_is_sending(served: Served, sink: MailServer) -> None:
    sink.pause = 1.0
    register(served, 1)
    until(lambda: sink.taken)

    served.terminate()
    status = served.ended(15)
    sink.pause = 0.0
    served.start()
    time.sleep(1.0)

    assert status == 0
    assert len(sink.taken) == 1


def test_what_was_not_begun_before_the_end_is_done_right_after_the_start(served: Served, sink: MailServer) -> None:
    sink.pause = 0.3
    at_once(14, lambda which: register(served, which))

    served.terminate()
    status = served.ended(20)
    before = len(sink.taken)
    sink.pause = 0.0
    served.start()
    until(lambda: len(sink.taken) >= 14, 5)

    assert status == 0
    assert before < 14
    assert len({mail["To"] for mail in sink.taken}) == len(sink.taken) == 14


def test_two_hundred_writers_at_once_never_find_the_database_locked(tmp_path: Path) -> None:
    served = Served(tmp_path, hash_queue=400, log_level="info")
    served.start()
    try:
        refused: list[Answer] = []

        def write(number: int) -> Answer:
            answer = register(served, number)
            while answer.status == 503:
                refused.append(answer)
                time.sleep(float(answer.headers["Retry-After"]) / 4)
                answer = register(served, number)
            return answer

        answers = at_once(200, write)
        log = served.log()
    finally:
        served.close()

    assert [answer.status for answer in answers] == [202] * 200
    assert {answer.code for answer in refused} <= {"busy"}
    assert "locked" not in log
    assert "unavailable" not in log
    assert "internal_error" not in log
