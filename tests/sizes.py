"""Files and functions to look at twice. `python -m tests.sizes` prints them; being long is no failure."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE, FUNCTION = 200, 25
MOST_FILE, MOST_FUNCTION = 500, 70


def long_ones(most_file: int, most_function: int) -> Iterator[str]:
    """Give what is longer than the limits, in lines."""
    for path in sorted((ROOT / "suite").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        if text.count("\n") > most_file:
            yield f"{name} has {text.count(chr(10))} lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > most_function:
                yield f"{name}:{node.lineno} {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"


if __name__ == "__main__":
    for sentence in long_ones(FILE, FUNCTION):
        print(f"look twice: {sentence}")
