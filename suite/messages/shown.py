"""What the addressee of a message is shown of it afterwards: all but what opens something."""

from collections.abc import Mapping
from string import Formatter
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Table

from suite.messages.letters import Button, Code, CodeText, Letter, all_letters, all_texts
from suite.privacy import hides, shows


@hides("messages")
def to_others(messages: Table) -> ColumnElement[bool]:
    """Hide letters to addresses nobody proved: that one was sent tells that nobody else has the address."""
    return messages.c.letter.in_([letter.key for letter in all_letters() if letter.unproven])


@shows("messages.content")
def content(row: Mapping[str, Any], plain: str) -> dict[str, Any]:
    """Give the facts of a message without codes and links: they are proofs, and belong to one mailbox or phone."""
    known: dict[str, Letter | CodeText] = {one.key: one for one in all_letters()}
    known |= {one.key: one for one in all_texts()}
    letter = known.get(row["letter"])
    if letter is None:  # of another release: what opens something is not known
        return {}
    return {name: fact for name, fact in orjson.loads(plain).items() if name not in _opening(letter)}


def _opening(letter: Letter | CodeText) -> set[str]:
    if isinstance(letter, CodeText):
        return {"code"}
    opening = {part.fact for part in letter.parts if isinstance(part, Code)}
    for part in letter.parts:
        if isinstance(part, Button):
            opening.update(name for _, name, _, _ in Formatter().parse(part.path) if name)
    return opening
