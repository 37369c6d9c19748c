"""Letters: what the product writes to people. One definition gives subject, plain text and HTML."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from suite.kernel import jobs

MAIL, SMS = "mail", "sms"


@dataclass(frozen=True)
class Line:
    """A paragraph; `{name}` places are filled from the letter's facts."""

    text: str


@dataclass(frozen=True)
class Code:
    """A code to read and type, from the fact of that name."""

    fact: str = "code"


@dataclass(frozen=True)
class Button:
    """A link with a label; the address is built from settings and the fact of that name."""

    label: str
    path: str


@dataclass(frozen=True)
class Letter:
    """A kind of message.

    `once` letters are sent at most once: after a crash in the middle the outcome stays unknown and is
    shown; the others are sent at least once. A `farewell` outlives the person's data: it is posted under a
    number of its own, which goes with the delivery. `still_wanted` is asked at the moment of sending.
    """

    key: str
    subject: str
    parts: tuple[Line | Code | Button, ...]
    purpose: str
    channel: str = MAIL
    lane: int = jobs.NORMAL
    once: bool = False
    expires: timedelta | None = None
    still_wanted: Callable[[UUID, dict[str, Any]], bool] | None = None
    farewell: bool = False


_letters: dict[str, Letter] = {}


def letter(definition: Letter) -> Letter:
    """Make a letter known; two with one key are an error of the program."""
    if definition.key in _letters:
        raise ValueError(f"There are two letters named {definition.key}.")
    _letters[definition.key] = definition
    return definition


def letter_named(key: str) -> Letter:
    """Give a letter by its key; an unknown key is a KeyError."""
    return _letters[key]


def all_letters() -> tuple[Letter, ...]:
    """Give every letter the program can write."""
    return tuple(_letters.values())
