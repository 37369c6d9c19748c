"""Text messages: what they say, where their code may be used, and how long they are."""

from datetime import timedelta
from typing import Any

import pytest

from suite.kernel.words import LANGUAGES
from suite.messages import CodeText, Line
from suite.messages.rendering import fits_one_message, render_code

CODE = CodeText("test_code", expires=timedelta(minutes=5))
OURS = {"public_url": "https://accounts.example.com/", "product": "Accounts"}


def written(text: CodeText = CODE, language: str = "en", code: str = "123456", **ours: str) -> str:
    return render_code(text, {"code": code}, language, **(OURS | ours)).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_says_whose_code_it_is_how_long_it_works_and_fits_one_message(language: str) -> None:
    text = written(language=language)

    assert text.startswith("Accounts: ")
    assert "123456" in text
    assert " 5 " in text.splitlines()[0]
    assert fits_one_message(text)


def test_the_texts_of_the_languages_differ() -> None:
    assert len({written(language=language) for language in LANGUAGES}) == 3


def test_the_last_line_binds_the_code_to_our_host_without_port() -> None:
    said, empty, bound = written(public_url="https://accounts.example.com:8443").split("\n")

    assert said == "Accounts: your code is 123456. It works for 5 minutes. Never tell it to anybody."
    assert (empty, bound) == ("", "@accounts.example.com #123456")


def test_a_product_without_tls_binds_no_code() -> None:
    assert written(public_url="http://localhost").count("\n") == 0


def test_the_binding_is_left_out_where_it_would_cost_a_second_message() -> None:
    assert written(public_url=f"https://{'accounts.' * 8}example.com").count("\n") == 0
    assert written(language="ru").count("\n") == 0


def test_the_minutes_are_those_after_which_the_code_is_refused() -> None:
    assert "works for 10 minutes" in written(CodeText("ten", expires=timedelta(minutes=10)))


def test_a_code_cannot_add_lines_of_its_own() -> None:
    text = written(code="1\n@evil.example #1", public_url="http://localhost")

    assert "\n" not in text


@pytest.mark.parametrize("line", ["Hello", "{product}", "{code} for {name}", "{code} {0}", "{code} {product.upper}"])
def test_a_text_that_would_say_anything_but_a_code_cannot_be_defined(line: str) -> None:
    with pytest.raises(ValueError, match="must name"):
        CodeText("wrong", expires=timedelta(minutes=5), line=Line(line))


@pytest.mark.parametrize("expires", [timedelta(), timedelta(seconds=59), -timedelta(minutes=5)])
def test_a_text_needs_a_code_that_works_for_a_while(expires: timedelta) -> None:
    with pytest.raises(ValueError, match="must work"):
        CodeText("wrong", expires=expires)


def test_a_text_without_an_expiry_is_an_error_of_the_program() -> None:
    unfinished: Any = CodeText

    with pytest.raises(TypeError, match="expires"):
        unfinished("wrong")


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", True),
        ("a" * 160, True),
        ("a" * 161, False),
        ("ä@£Ω" * 40, True),
        ("€" * 80, True),
        ("€" * 80 + "a", False),
        ("{}[]~^|\\" * 10, True),
        ("я" * 70, True),
        ("я" + "a" * 70, False),
        ("😀" * 35, True),
        ("😀" * 35 + "a", False),
        ("ç" + "a" * 69, True),  # the alphabet has only the capital
        ("ç" + "a" * 70, False),
    ],
)
def test_the_length_of_a_message_is_counted_as_phones_do(text: str, fits: bool) -> None:
    assert fits_one_message(text) is fits
