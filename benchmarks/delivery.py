"""Mails delivered per second by one `suite worker` to a mail server on loopback, and the memory it takes."""

import re
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select

from benchmarks.ground import ROOT, Ground, address, fill, free_port, grounds, inside, running
from benchmarks.table import Row, show
from suite.accounts import letters
from suite.accounts.models import Account
from suite.kernel import db
from suite.messages import post

MAILS, PEOPLE, AIM, MEMORY_AIM = 1000, 100, 100, 60


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    port = free_port()
    with grounds(
        SUITE_MAIL="smtp", SUITE_SMTP_PORT=str(port), SUITE_SMTP_SECURITY="none", SUITE_LOG_LEVEL="error"
    ) as found:
        for ground in found:
            rate, memory = deliver(ground, port)
            reached = rate > AIM and memory < MEMORY_AIM
            rows.append(
                Row(ground.name, f"{rate:.0f}/s, {memory:.0f} MiB", aim=f"{AIM}/s, {MEMORY_AIM} MiB", reached=reached)
            )
    show(f"Mails delivered per second ({MAILS} waiting, one worker), and its resident memory at the end", rows)
    return rows


def deliver(ground: Ground, port: int) -> tuple[float, float]:
    """Let mails wait, start the worker, and take the time at the receiver."""
    fill(ground, PEOPLE)
    with inside(ground), db.transaction() as session:
        people = session.scalars(select(Account.id)).all()
        for number in range(MAILS):
            facts = {"service": "My Account"}
            person = people[number % PEOPLE]
            post(letters.already_registered, person_id=person, to=address(number), language="en", facts=facts)
    sink = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sink", str(port), str(MAILS)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert sink.stdout is not None
    sink.stdout.readline()
    with running([sys.executable, "-m", "suite.cli", "worker"], ground) as worker:
        took = float(sink.stdout.readline())
        memory = resident(worker.pid)
        time.sleep(0.5)
    sink.wait(10)
    return (MAILS - 1) / took, memory


def resident(pid: int) -> float:
    """Give the resident memory of a process in MiB; 0 where /proc does not say."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0
