"""A worker that is killed while it makes a copy leaves nothing behind, and another one finishes the copy."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from suite.kernel import clock, jobs, system
from suite.kernel.http import App
from tests.people import Outbox, People

MOMENTS = {
    "before the first byte": "making.archive.pieces = lambda _content: die()",
    "in the middle of the file": "making.archive.pieces = lambda _content: half()",
    "with the file stored": "making._finished = lambda *_: die()",
}
CHILD = """
import os, signal
from suite import app
from suite.exports import making
from suite.kernel import jobs
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def half():
    for _ in range(5):
        yield os.urandom(9 << 20)
    die()
app.start()
{}
jobs.run_due()
"""


def files_of(running: system.System) -> list[Path]:
    """Give every file below the folder of the store, also those it does not list."""
    return [path for path in Path(urlsplit(running.settings.files_url).path).rglob("*") if path.is_file()]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_worker_leaves_no_half_file_and_the_copy_is_made(
    app: App, people: People, outbox: Outbox, moment: str
) -> None:
    running = app.extensions["suite_system"]
    for path in files_of(running):
        path.unlink()
    member = people.member()
    outbox.deliver()
    export = member.post("/api/v1/me/exports", json={}).json["id"]
    given = {
        "SUITE_DATABASE_URL": running.database.url.render_as_string(hide_password=False),
        "SUITE_DATA_FOLDER": str(running.settings.data_folder),
        "SUITE_SECRET_KEYS": running.settings.secret_keys,
    }

    killed = subprocess.run(
        [sys.executable, "-c", CHILD.format(MOMENTS[moment])], env=os.environ | given, check=False, timeout=60
    )
    left = files_of(running)
    with clock.at(clock.now() + timedelta(minutes=2)):
        jobs.run_due()
        shown = member.get(f"/api/v1/me/exports/{export}").json

    assert killed.returncode == -9
    assert len(left) == (0 if moment == "before the first byte" else 1)
    assert shown["state"] == "ready"
    assert [path.stat().st_size for path in files_of(running)] == [shown["size"]]
