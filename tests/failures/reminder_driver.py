"""Kill runs of reminders after every statement in turn; then look for anybody reminded twice or not at all.

A run is a process of its own that ends by SIGKILL right after its n-th statement (or commit), so that it dies between
any two steps of plan, claim, letter and outcome. `python -m tests.failures.reminder_driver --kills 500`; the suite kills
a dozen (test_reminder_kills.py).
"""

import argparse
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, insert, select

from suite import reminders
from suite.app import start
from suite.kernel import access, clock, db, system
from suite.messages.models import Message
from suite.privacy import declared
from suite.reminders import planning, sending
from suite.reminders.models import Reminder
from suite.settings import load
from tests import databases
from tests.conftest import KEY
from tests.privacy.rows import Rows

END = datetime(2027, 4, 15, 9, 30, tzinfo=UTC)
NOW = END - timedelta(days=30)
PEOPLE = 60
_PER_DATABASE = 40
_BATCHES = {"_BATCH": 7, "_BATCH_POSTGRESQL": 7, "_TOGETHER": 0.0}
FACTS: dict[str, dict[str, Any]] = {
    "accounts": {"language": "en"},
    "memberships": {"service": "business-hub"},
    "licenses": {"product": "endpoint-security", "begins_at": NOW, "expires_at": END, "code_tail": "ABCDE"},
    "license_holdings": {"service": "business-hub", "source": "code"},
}


def due_people(count: int = PEOPLE) -> list[Any]:
    """Write people with a licence each that is to be reminded of at one time, by a service that needs no consent."""
    tables = declared().metadata.tables
    with db.transaction() as session:
        rows = Rows(session)
        template = {name: rows.add(name, rows.person(), **facts) for name, facts in FACTS.items()}
        people = [rows.person() for _ in range(count)]
        for name, values in template.items():
            session.execute(insert(tables[name]), [values | _own(name, person, k) for k, person in enumerate(people)])
    return people


def _own(name: str, person: Any, number: int) -> dict[str, Any]:
    """Give what of a row is one person's; one number serves for all that is theirs."""
    address, ends_at = f"{number}@example.org", END + timedelta(seconds=number)
    return {
        "accounts": {"id": person, "email_key": address, "address": address},
        "memberships": {"id": person, "account_id": person},
        "licenses": {"id": person, "code_hash": str(number), "expires_at": ends_at},
        "license_holdings": {
            "id": person,
            "person_id": person,
            "membership_id": person,
            "license_id": person,
            "expires_at": ends_at,
        },
    }[name]


def run_and_die(after: int) -> bool:
    """Run reminders in a child that is killed after so many statements; say whether it was killed before its end."""
    child = os.fork()
    if child == 0:
        _run_child(after)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    assert os.waitstatus_to_exitcode(status) == 0, "The run ended with an error."
    return False


def _run_child(after: int) -> None:
    """Run on connections of its own; whatever happens, the child never comes back into the parent's code."""
    code = 1
    try:
        running = system.current()
        running.database.engine.dispose(close=False)
        running.database.reading.dispose(close=False)
        left = [after]

        def count(*_: Any) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("after_cursor_execute", "commit"):
            event.listen(running.database.engine, name, count)
        for module in (planning, sending):
            for name, value in _BATCHES.items():
                if hasattr(module, name):
                    setattr(module, name, value)
        access.begin(access.SYSTEM, None)
        with clock.at(NOW + timedelta(minutes=5)):
            reminders.run()
        code = 0
    finally:
        os._exit(code)


def wrong(people: list[Any]) -> list[str]:
    """Say what is wrong once a run came to its end."""
    with db.transaction(reading=True) as session:
        letters = Counter(session.scalars(select(Message.person_id)))
        rows = Counter(session.scalars(select(Reminder.person_id)))
        sent = session.scalar(select(func.count()).select_from(Reminder).where(Reminder.outcome == "sent")) or 0
        half = session.scalar(
            select(func.count()).where((Reminder.claimed_at.is_(None)) | (Reminder.outcome.is_(None)))
        )
    problems = []
    if set(letters) != set(people) or set(letters.values()) != {1}:
        problems.append(f"{letters.total()} letters for {len(letters)} of {len(people)} people")
    if rows != Counter(people) or sent != len(people):
        problems.append(f"{rows.total()} rows for {len(rows)} of {len(people)} people, {sent} of them sent")
    if half:
        problems.append(f"{half} rows were left half done")
    return problems


def drill(folder: Path, name: str, chance: random.Random, wanted: int) -> tuple[int, list[str]]:
    """Kill runs on one database until all is sent; give how many were killed, and what is wrong at the end."""
    url = databases.migrated_sqlite(folder) if name == "sqlite" else databases.migrated_postgresql()
    if url is None:
        sys.exit(databases.MISSING)
    given = {"SUITE_DATA_FOLDER": str(folder), "SUITE_DATABASE_URL": url, "SUITE_SECRET_KEYS": KEY}
    running = start(load(given | {"SUITE_LOG_LEVEL": "error"}))
    try:
        people, kills, ended = due_people(), 0, False
        while kills < wanted and not ended:
            ended = not run_and_die(chance.randrange(60))
            kills += not ended
        run_and_die(10**9)
        return kills, wrong(people)
    finally:
        running.database.close()


def main() -> None:
    """Run the drill on one database after the other; exit 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    chance, kills, rounds = random.Random(given.seed), 0, 0
    print(f"seed {given.seed}", flush=True)
    while kills < given.kills:
        name = ("sqlite", "postgresql")[rounds % 2]
        with tempfile.TemporaryDirectory(prefix="suite-reminder-kills-") as folder:
            more, problems = drill(Path(folder), name, chance, min(_PER_DATABASE, given.kills - kills))
        kills, rounds = kills + more, rounds + 1
        print(f"{kills}/{given.kills} runs killed, {name}", flush=True)
        if problems:
            sys.exit("\n".join(problems))
    print(f"Killed {kills} runs; everybody was reminded once.")


if __name__ == "__main__":
    main()
