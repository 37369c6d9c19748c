"""The guide for operators and privacy officers is true: its blocks run as written against a real server."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pyotp

from tests.docs.test_readme import ROOT, blocks
from tests.servers import COMMAND, environment, running_server

GUIDE = (ROOT / "docs/operating-privacy.md").read_text(encoding="utf-8")
PASSWORD = "four tall green bottles"


class Caller:
    """Somebody who speaks JSON with a running server."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address, self.token = address, token

    def post(self, path: str, **body: Any) -> Any:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        request = Request(f"{self.address}/api/v1{path}", json.dumps(body).encode(), headers)
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)


def test_the_guide_to_operating_privacy_runs_as_written(tmp_path: Path) -> None:
    folder, work = tmp_path / "data", tmp_path / "work"
    work.mkdir()
    with running_server(folder) as address:
        stranger = Caller(address)
        settings = environment(folder, SUITE_PUBLIC_URL=address, PATH=f"{COMMAND.parent}:{os.environ['PATH']}")
        ann = Caller(address, member(stranger))
        known = {
            "API": address,
            "OFFICER": staff(stranger, settings, "privacy_officer"),
            "COUNSEL": staff(stranger, settings, "legal_counsel"),
            "REQUEST": ann.post("/me/requests", kind="complaint", text="Your mails come at night.")["id"],
            "ACCOUNT": str(me(ann)["id"]),
        }
        ran = run("bash", settings | known, work)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "2 addresses are on the list" in ran.stdout
    assert "is whole" in ran.stdout
    assert '"state":"fulfilled"' in ran.stdout
    assert {path.name for path in work.iterdir()} == {"catalogue.json", "record.csv", "fides.yml", "dpv.jsonld"}
    back = run("sh", settings, work)
    assert back.returncode == 0, back.stdout + back.stderr
    assert "The backup is brought back" in back.stdout


def run(language: str, settings: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    return run_blocks(language, GUIDE, settings, folder)


def run_blocks(language: str, guide: str, settings: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the blocks of a guide, one after the other in one shell."""
    script = "set -euo pipefail\n" + "\n".join(blocks(language, guide))
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=settings, capture_output=True, text=True, timeout=240, check=False
    )


def member(stranger: Caller) -> str:
    """Register somebody; give the token of a session."""
    asked = {"service": "business-hub", "email": "ann@example.org", "password": PASSWORD, "profile": {"country": "DE"}}
    started = stranger.post("/registrations", **asked)
    stranger.post(f"/registrations/{started['id']}/confirmation", code=mailed(stranger, "confirm_address"))
    return str(stranger.post("/sessions", email="ann@example.org", password=PASSWORD)["token"])


def mailed(stranger: Caller, letter: str) -> str:
    """Wait for a letter; give the code in it."""
    for _ in range(100):
        with urlopen(f"{stranger.address}/dev/inbox/messages", timeout=5) as answer:
            for one in json.load(answer)["messages"]:
                if one["letter"] == letter:
                    return str(one["subject"].split()[-1])
        time.sleep(0.1)
    raise AssertionError(f"No letter {letter} came.")


def me(caller: Caller) -> Any:
    request = Request(f"{caller.address}/api/v1/me", headers={"Authorization": f"Bearer {caller.token}"})
    with urlopen(request, timeout=5) as answer:
        return json.load(answer)


def staff(stranger: Caller, settings: dict[str, str], role: str) -> str:
    """Make a staff member on the command line and sign him in; give the token of the session."""
    email = f"{role.replace('_', '.')}@example.com"
    made = subprocess.run(
        ["suite", "staff", "create", email, "--role", role], env=settings, capture_output=True, text=True, check=True
    )
    (token,) = re.findall(r"/staff/invitation#(\S+)", made.stdout)
    app = pyotp.TOTP(stranger.post("/staff/invitations/acceptance", token=token, password=PASSWORD)["secret"])
    codes = stranger.post("/staff/invitations/confirmation", token=token, code=app.now())["recovery_codes"]
    challenge = stranger.post("/staff/sessions", email=email, password=PASSWORD)["challenge"]
    answer = {"challenge": challenge, "method": "recovery_code", "code": codes[0]}
    return str(stranger.post("/staff/sessions/challenge", **answer)["token"])
