"""Every text that people may read has a German and a Russian translation, and no translation is left over."""

import ast
import dataclasses
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import marshmallow as ma
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from werkzeug.http import HTTP_STATUS_CODES

from suite import app as application
from suite import privacy
from suite.kernel import words
from suite.kernel.pages import page
from suite.kernel.sentences import ABOUT_REQUESTS, ABOUT_VALUES
from suite.privacy.content import content, template
from suite.privacy.notice import notice
from suite.privacy.phrases import Tongue
from suite.services import SERVICES, Vendor

SUITE = Path(words.__file__).parent.parent
PLACE = re.compile(r"\{\w*\}")


def marked_in_code(source: str) -> Iterator[str]:
    """Find `_("...")`; anything but one plain text in it is a mistake."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "marked"}:
            text = ast.literal_eval(node.args[0])
            assert isinstance(text, str)
            yield text


def marked_in_template(source: str) -> Iterator[str]:
    """Find `{{ _("...") }}`."""
    for call in Environment().parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "_":
            yield call.args[0].as_const()


def marked() -> set[str]:
    """Give every marked text of the product."""
    found = {text for path in SUITE.rglob("*.py") for text in marked_in_code(path.read_text(encoding="utf-8"))}
    for path in SUITE.rglob("templates/*.html"):
        found.update(marked_in_template(path.read_text(encoding="utf-8")))
    return found


def declared(monkeypatch: pytest.MonkeyPatch, language: str) -> set[str]:
    """Give every text the privacy notice looks up when it is shown: each declaration's words are among them."""
    register = privacy.Register(
        declarations=tuple(module.declaration for module in application.MODULES),
        services=SERVICES,
        vendor=dataclasses.asdict(Vendor.load()),
    )
    asked: set[str] = set()
    known = words.known
    monkeypatch.setattr(words, "known", lambda text, tongue: asked.add(text) or known(text, tongue))
    facts = notice(content(register), Tongue(language))
    page(template(), language=language, **facts, version="", old=False, since="", before=None, news=())
    return asked


def faults(needed: Iterable[str], catalogue: Catalog) -> list[str]:
    """Name what is missing, empty, unsure, left over or has other places than the English text."""
    given = {str(entry.id): entry for entry in catalogue if entry.id}
    found = [f"missing: {text}" for text in needed if text not in given]
    found += [f"left over: {text}" for text in (*given, *map(str, catalogue.obsolete)) if text not in set(needed)]
    for text, entry in given.items():
        if not entry.string or entry.fuzzy:
            found.append(f"not translated: {text}")
        elif sorted(set(PLACE.findall(text))) != sorted(set(PLACE.findall(str(entry.string)))):
            found.append(f"other places: {text}")
    return found


def catalogue_of(language: str) -> Catalog:
    with (words.FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


@pytest.mark.parametrize("language", ["de", "ru"])
def test_every_marked_and_every_declared_text_is_translated(monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    needed = marked() | declared(monkeypatch, language)

    assert faults(needed, catalogue_of(language)) == []


@pytest.mark.parametrize("language", ["de", "ru"])
def test_no_text_is_translated_twice(language: str) -> None:
    texts = re.findall(r'^msgid "(.+)"$', (words.FOLDER / f"{language}.po").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(text for text in set(texts) if texts.count(text) > 1) == []


def test_the_walk_finds_marked_texts_in_code_and_templates() -> None:
    found = marked()

    assert "Please sign in." in found
    assert "Hello," in found
    assert "Skip to the content" in found
    assert len(found) > 90


@pytest.mark.parametrize("language", ["de", "ru"])
def test_no_translation_is_the_english_text(language: str) -> None:
    same = [entry.id for entry in catalogue_of(language) if entry.id and entry.id == entry.string]

    assert same == []


def planted(**strings: str) -> Catalog:
    catalogue = Catalog()
    for text, string in strings.items():
        catalogue.add(text, string)
    return catalogue


@pytest.mark.parametrize(
    ("needed", "given", "sentence"),
    [
        (["Yes", "No"], {"Yes": "Ja"}, "missing: No"),
        (["Yes"], {"Yes": ""}, "not translated: Yes"),
        (["Yes"], {"Yes": "Ja", "Old": "Alt"}, "left over: Old"),
        (["Hi {name}"], {"Hi {name}": "Hallo {nam}"}, "other places: Hi {name}"),
        (["Hi {name}"], {"Hi {name}": "Hallo"}, "other places: Hi {name}"),
        (["Hi"], {"Hi": "Hallo {name}"}, "other places: Hi"),
    ],
)
def test_the_check_finds_a_planted_fault(needed: list[str], given: dict[str, str], sentence: str) -> None:
    assert faults(needed, planted(**given)) == [sentence]


def test_the_check_finds_a_translation_marked_as_unsure() -> None:
    catalogue = Catalog()
    catalogue.add("Yes", "Vielleicht", flags=["fuzzy"])

    assert faults(["Yes"], catalogue) == ["not translated: Yes"]


def test_the_sentences_of_libraries_are_still_theirs() -> None:
    fields = [
        field for field in vars(ma.fields).values() if isinstance(field, type) and issubclass(field, ma.fields.Field)
    ]
    said = {text for field in fields for text in field.default_error_messages.values()}
    said |= set(ma.Schema._default_error_messages.values())
    for validator in (ma.validate.Length, ma.validate.Range, ma.validate.OneOf, ma.validate.Regexp):
        said |= {text for name, text in vars(validator).items() if "message" in name and isinstance(text, str)}
    filled = {text.replace("{obj_type}", "datetime") for text in said}
    filled |= {
        text.format(min_op="greater than or equal to", max_op="less than or equal to")
        for text in said
        if "{min_op}" in text and "{max_op}" in text
    }

    assert set(ABOUT_VALUES) - filled == set()
    assert set(ABOUT_REQUESTS) - set(HTTP_STATUS_CODES.values()) == set()


@pytest.mark.parametrize(
    ("sentence", "german"),
    [
        ("Longer than maximum length 64.", "Zu lang; höchstens 64 Zeichen oder Einträge sind erlaubt."),
        ("Length must be between 1 and 200.", "Die Länge muss zwischen 1 und 200 liegen."),
        ("Must be one of: en, de, ru.", "Möglich sind: en, de, ru."),
        ("Unknown field.", "Unbekanntes Feld."),
        ("A sentence nobody translated.", "A sentence nobody translated."),
    ],
)
def test_a_sentence_with_its_places_filled_in_is_known(sentence: str, german: str) -> None:
    assert words.in_language(sentence, "de") == german
    assert words.in_language(sentence, "en") == sentence


def test_a_place_that_comes_twice_must_hold_the_same() -> None:
    pattern = re.compile(words._pattern("{service} is {service}."))

    assert pattern.fullmatch("A is A.")
    assert not pattern.fullmatch("A is B.")
