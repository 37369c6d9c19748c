"""What the product writes to people: letters by mail, and codes as text messages. Their types keep the two apart."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from string import Formatter
from typing import Any, ClassVar, NewType, final
from uuid import UUID

from suite.kernel import jobs
from suite.kernel.words import marked as _

MAIL, SMS = "mail", "sms"
SECURITY_CODES = "security_codes"

PhoneNumber = NewType("PhoneNumber", str)
"""A number as +4915112345678 (E.164). Only a CodeText can be sent to it."""

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_PLACES = frozenset({"product", "code", "minutes"})


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


@final
@dataclass(frozen=True)
class Letter:
    """A kind of mail: one definition gives subject, plain text and HTML.

    `once` letters are sent at most once: after a crash in the middle the outcome stays unknown and is
    shown; the others are sent at least once. A `farewell` outlives the person's data: it is posted under a
    number of its own, which goes with the delivery. `still_wanted` is asked at the moment of sending. With a
    `campaign` the mail holds a web beacon for those who said yes to that, and for nobody else. An `unproven`
    letter goes to an address that may be somebody else's: whether it was sent is not told. One that names somebody
    else than its reader says with `names` who that is: it stands in the ledger of both.
    """

    channel: ClassVar[str] = MAIL

    key: str
    subject: str
    parts: tuple[Line | Code | Button, ...]
    purpose: str
    lane: int = jobs.NORMAL
    once: bool = False
    expires: timedelta | None = None
    still_wanted: Callable[[UUID, dict[str, Any]], bool] | None = None
    farewell: bool = False
    campaign: str = ""
    unproven: bool = False
    names: Callable[[dict[str, Any]], UUID | None] | None = None


THE_CODE = Line(_("{product}: your code is {code}. It works for {minutes} minutes. Never tell it to anybody."))


@final
@dataclass(frozen=True)
class CodeText:
    """A text message with a security code, sent at least once: all that a phone number is ever used for.

    Its line has places for the product, the code and the minutes it works, and for nothing else.
    """

    purpose: ClassVar[str] = SECURITY_CODES
    channel: ClassVar[str] = SMS
    lane: ClassVar[int] = jobs.URGENT
    once: ClassVar[bool] = False
    farewell: ClassVar[bool] = False

    key: str
    expires: timedelta
    line: Line = THE_CODE
    still_wanted: Callable[[UUID, dict[str, Any]], bool] | None = None

    def __post_init__(self) -> None:
        places = {name for _, name, _, _ in Formatter().parse(self.line.text) if name is not None}
        if "code" not in places or places - _PLACES:
            raise ValueError(f"The text {self.key} must name {{code}}, and may name {{product}} and {{minutes}} only.")
        if self.expires < timedelta(minutes=1):
            raise ValueError(f"The code of the text {self.key} must work for a minute or longer.")


def phone_number(text: str) -> PhoneNumber:
    """Give the text as a phone number; a ValueError says that it is none, and not what it is."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("This is no phone number such as +4915112345678.")
    return PhoneNumber(text)


def mail_address(text: str) -> str:
    """Give the text as a mail address; a ValueError says that it is none, such as a phone number."""
    if "@" not in text:
        raise ValueError("A letter goes to a mail address, never to a phone number.")
    return text


_letters: dict[str, Letter | CodeText] = {}


def letter(definition: Letter) -> Letter:
    """Make a letter known; two with one key are an error of the program."""
    if type(definition) is not Letter:
        raise TypeError("Only a Letter can be made known as one.")
    _add(definition)
    return definition


def code_text(definition: CodeText) -> CodeText:
    """Make a text message known, under a key that no letter has."""
    if type(definition) is not CodeText:
        raise TypeError("Only a CodeText can be made known as one.")
    _add(definition)
    return definition


def _add(definition: Letter | CodeText) -> None:
    if definition.key in _letters:
        raise ValueError(f"There are two messages named {definition.key}.")
    _letters[definition.key] = definition


def letter_named(key: str) -> Letter | CodeText:
    """Give a letter or a text by its key; an unknown key is a KeyError."""
    return _letters[key]


def all_letters() -> tuple[Letter, ...]:
    """Give every letter the program can write."""
    return tuple(one for one in _letters.values() if isinstance(one, Letter))


def all_texts() -> tuple[CodeText, ...]:
    """Give every text message the program can send."""
    return tuple(one for one in _letters.values() if isinstance(one, CodeText))
