"""Canary erasure over many random lives: `python -m tests.canaries_long 10000`. Exit 1 when a byte was left."""

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
from suite.kernel import access, log, system
from tests import canaries, databases
from tests.conftest import empty, settings_for
from tests.people import Outbox, People
from tests.privacy.histories import Life, histories, live
from tests.privacy.test_canary_erasure import pass_limits

BATCH = 50


def main(number: int, first_seed: int = 0) -> int:
    """Live through so many histories on both databases in turn; print what was left, with the seed that repeats it."""
    began, lived, left = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        urls = [databases.migrated_sqlite(Path(folder)), databases.migrated_postgresql()]
        apps = [_application(url, Path(folder, str(at))) for at, url in enumerate(urls) if url is not None]
        for turn in range(-(-number // BATCH)):
            seed = first_seed + turn
            found = _batch(apps[turn % len(apps)], seed)
            lived, left = lived + BATCH, left + len(found)
            for line in found:
                print(f"seed {seed}: {line}", flush=True)
            if turn % 10 == 9:
                print(f"{lived} lives, {left} findings, {time.monotonic() - began:.0f} s", flush=True)
    print(f"{lived} lives, {left} findings, {time.monotonic() - began:.0f} s")
    return 1 if left else 0


def _application(url: str, folder: Path) -> Any:
    folder.mkdir()
    made = application.create_app(settings_for(url, folder))
    made.testing = True
    return made, system.current()


def _batch(prepared: tuple[Any, system.System], seed: int) -> list[str]:
    """Let people live at once in one database, pass the limits, and search."""
    app, running = prepared
    system.use(running)
    access.begin(access.SYSTEM, None)
    outbox = Outbox(app)
    lives: list[Life] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=BATCH, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(history=histories)
    def run(history: tuple[str, list[str], int]) -> None:
        lives.append(live(People(app, outbox), outbox, history, len(lives)))

    written = io.StringIO()
    with contextlib.redirect_stderr(written):
        log.start("debug", "json")
        run()
        pass_limits()
    said = [canary for life in lives for canary in life.canaries]
    found = canaries.found(said, canaries.everywhere(written.getvalue()))
    empty(running)
    return found


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
