"""To whom a message is handed over and what is in it: read from the letter itself, never written by hand."""

from collections.abc import Iterator
from functools import cache
from string import Formatter

from suite.declarations.kinds import kind_named
from suite.messages.letters import MAIL, SMS, Button, Code, CodeText, Letter, Line
from suite.privacy import Handover, can_be_suppressed

PROVIDERS = {MAIL: "mail_provider", SMS: "sms_provider"}
"""The declared recipient of each channel; the development inbox plays both, so that it shows what would leave."""

_ADDRESS = {MAIL: "email", SMS: "phone"}
_FACTS = {
    "code": "credential",
    "link": "credential",
    "token": "credential",
    "undo": "credential",
    "device": "user_agent",
    "time": "access_time",
    "service": "membership",
    "factor": "factor_name",
    "contract": "purchases",
    "license": "license_number",
    "tail": "license_number",
}
_NAMES = {"first_name": "first_name", "last_name": "last_name", "email": "email"}
"""The kinds of the facts that name somebody else than the reader of a letter."""
_FACTS |= _NAMES
"""The kinds of the facts that fill letters; every other one is part of the text."""


@cache
def handover(letter: Letter | CodeText) -> Handover:
    """Say who gets a letter, for what, and which kinds of data are in it."""
    return _handover(letter, {_ADDRESS[letter.channel], *_kinds(letter)})


@cache
def handover_of_reader(letter: Letter | CodeText) -> Handover:
    """Say the same about the reader alone."""
    return _handover(letter, {_ADDRESS[letter.channel], *_kinds(letter)} - (set(_NAMES.values()) - {"email"}))


@cache
def handover_of_named(letter: Letter | CodeText) -> Handover:
    """Say the same about whom a letter names to its reader."""
    return _handover(letter, {_NAMES[fact] for fact in _facts(letter) if fact in _NAMES})


def _handover(letter: Letter | CodeText, kinds: set[str]) -> Handover:
    categories = sorted({kind_named(kind).category for kind in kinds})
    return Handover(PROVIDERS[letter.channel], letter.purpose, tuple(categories))


def _kinds(letter: Letter | CodeText) -> Iterator[str]:
    """Give the kinds of what fills a letter; a text message says nothing but its code."""
    if isinstance(letter, Letter):
        yield "sealed_text"
    if can_be_suppressed(letter.purpose):
        yield "credential"  # the link that stops such letters
    yield from (_FACTS[fact] for fact in _facts(letter) if fact in _FACTS)


def _facts(letter: Letter | CodeText) -> Iterator[str]:
    for text in _templates(letter):
        yield from (name for _, name, _, _ in Formatter().parse(text) if name)


def _templates(letter: Letter | CodeText) -> Iterator[str]:
    """Give every text of a letter that has places for facts."""
    if isinstance(letter, CodeText):
        yield letter.line.text
        return
    yield letter.subject
    for part in letter.parts:
        match part:
            case Line(text):
                yield text
            case Code(fact):
                yield f"{{{fact}}}"
            case Button(label, path):
                yield from (label, path)
