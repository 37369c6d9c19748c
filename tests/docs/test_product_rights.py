"""The guide for products that configure rights is true: its blocks run as written against a real server."""

import os
import subprocess
from pathlib import Path

from suite.licenses.hearing import KINDS
from tests.docs.test_operating import Caller, me, member, run_blocks, staff
from tests.docs.test_readme import ROOT
from tests.servers import COMMAND, environment, running_server

GUIDE = (ROOT / "docs/product-rights.md").read_text(encoding="utf-8")


def test_the_guide_to_rights_from_products_runs_as_written(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with running_server(tmp_path / "data") as address:
        stranger = Caller(address)
        path = f"{COMMAND.parent}:{os.environ['PATH']}"
        settings = environment(tmp_path / "data", SUITE_PUBLIC_URL=address, PATH=path)
        ann = Caller(address, member(stranger))
        code = issued(settings)
        known = {
            "API": address,
            "STAFF": staff(stranger, settings, "operator"),
            "MEMBER": ann.token,
            "ACCOUNT": str(me(ann)["id"]),
            "LICENSE": str(ann.post("/me/licenses", service="business-hub", code=code)["id"]),
        }
        ran = run_blocks("bash", GUIDE, settings | known, work)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"configured":true,"manage":true,"use":true' in ran.stdout
    assert '"instance":"eu-1"' in ran.stdout


def test_the_guide_names_every_event() -> None:
    assert all(f"| `{kind}` |" in GUIDE for kind in KINDS)


def issued(settings: dict[str, str]) -> str:
    """Issue a licence on the command line; give its code."""
    made = ["suite", "licenses", "issue", "--product", "endpoint-security", "--policy", "business-year"]
    return subprocess.run(made, env=settings, capture_output=True, text=True, check=True).stdout.strip()
