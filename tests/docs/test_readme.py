"""The README is true: its tour runs as written, its links lead somewhere."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.servers import COMMAND, environment, running_server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str, document: str = README) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", document, re.DOTALL)


def run_as_written(document: str, address: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = "set -euo pipefail\n" + "\n".join(blocks("bash", document))
    return subprocess.run(
        ["bash", "-c", script.replace("http://127.0.0.1:8000", address)],
        env=environment(folder, PATH=f"{COMMAND.parent}:{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_tour_runs_as_written(tmp_path: Path) -> None:
    with running_server(tmp_path) as address:
        ran = run_as_written(README, address, tmp_path)
        again = run_as_written(README, address, tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    assert "ann@example.org" in ran.stdout
    assert "invalid_input" in ran.stdout
    assert "company-account  open=True" in ran.stdout
    assert "index.html" in ran.stdout
    assert "rows would be deleted as of" in ran.stdout


@pytest.mark.parametrize("guide", ["signing-in.md", "your-data.md", "companies.md"])
def test_the_guides_for_front_ends_run_as_written(tmp_path: Path, guide: str) -> None:
    with running_server(tmp_path) as address:
        ran = run_as_written((ROOT / "docs" / guide).read_text(encoding="utf-8"), address, tmp_path)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_links_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *ROOT.glob("[A-Z]*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://", "mailto:")):
                assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    documents = [README, *(path.read_text(encoding="utf-8") for path in ROOT.glob("[A-Z]*.md"))]
    documents += [path.read_text(encoding="utf-8") for path in (ROOT / "docs").rglob("*.md")]

    named = {name for text in documents for name in re.findall(r"`make ([a-z]+)", text)}

    assert named
    assert {name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)} == set()


def test_the_configuration_reference_is_printed_from_the_settings() -> None:
    from suite.commands.documents import configuration_document

    assert (ROOT / "docs/configuration.md").read_text(encoding="utf-8") == configuration_document()
