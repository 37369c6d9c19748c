"""The source of the product, read and taken apart once for all tests that walk through it."""

import ast
from functools import cache
from pathlib import Path

import suite

SUITE = Path(suite.__file__).parent


@cache
def texts() -> dict[str, str]:
    """Give every file by its place inside the product."""
    return {path.relative_to(SUITE).as_posix(): path.read_text(encoding="utf-8") for path in SUITE.rglob("*.py")}


@cache
def trees() -> dict[str, ast.Module]:
    """Give every file as a tree."""
    return {place: ast.parse(text) for place, text in texts().items()}


@cache
def nodes() -> dict[str, tuple[ast.AST, ...]]:
    """Give all that stands in each file."""
    return {place: tuple(ast.walk(tree)) for place, tree in trees().items()}
