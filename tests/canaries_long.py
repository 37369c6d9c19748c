"""Canaries over many random lives: `python -m tests.canaries_long 10000`. Exit 1 when something was left or missing.

Databases take turns, and so do seals: open ones show what stands in sealed cells, real ones are what operators have.
"""

import contextlib
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings

from suite import app as application
from suite.kernel import access, log, passwords, system
from suite.kernel.http import App
from tests import canaries, databases
from tests.conftest import empty, settings_for
from tests.people import Outbox, People
from tests.privacy.histories import history
from tests.privacy.life_steps import STEPS
from tests.privacy.living import History, left_after, live_together, missing_in_copies, no_backups
from tests.privacy.officials import around

BATCH = 25


def main(number: int, first_seed: int = 0) -> int:
    """Live through so many histories on both databases in turn; print what was found, with the seed that repeats it."""
    passwords.MEMORY_KIB, passwords.ROUNDS = 512, 1
    began, lived, findings = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        urls = [databases.migrated_sqlite(Path(folder)), databases.migrated_postgresql()]
        apps = [_application(url, Path(folder, str(at))) for at, url in enumerate(urls) if url is not None]
        for seed in range(first_seed, first_seed - (-number // BATCH)):
            found = _batch(*apps[seed % len(apps)], seed, open_seals=seed // len(apps) % 2 == 0)
            lived, findings = lived + BATCH, findings + len(found)
            for line in found:
                print(f"seed {seed}: {line}", flush=True)
            print(f"{lived} lives, {findings} findings, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if findings else 0


def _application(url: str, folder: Path) -> tuple[App, system.System]:
    folder.mkdir()
    made = application.create_app(settings_for(url, folder))
    made.testing = True
    return made, system.current()


def _batch(app: App, running: system.System, seed: int, *, open_seals: bool) -> list[str]:
    """Let people live at once in one database, look at their copies, pass the limits, and search."""
    system.use(running)
    access.begin(access.SYSTEM, None)
    no_backups()
    outbox, written = Outbox(app), io.StringIO()
    with (
        contextlib.redirect_stderr(written),
        canaries.open_seals() if open_seals else contextlib.nullcontext(),
        around(People(app, outbox), outbox) as world,
    ):
        log.start("debug", "json")
        lives = live_together(world, _drawn(seed))
        found = missing_in_copies(lives) + left_after(lives, written.getvalue)
    empty(running)
    return found


def _drawn(seed: int) -> list[History]:
    chosen: list[History] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(drawn=history(sorted(STEPS)))
    def draw(drawn: Any) -> None:
        chosen.append(drawn)

    draw()
    return chosen


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3] or ["10000"])))
