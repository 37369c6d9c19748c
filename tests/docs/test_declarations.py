"""The page for developers is true: its code runs as one program, and what it says is refused is refused."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs/declarations.md").read_text(encoding="utf-8")
PROGRAM = "\n\n".join(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL))


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the code of the page, with whatever a test changed in it."""
    (folder / "guide.py").write_text(program, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "guide.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


def changed(old: str, new: str) -> str:
    assert PROGRAM.count(old) == 1
    return PROGRAM.replace(old, new)


def test_the_code_of_the_page_runs_and_its_table_is_in_the_catalogue(tmp_path: Path) -> None:
    done = run(PROGRAM, tmp_path)

    assert done.returncode == 0, done.stderr
    assert re.match(r"[0-9a-f]{16} \[\[", done.stdout)
    assert "6 calendar months after the pet was registered" in done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    name: Mapped[PetName]\n", "    name: Mapped[str]\n"),
        ('    purposes=("provide_service",),\n', "    "),
        ('keep=(Keep(pet_registered, Period(months=6)), WithParent("person_id")),', "keep=(),"),
        (
            "    recipients=(vet,),\n    cookies",
            '    recipients=(dataclasses.replace(vet, country="BR"),),\n    cookies',
        ),
        ('safeguard="processor contract with Standard Contractual Clauses"', 'safeguard="contract"'),
        ("    measures=terms.MEASURES,\n", ""),
    ],
)
def test_what_the_page_says_is_refused_is_refused(tmp_path: Path, old: str, new: str) -> None:
    done = run("import dataclasses\n" + changed(old, new), tmp_path)

    assert "NotDeclared: The privacy declarations are not complete:" in done.stderr


def test_the_refusal_is_quoted_word_by_word(tmp_path: Path) -> None:
    (quoted,) = re.findall(r"^> (.+)$", GUIDE, re.MULTILINE)

    assert quoted in run(changed("    name: Mapped[PetName]\n", "    name: Mapped[str]\n"), tmp_path).stderr
