"""The guide to reminders is true: its blocks run as written against a real server."""

import os
import subprocess
from pathlib import Path

from tests.docs.test_operating import Caller, member
from tests.docs.test_readme import ROOT, blocks
from tests.servers import COMMAND, environment, running_server

GUIDE = (ROOT / "docs/reminders.md").read_text(encoding="utf-8")


def test_the_guide_to_reminders_runs_as_written(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running_server(folder) as address:
        settings = environment(folder, SUITE_PUBLIC_URL=address, PATH=f"{COMMAND.parent}:{os.environ['PATH']}")
        token = member(Caller(address))
        Caller(address, token).post("/me/services", service="my-account")
        given = settings | {"API": address, "TOKEN": token}
        ran = subprocess.run(
            ["bash", "-e", "-c", "\n".join(blocks("bash", GUIDE))],
            env=given,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "('business-hub', ['P30D', 'P14D', 'P7D', 'P1D', 'PT0H'])" in ran.stdout
    assert '"given":true' in ran.stdout
    assert '"reminders":[]' in ran.stdout
