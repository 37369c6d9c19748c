"""Kill sweeps again and again while they erase people; then look for anybody lost, left over or erased twice.

`python -m tests.failures.sweep_driver --kills 100`; the suite kills twice (test_sweep_kills.py).
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from suite.app import start
from suite.kernel import db
from suite.privacy import chain, seal_tombstones
from suite.settings import load
from tests import databases
from tests.conftest import KEY
from tests.failures.test_sweep_kills import PEOPLE, STAY, due_people, finished, left, receipts, sweeper, swept_accounts


def drill(folder: Path, chance: random.Random, wanted: int) -> tuple[int, list[str]]:
    """Let one database be swept by processes that are killed; give how many were, and what is wrong at the end."""
    url = databases.migrated_sqlite(folder)
    running = start(
        load(
            {
                "SUITE_DATA_FOLDER": str(folder),
                "SUITE_DATABASE_URL": url,
                "SUITE_SECRET_KEYS": KEY,
                "SUITE_LOG_LEVEL": "error",
            }
        )
    )
    try:
        due_people()
        everybody = left()
        kills = 0
        while kills < wanted and left() > everybody - PEOPLE:
            kills += _kill_one(chance)
        finished(sweeper())
        seal_tombstones.run()
        return kills, [*_wrong(everybody)]
    finally:
        running.database.close()


def _kill_one(chance: random.Random) -> bool:
    """Kill a sweep when it has erased somebody, or at any moment; say whether it was still running."""
    before, process = left(), sweeper()
    if chance.random() < 0.5:
        while left() == before and process.poll() is None:
            time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.3) if left() < before else chance.uniform(0, 2))
    process.send_signal(signal.SIGKILL)
    killed = process.wait() == -signal.SIGKILL
    process.communicate()
    return killed


def _wrong(everybody: int) -> Iterator[str]:
    with db.reading() as connection:
        verdict = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    found = receipts()
    if left() != everybody - PEOPLE:
        yield f"{left()} people are left; {everybody - PEOPLE} were not due, {STAY} of them with an account"
    if len(found) != PEOPLE or set(found.values()) != {1}:
        yield f"{found.total()} receipts for {len(found)} of {PEOPLE} people"
    if swept_accounts() != PEOPLE:
        yield f"the trail tells of {swept_accounts()} accounts"
    if [*chain.broken_links()]:
        yield "the chain of receipts is broken"
    if verdict != "ok" or broken:
        yield f"the database is damaged: {verdict} {broken}"


def main() -> None:
    """Run the drill on one database after the other; exit 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    chance, kills = random.Random(given.seed), 0
    print(f"seed {given.seed}", flush=True)
    while kills < given.kills:
        with tempfile.TemporaryDirectory(prefix="suite-sweep-kills-") as folder:
            more, wrong = drill(Path(folder), chance, given.kills - kills)
        kills += more
        print(f"{kills}/{given.kills} sweeps killed", flush=True)
        if wrong:
            sys.exit("\n".join(wrong))
    print(f"Killed {kills} sweeps; everybody who was due went once, and nobody else.")


if __name__ == "__main__":
    main()
