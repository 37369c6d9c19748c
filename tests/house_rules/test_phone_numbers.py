"""A phone number serves security codes only: held by types, by refusals, and at the last door before the provider."""

import ast
import dataclasses
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from mypy import api as mypy

from suite.kernel import db
from suite.kernel.ids import new_id
from suite.messages import (
    CodeText,
    Letter,
    PhoneNumber,
    all_letters,
    all_texts,
    code_text,
    letter,
    module,
    outbox,
    post,
    text,
)
from suite.messages import letters as known_letters
from suite.messages.errors import NotDelivered
from suite.messages.models import Message
from suite.messages.rendering import Rendered
from suite.messages.twilio import Twilio
from suite.privacy import WayOut
from suite.settings import Settings
from tests import source

CODE = CodeText("a_code", expires=timedelta(minutes=5))
NEWS = Letter("news", "News", (), purpose="sign_in")
NUMBER = PhoneNumber("+4915112345678")
WAY = WayOut("sms_provider")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a code known besides those of the product, so that the walk never walks past nothing."""
    monkeypatch.setitem(known_letters._letters, CODE.key, CODE)


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
def test_every_text_is_a_security_code_and_no_letter_is_a_text(known: None) -> None:
    assert {(type(one), one.purpose, one.channel) for one in all_texts()} == {(CodeText, "security_codes", "sms")}
    assert {(type(one), one.channel) for one in all_letters()} == {(Letter, "mail")}
    assert {*all_texts(), *all_letters()} == set(known_letters._letters.values())


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
def test_the_last_door_before_the_provider_opens_for_codes_alone(known: None) -> None:
    twilio = Twilio(Settings(twilio_url="http://127.0.0.1:9", twilio_account_sid="AC1", twilio_auth_token="x"))
    rendered = Rendered("", "Buy this", "")

    for one in all_letters():
        with pytest.raises(NotDelivered, match="no_security_code"):
            twilio.send(WAY, Message(id=new_id(), letter=one.key, channel="sms"), NUMBER, rendered)
    with pytest.raises(ValueError, match="no phone number"):
        twilio.send(WAY, Message(id=new_id(), letter=CODE.key, channel="sms"), "ann@example.org", rendered)


def test_the_provider_of_text_messages_gets_numbers_for_codes_alone() -> None:
    given = {
        purpose.key
        for one in module.declaration.recipients
        if any("phone_number" in category for category in one.receives)
        for purpose in one.purposes
    }

    assert given == {"security_codes"}


# --- no other way leads there


@cache
def calls(place: str) -> list[str]:
    """Give what a file calls, as it is written, and the packages that it imports."""
    return list(_calls(source.nodes()[place]))


def _calls(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func) + "()"
        elif isinstance(node, ast.ImportFrom):
            yield f"from {node.module}"
        elif isinstance(node, ast.Import):
            yield from (f"from {one.name}" for one in node.names)


def places_of(*wanted: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for place in source.texts():
        for call in calls(place):
            for one in wanted:
                if call == one or call.endswith(f".{one}") or (one.endswith(".") and call.startswith(one)):
                    found.setdefault(one, set()).add(place)
    return found


def test_messages_are_written_sent_and_handed_over_in_one_place_each() -> None:
    assert places_of("Message()", "sender_for()", "Twilio()", "messages.create()", "from twilio.") == {
        "Message()": {"messages/outbox.py"},
        "sender_for()": {"messages/delivery.py"},
        "Twilio()": {"messages/senders.py"},
        "messages.create()": {"messages/twilio.py"},
        "from twilio.": {"messages/twilio.py", "messages/twilio_http.py"},
    }


# --- what is refused while the program runs


class Disguised:
    """Looks like a code and is none."""

    key, purpose, channel, lane, expires = "a_code", "security_codes", "sms", 0, timedelta(minutes=5)


GIVEN: dict[str, Any] = {"person_id": new_id(), "language": "en", "facts": {"code": "123456"}}


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
@pytest.mark.parametrize("wrong", [NEWS, Disguised(), None], ids=lambda one: type(one).__name__)
def test_only_a_code_is_texted(app: object, wrong: Any) -> None:
    with db.transaction(), pytest.raises(TypeError, match="Only a CodeText"):
        text(wrong, NUMBER, **GIVEN)


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
@pytest.mark.parametrize("wrong", [NUMBER, "+1 650 253 0000", "015112345678", ""])
def test_a_letter_is_not_posted_to_a_phone(app: object, wrong: str) -> None:
    with db.transaction(), pytest.raises(ValueError, match="never to a phone number") as refused:
        post(NEWS, to=wrong, **GIVEN)

    assert "+" not in str(refused.value)


@pytest.mark.parametrize("wrong", [CODE, Disguised(), None], ids=lambda one: type(one).__name__)
def test_only_a_letter_is_posted(app: object, wrong: Any) -> None:
    with db.transaction(), pytest.raises(TypeError, match="Only a Letter"):
        post(wrong, to="ann@example.org", **GIVEN)


@pytest.mark.parametrize(
    "wrong",
    [
        "ann@example.org",
        "",
        "+",
        "015112345678",
        "+0511234567",
        "+49 151 12345678",
        "+49151123456789012",
        NUMBER + "\n",
    ],
)
def test_a_code_is_texted_to_a_phone_number_alone(app: object, wrong: str) -> None:
    with db.transaction(), pytest.raises(ValueError, match="no phone number") as refused:
        text(CODE, PhoneNumber(wrong), **GIVEN)

    assert not wrong.strip("+") or wrong not in str(refused.value)


@pytest.mark.parametrize(
    "wrong", [{}, {"code": ""}, {"code": "Buy this"}, {"code": "https://evil.example"}, {"x": "1"}]
)
def test_a_text_carries_a_code_and_nothing_else(app: object, wrong: dict[str, str]) -> None:
    with db.transaction(), pytest.raises(ValueError, match="carries a code"):
        text(CODE, NUMBER, **(GIVEN | {"facts": wrong}))


def test_the_purpose_of_a_text_cannot_be_another_one(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    a_code: Any = CODE
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_code.purpose = "news"
    with pytest.raises(TypeError):
        dataclasses.replace(a_code, purpose="news")
    monkeypatch.setattr(CodeText, "purpose", "news")

    with db.transaction(), pytest.raises(ValueError, match="security codes only"):
        text(CODE, NUMBER, **GIVEN)


def test_a_class_of_ones_own_is_no_letter_and_no_text(app: object) -> None:
    base: Any = CodeText
    news = type("News", (base,), {"purpose": "news"})("news_by_sms", expires=timedelta(minutes=5))

    for make_known in (code_text, letter):
        with pytest.raises(TypeError, match="can be made known"):
            make_known(news)
    with db.transaction(), pytest.raises(TypeError, match="Only a CodeText"):
        text(news, NUMBER, **GIVEN)


# --- what does not type-check

HEAD = """
from datetime import timedelta
from uuid import UUID
from suite.messages.letters import CodeText, Letter, PhoneNumber
from suite.messages.outbox import post, text
code, who = CodeText("code", expires=timedelta(minutes=5)), UUID(int=0)
news, phone = Letter("news", "News", (), purpose="sign_in"), PhoneNumber("+4915112345678")
"""
RIGHT = """
text(code, phone, person_id=who, language="en", facts={})
post(news, person_id=who, to="ann@example.org", language="en", facts={})
"""
WRONG = """
text(news, phone, person_id=who, language="en", facts={})
text(code, "+4915112345678", person_id=who, language="en", facts={})
post(code, person_id=who, to="ann@example.org", language="en", facts={})
CodeText("code")
CodeText("code", expires=timedelta(minutes=5), purpose="news")
Letter("news", "News", (), purpose="sign_in", channel="sms")
class News(CodeText): pass
"""


def mistakes(tmp_path: Path, code: str) -> list[str]:
    """Give the kinds of mistakes that the type checker finds in the lines below the head."""
    snippet = tmp_path / "snippet.py"
    snippet.write_text(HEAD + code)
    sources = [str(Path(one.__file__)) for one in (known_letters, outbox)]
    options = ["--config-file=", "--follow-imports=skip", "--cache-dir", str(tmp_path)]
    said, complaints, _ = mypy.run([*options, str(snippet), *sources])
    assert not complaints
    errors = [line for line in said.splitlines() if line.startswith(str(snippet)) and ": error:" in line]
    return [line.rpartition("[")[2].rstrip("]") for line in errors]


def test_a_right_call_type_checks_and_every_wrong_one_does_not(tmp_path: Path) -> None:
    assert mistakes(tmp_path, RIGHT) == []
    assert mistakes(tmp_path, WRONG) == ["arg-type", "arg-type", "arg-type", *["call-arg"] * 3, "misc"]
