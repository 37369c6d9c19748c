"""How the house is built: sizes, names, and the coverage of the policy."""

import ast
from pathlib import Path

from tests import policy, sizes

ROOT = Path(__file__).parents[2]
BANNED_NAMES = {"utils.py", "helpers.py", "services.py", "managers.py", "common.py", "misc.py"}


def sources() -> list[Path]:
    return sorted((ROOT / "suite").rglob("*.py"))


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = [path for path in sources() if path.name in BANNED_NAMES and path.parent.name != "declarations"]

    assert drawers == []


def test_nothing_grows_without_end() -> None:
    assert list(sizes.long_ones(sizes.MOST_FILE, sizes.MOST_FUNCTION)) == []


def test_stories_never_commit_and_know_no_web() -> None:
    folders = ("suite/accounts", "suite/rights", "suite/staff")
    stories = [path for folder in folders for path in (ROOT / folder).glob("*.py") if path.stem != "__init__"]
    stories += [ROOT / f"suite/webhooks/{name}.py" for name in ("endpoints", "outbox", "replays", "delivery")]

    for path in stories:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        imports = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert "commit" not in calls, path
        assert not any(name.split(".")[0] == "flask" for name in imports), path


def test_every_module_has_its_fixed_files() -> None:
    for name in ("accounts", "factors", "messages", "privacy", "rights", "staff", "statistics", "webhooks"):
        folder = ROOT / "suite" / name
        assert (folder / "__init__.py").exists()
        assert (folder / "privacy.py").exists()
        assert (folder / "models.py").exists() or (folder / "models" / "__init__.py").exists()


def test_marks_of_the_policy_name_statements_and_none_lost_its_test() -> None:
    known, proven = policy.statements(), set(policy.PROVEN.read_text(encoding="ascii").split())

    assert policy.problems(known, policy.marks(), proven) == []


def test_a_lost_proof_and_a_strange_mark_are_found() -> None:
    known = {"MYK-1": "I", "MYK-2": "D"}

    wrong = policy.problems(known, {"MYK-1": ["a"], "XYZ-9": ["b"]}, {"MYK-2"})

    assert wrong == [
        "XYZ-9 is marked by b but is no statement.",
        "MYK-2 was proven and has lost its test.",
        "MYK-1 is proven now: run `python -m tests.policy --update`.",
    ]


def test_the_project_speaks_of_itself_alone() -> None:
    hosts = ("pypi" + ".org", "python" + "hosted", "registry.npm" + "js", "deb." + "debian")
    for path in [*sources(), *ROOT.glob("*.md"), *ROOT.glob("requirements*.txt"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        assert not any(host in text for host in hosts), path
