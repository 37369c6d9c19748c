"""Sweeps as processes: killed at bad moments they lose nothing and do nothing twice; several share the work."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import insert, select

from suite.kernel import db, system
from suite.kernel.models import AuditEntry
from suite.privacy import chain, declared, seal_tombstones
from suite.privacy.models import Tombstone
from tests.conftest import KEY
from tests.privacy.rows import Rows, count

CLOSED = datetime(2025, 1, 31, tzinfo=UTC)
PEOPLE, STAY = 1500, 20


def due_people() -> None:
    """Write accounts that are long due, and some that are not."""
    tables = declared().metadata.tables
    with db.transaction() as session:
        rows = Rows(session)
        wanted: dict[str, list[dict[str, object]]] = {"accounts": [], "memberships": [], "sessions": []}
        template = {name: rows.add(name, rows.person()) for name in wanted}
        people = [rows.person() for _ in range(PEOPLE + STAY)]
        for number, person in enumerate(people):
            account = template["accounts"] | {"id": person, "email_key": str(number), "address": str(number)}
            wanted["accounts"].append(account | {"closed_at": CLOSED if number < PEOPLE else None})
            wanted["memberships"].append(template["memberships"] | {"id": person, "account_id": person})
            wanted["sessions"].append(
                template["sessions"] | {"id": person, "account_id": person, "token_hash": str(number)}
            )
        for name, many in wanted.items():
            session.execute(insert(tables[name]), many)


def sweeper() -> subprocess.Popen[str]:
    """Start `suite privacy sweep` on the database of the round."""
    running = system.current()
    given = {name: value for name, value in os.environ.items() if not name.startswith("SUITE_")}
    given |= {
        "SUITE_DATABASE_URL": running.settings.database_url,
        "SUITE_DATA_FOLDER": str(running.settings.data_folder),
        "SUITE_SECRET_KEYS": KEY,
    }
    words = [sys.executable, "-m", "suite.cli", "privacy", "sweep"]
    return subprocess.Popen(words, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def left() -> int:
    with db.transaction(reading=True) as session:
        return count(session, "people")


def finished(process: subprocess.Popen[str]) -> int:
    """Wait for the end; give how many rows it said it deleted."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return int(next(line for line in out.splitlines() if line.endswith(" rows were deleted.")).split()[0])


def receipts() -> Counter[str]:
    with db.transaction(reading=True) as session:
        return Counter(session.scalars(select(Tombstone.subject).where(Tombstone.kind == "person.erased")))


def swept_accounts() -> int:
    with db.transaction(reading=True) as session:
        entries = session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "retention.swept"))
        return sum(entry["rows"] for entry in entries if entry["table"] == "accounts")


def test_a_sweep_that_is_killed_again_and_again_is_finished_by_the_next(app: object) -> None:
    due_people()
    kills = 0
    for _ in range(2):
        before, process = left(), sweeper()
        while left() == before and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        process.communicate()
    between = left()
    finished(sweeper())
    seal_tombstones.run()

    assert kills >= 1
    assert STAY < between
    assert left() == STAY + 3
    assert len(receipts()) == PEOPLE
    assert set(receipts().values()) == {1}
    assert swept_accounts() == PEOPLE
    assert [*chain.broken_links()] == []


def test_four_sweeps_at_once_delete_every_row_once(app: object) -> None:
    due_people()

    processes = [sweeper() for _ in range(4)]
    totals = [finished(process) for process in processes]

    assert sum(totals) == PEOPLE == swept_accounts()
    assert set(receipts().values()) == {1}
    assert left() == STAY + 3
