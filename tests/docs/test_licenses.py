"""The guide for products is true: it runs as written against a real server, and its client judges as it says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from suite.licenses.schemas.seats import _VERDICTS
from suite.licenses.validation import GOOD
from tests.docs.test_readme import ROOT, blocks
from tests.servers import COMMAND, environment, running_server

GUIDE = (ROOT / "docs/licenses.md").read_text(encoding="utf-8")
CLIENT = ROOT / "docs/examples/license_client.py"


def shell(script: str, address: str, folder: Path) -> list[str]:
    ran = subprocess.run(
        ["bash", "-c", "set -euo pipefail\n" + script.replace("http://127.0.0.1:8000", address)],
        cwd=ROOT,
        env=environment(folder, PATH=f"{COMMAND.parent}:{os.environ['PATH']}", TMPDIR=str(folder)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout.splitlines()


def test_the_guide_runs_as_written(tmp_path: Path) -> None:
    with running_server(tmp_path) as address:
        (script,) = blocks("bash", GUIDE)

        assert shell(script, address, tmp_path) == ["valid", "valid", "valid", "{}", "not_activated"]


def test_the_client_of_the_guide_is_the_file_and_has_forty_lines() -> None:
    (shown,) = blocks("python", GUIDE)

    assert shown == CLIENT.read_text(encoding="utf-8")
    assert len([line for line in shown.splitlines() if line.strip() and not line.startswith('"""')]) <= 40


def run_client(folder: Path, program: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(CLIENT.parent)!r})\n{program}"],
        cwd=folder,
        env={"LICENSE_SERVER": "http://127.0.0.1:9", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return ran.stdout.strip() or ran.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Activate once on a real server; give what the client keeps, while the server is gone."""
    folder = tmp_path_factory.mktemp("client")
    issue = "CODE=$(suite licenses issue --product total-protection --policy subscription-year)\n"
    with running_server(folder) as address:
        script = f'{issue}cd "{folder}"\nLICENSE_SERVER=http://127.0.0.1:8000 {sys.executable} {CLIENT} activate $CODE'
        assert shell(script, address, folder) == ["valid"]
    return dict(json.loads((folder / "license.json").read_text()))


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (0, "valid"),
        (29, "valid"),
        (31, "server_needed"),
        (370, "server_needed"),
        (373, "expired"),
        (-1, "clock_set_back"),
    ],
)
def test_the_client_judges_by_itself_while_no_server_answers(
    kept: dict[str, Any], tmp_path: Path, days: int, code: str
) -> None:
    (tmp_path / "license.json").write_text(json.dumps(kept))
    program = f"import license_client as c, time\nnow = time.time() + {days} * 86400\nc.time.time = lambda: now\nprint(c.check())"

    assert run_client(tmp_path, program) == code


def test_the_client_never_goes_back_behind_the_latest_time_it_saw(kept: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "license.json").write_text(json.dumps(kept))
    later = (
        "import license_client as c, time\nnow = time.time() + 20 * 86400\nc.time.time = lambda: now\nprint(c.check())"
    )

    assert run_client(tmp_path, later) == "valid"
    assert run_client(tmp_path, "import license_client as c\nprint(c.check())") == "clock_set_back"


def test_what_the_server_refused_stays_refused_while_no_server_answers(kept: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "license.json").write_text(json.dumps(kept))
    told = "import license_client as c\nc.ask = lambda what, **_: {answer} if what != 'keys' else {{'keys': {keys}}}\nprint(c.check())"
    keys = [{"kid": kid, "x": x} for kid, x in kept["keys"].items()]
    void = told.format(answer={"valid": False, "code": "void", "license_file": None}, keys=keys)
    good = told.format(answer={"valid": True, "code": "valid", "license_file": kept["file"]}, keys=keys)
    away = "import license_client as c\nprint(c.check())"

    assert [run_client(tmp_path, program) for program in (void, away, good, away)] == ["void", "void", "valid", "valid"]


def test_the_client_refuses_a_changed_file_one_of_another_device_and_an_unknown_key(
    kept: dict[str, Any], tmp_path: Path
) -> None:
    import base64

    envelope = json.loads(base64.b64decode("".join(kept["file"].split("\n")[1:-2])))
    envelope["payload"] = re.sub(r'"trusted_until":"20\d\d', '"trusted_until":"2099', envelope["payload"])
    changed = "\n".join(["", base64.b64encode(json.dumps(envelope).encode()).decode(), "", ""])
    check = "import license_client as c\n{}print(c.check())"

    for store, program, outcome in (
        (kept | {"file": changed}, check.format(""), "cryptography.exceptions.InvalidSignature"),
        (kept | {"keys": {}}, check.format(""), "KeyError"),
        (kept, check.format("c.DEVICE = 'another'\n"), "other_device"),
        (kept, check.format("c.PRODUCT = 'password-vault'\n"), "other_device"),
    ):
        (tmp_path / "license.json").write_text(json.dumps(store))
        assert run_client(tmp_path, program).partition(":")[0] == outcome


def test_the_guide_names_every_outcome() -> None:
    for verdict, says in _VERDICTS.items():
        assert f"| `{verdict}` | {'true' if verdict in GOOD else 'false'} | {says} |" in GUIDE
