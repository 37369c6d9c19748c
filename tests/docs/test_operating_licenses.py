"""The guide for whoever looks after licences is true: its blocks run as written against a real server."""

import os
import stat
import subprocess
from pathlib import Path

from tests.docs.test_operating import Caller, staff
from tests.docs.test_readme import ROOT, blocks
from tests.servers import COMMAND, environment, running_server

GUIDE = (ROOT / "docs/operating-licenses.md").read_text(encoding="utf-8")


def test_the_guide_to_operating_licences_runs_as_written(tmp_path: Path) -> None:
    folder, work = tmp_path / "data", tmp_path / "work"
    work.mkdir()
    with running_server(folder) as address:
        settings = environment(folder, SUITE_PUBLIC_URL=address, PATH=f"{COMMAND.parent}:{os.environ['PATH']}")
        known = {"API": address, "MANAGER": staff(Caller(address), settings, "license_manager")}
        script = "set -euo pipefail\n" + "\n".join(blocks("bash", GUIDE))
        ran = subprocess.run(
            ["bash", "-c", script],
            cwd=work,
            env=settings | known,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    codes = work / "codes.txt"
    assert len(codes.read_text().splitlines()) == 2000
    assert stat.S_IMODE(codes.stat().st_mode) == 0o600
    assert '"void_reason":"code_stolen"' in ran.stdout
    assert '"seats":25' in ran.stdout
