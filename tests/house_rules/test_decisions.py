"""The software alone decides about nobody: what blocks, refuses, charges or overrides is an act of a staff member."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from suite.kernel.access import NEEDED_FOR
from tests import source

STAFF = {f"Permission.{permission.name}" for permission in NEEDED_FOR}

DECIDING = {
    "blocked_at": ({"accounts/desk.py:block", "accounts/desk.py:unblock"}, "accounts/desk.py:_change"),
    "refusal": ({"rights/desk.py:refuse"}, None),
    "fee_cents": ({"rights/desk.py:charge"}, None),
    "refused_at": ({"privacy/legal.py:refuse"}, None),
    "approved_at": ({"privacy/legal.py:approve"}, None),
}
"""By the column that holds a decision about a person, who writes it; and the function it is handed to, if any."""

OF_COMPANIES = {"companies/running.py:_set"}
"""An Administrator blocks his own company: that is about no person, and the accounts remain."""

OVERRIDING = {
    "rights/desk.py:_override",
    # What guards the person goes on until an officer has weighed the objection, which stays open meanwhile.
    "rights/serving.py:object_to",
}
HANDING_ON = {"rights/standing.py:begin_objection", "rights/standing.py:_object_again"}


@cache
def trees() -> dict[str, ast.Module]:
    """Give every file but those of the demonstration, which plays the people and the staff it made up."""
    return {name: tree for name, tree in source.trees().items() if not name.startswith("commands/demo/")}


@cache
def functions() -> list[tuple[str, list[ast.AST], str]]:
    """Give every function with its place and, for a view, its decorators; and what stands outside of any."""
    return [(place, list(within(body)), decorators) for place, body, decorators in _functions()]


def _functions() -> Iterator[tuple[str, list[ast.stmt], str]]:
    for path, tree in trees().items():
        for node in source.nodes()[path]:
            if isinstance(node, ast.FunctionDef):
                yield f"{path}:{node.name}", node.body, " ".join(map(ast.unparse, node.decorator_list))
        outside = [one for one in tree.body if not isinstance(one, (ast.FunctionDef, ast.ClassDef))]
        yield f"{path}:", [one for one in outside if not isinstance(one, (ast.Import, ast.ImportFrom))], ""


def within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def writing(column: str) -> set[str]:
    """Give the functions that set a column, by a keyword or an attribute; what limits answer with is none."""
    return {
        place
        for place, inside, _ in functions()
        for node in inside
        if (
            isinstance(node, ast.Call)
            and any(one.arg == column for one in node.keywords)
            and not ast.unparse(node.func).endswith(("Allowance", "replace"))
        )
        or (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == column)
    }


@cache
def mentions() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Give for each name who mentions it, with their decorators: `desk.block` as ("desk", "block"), `block` alone too."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for place, inside, decorators in functions():
        for node in inside:
            if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
                behind = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
                found.setdefault((behind, node.attr), []).append((place, decorators))
            elif isinstance(node, ast.Name):
                found.setdefault(("", node.id), []).append((place, decorators))
    return found


@cache
def importing(name: str) -> frozenset[str]:
    """Give the files that import a function by its name."""
    return frozenset(
        path
        for path in trees()
        for one in source.nodes()[path]
        if isinstance(one, ast.ImportFrom) and name in {alias.name for alias in one.names}
    )


def callers(place: str) -> set[tuple[str, str]]:
    """Give who mentions a function of a story, with their decorators."""
    path, _, name = place.partition(":")
    knowing = importing(name) | {path}
    by_name = [one for one in mentions().get(("", name), ()) if one[0].partition(":")[0] in knowing]
    return {one for one in (*mentions().get((Path(path).stem, name), ()), *by_name) if one[0] != place}


def of_staff(place: str, seen: frozenset[str] = frozenset()) -> list[str]:
    """Give the ways to a decision that do not begin at a route which needs a permission of staff."""
    found = callers(place)
    wrong = [] if found else [f"{place} is called by nobody that was found"]
    for other, decorators in sorted(found):
        if other in seen or any(f"allow({one})" in decorators for one in STAFF):
            continue
        ends = any(one in decorators for one in ("allow(", "public", "job(")) or other.endswith(":")
        wrong += [f"{place} is reached from {other}"] if ends else of_staff(other, seen | {place})
    return wrong


@pytest.mark.policy("GEN-31")
def test_what_decides_about_a_person_is_written_in_one_place_each() -> None:
    for column, (places, taker) in DECIDING.items():
        assert writing(column) - {taker} - OF_COMPANIES == places, column
    assert writing("overridden") - HANDING_ON == OVERRIDING


@pytest.mark.policy("GEN-31")
def test_every_way_to_a_decision_begins_with_a_staff_member() -> None:
    places = {place for places, _ in DECIDING.values() for place in places} | {"rights/desk.py:_override"}

    assert [wrong for place in sorted(places) for wrong in of_staff(place)] == []


def test_a_decision_that_the_software_takes_would_be_found() -> None:
    """The walk sees what people ask for themselves, and jobs: neither begins with a staff member."""
    assert any("rights/views/own.py:post" in wrong for wrong in of_staff("rights/intake.py:ask"))
    assert "rights/serving.py:object_to is reached from rights/serving.py:" in of_staff("rights/serving.py:object_to")
    assert any("staff/jobs.py" in wrong for wrong in of_staff("staff/disclosures.py:tell"))
