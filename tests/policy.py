"""Which statements of the policy are proven by a test.

`python -m tests.policy` compares the marks with `proven.txt` and fails when a proven statement lost its test;
`--list` prints them by service, `--update` writes the file.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
STATEMENTS = HERE / "policy_statements.txt"
PROVEN = HERE / "policy_proven.txt"


def statements() -> dict[str, str]:
    """Give every statement id with its kind, in the order of the policy."""
    lines = STATEMENTS.read_text(encoding="ascii").splitlines()
    return dict(line.split(" ", 1) for line in lines)


def marks(folder: Path = HERE) -> dict[str, list[str]]:
    """Give, for each id in a `policy` mark, the tests that carry it."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for function, ids in _marked(ast.parse(path.read_text(encoding="utf-8"))):
            for one in ids:
                found[one].append(f"{path.relative_to(folder)}::{function}")
    return found


def _marked(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for call in (inner for decorator in node.decorator_list for inner in ast.walk(decorator)):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "policy":
                    yield node.name, [arg.value for arg in call.args if isinstance(arg, ast.Constant)]


def problems(known: dict[str, str], marked: dict[str, list[str]], proven: set[str]) -> list[str]:
    """Say what is wrong: marks of unknown statements, and proven statements without a test."""
    wrong = [f"{one} is marked by {tests[0]} but is no statement." for one, tests in marked.items() if one not in known]
    wrong += [f"{one} was proven and has lost its test." for one in sorted(proven - set(marked))]
    wrong += [
        f"{one} is proven now: run `python -m tests.policy --update`."
        for one in sorted(set(marked) - proven)
        if one in known
    ]
    return wrong


def main() -> int:
    """Run the command; 1 when something is wrong."""
    known, marked = statements(), marks()
    if "--update" in sys.argv:
        PROVEN.write_text("".join(f"{one}\n" for one in known if one in marked), encoding="ascii")
    if "--list" in sys.argv:
        for one in known:
            print(f"{one:<9} {'proven by ' + ', '.join(marked[one]) if one in marked else '-'}")
    proven = set(PROVEN.read_text(encoding="ascii").split()) if PROVEN.exists() else set()
    wrong = problems(known, marked, proven)
    for sentence in wrong:
        print(sentence)
    done = sum(1 for one in known if one in marked)
    print(f"{done} of {len(known)} statements of the policy are proven by a test.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
