"""What a module declares about personal data stands in its own `privacy.py`; what columns say, beside them."""

import ast
from pathlib import Path

import pytest

from suite.kernel.db import Base
from suite.privacy import declared
from tests import source

KERNEL = "kernel"
"""Has no personal data but in its own tables, whose clocks the privacy module announces for it."""

WHERE = {
    "Declaration": "privacy.py",
    "Recipient": "privacy.py",
    "Cookie": "privacy.py",
    "Store": "privacy.py",
    "Access": "privacy.py",
    "Purpose": "declarations",
    "Consent": "declarations",
    "Record": "models",
    "Service": "services",
}
"""By what is declared, the file or folder in which alone it is."""


def made() -> dict[str, set[str]]:
    """Give where each word of the declarations is used to declare something."""
    found: dict[str, set[str]] = {word: set() for word in WHERE}
    for place, nodes in source.nodes().items():
        for node in nodes:
            name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            if name in found:
                found[name].add(place)
    return found


def owners() -> dict[str, str]:
    """Give the module of each table."""
    return {
        table.name: mapper.class_.__module__.split(".")[1]
        for mapper in Base.registry.mappers
        for table in mapper.tables
    }


def writers(letter: str) -> set[str]:
    """Give the modules that define a letter."""
    return {
        place.partition("/")[0]
        for place, text in source.texts().items()
        if f'"{letter}"' in text and ("Letter(" in text or "CodeText(" in text)
    }


@pytest.mark.policy("DEC-1")
def test_each_word_of_the_declarations_is_said_in_its_place() -> None:
    for word, places in made().items():
        strange = {
            place for place in places if WHERE[word] not in Path(place).parts and Path(place).name != WHERE[word]
        }
        if word == "Record":  # a ledger is a table under another name
            strange = {place for place in strange if Path(place).stem not in {"models", "ledger"}}
        assert strange == set(), word


@pytest.mark.policy("DEC-1")
@pytest.mark.usefixtures("app")
def test_a_module_declares_its_own_and_nothing_of_others() -> None:
    names = [declaration.module for declaration in declared().declarations]
    owner = owners()

    assert len(set(names)) == len(names)
    for declaration in declared().declarations:
        assert (source.SUITE / declaration.module / "privacy.py").exists()
        assert all(writers(letter) == {declaration.module} for letter in declaration.letters)
        own = {declaration.module} | ({KERNEL} if declaration.module == "privacy" else set())
        assert {owner[clock.partition(".")[0]] for clock in (declaration.announces or {}).values()} <= own
