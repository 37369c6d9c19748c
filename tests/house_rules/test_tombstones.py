"""Whatever leaves a tombstone can be repeated after a restore."""

import ast
import importlib
from collections.abc import Iterator

from suite.privacy import tombstones
from tests import source

WRITING = {"leave_tombstone", "tombstones.write", "tombstones.write_each", "tombstones.write_of_nobody"}


def kinds() -> Iterator[tuple[str, str]]:
    """Give place and kind of every tombstone the code leaves."""
    for name, nodes in source.nodes().items():
        for node in nodes:
            if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITING:
                yield name, _kind(name, node.args[0])


def _kind(place: str, said: ast.expr) -> str:
    if isinstance(said, ast.Constant):
        return str(said.value)
    found: object = importlib.import_module("suite." + place.removesuffix(".py").replace("/", "."))
    for step in ast.unparse(said).split("."):
        found = getattr(found, step)
    return str(found)


def test_every_kind_of_tombstone_has_a_replay() -> None:
    left = dict(kinds())

    assert {"privacy/consents.py", "accounts/closure.py", "rights/standing.py"} <= set(left)
    known = set(tombstones.REPLAYS) | set(tombstones.REPLAYS_FOR_ALL)
    assert {kind for _, kind in kinds()} == {kind for kind in known if not kind.startswith("test.")}
