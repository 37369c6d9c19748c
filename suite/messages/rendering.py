"""A letter in a language as subject, plain text and HTML; every fact is escaped in HTML."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from suite.kernel import words
from suite.kernel.words import marked as _
from suite.messages.letters import Button, Code, Letter, Line

GREETING = _("Hello,")
FOOTER = _("This message was sent by {product} because this address was used there.")


@dataclass(frozen=True)
class Rendered:
    """What leaves."""

    subject: str
    text: str
    html: str


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("suite.messages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(letter: Letter, facts: dict[str, Any], language: str, *, public_url: str, product: str) -> Rendered:
    """Write the letter; line breaks in facts are flattened, so that no header can be smuggled in."""
    plain = {key: " ".join(str(value).split()) for key, value in facts.items()} | {"product": product}
    parts = [_part(part, plain, language, public_url) for part in letter.parts]
    subject = words.in_language(letter.subject, language).format_map(plain)
    greeting = words.in_language(GREETING, language)
    footer = words.in_language(FOOTER, language).format_map(plain)
    lines = [greeting, *(part["plain"] for part in parts)]
    text = "\n\n".join(lines) + f"\n\n-- \n{footer}\n"
    shown = {"subject": subject, "greeting": greeting, "parts": parts, "footer": footer}
    html = (
        _environment()
        .get_template("letter.html")
        .render(
            shown,
            language=language,
            product=product,
            code_follows=any(part["kind"] == "code" for part in parts),  # the subject names the code already
        )
    )
    return Rendered(" ".join(subject.split())[:200], text, html)


def render_short(letter: Letter, facts: dict[str, Any], language: str, *, product: str) -> Rendered:
    """Write a text message: the first line of the letter."""
    plain = {key: " ".join(str(value).split()) for key, value in facts.items()} | {"product": product}
    line = next(part for part in letter.parts if isinstance(part, Line))
    return Rendered("", words.in_language(line.text, language).format_map(plain), "")


def _part(part: Line | Code | Button, facts: dict[str, str], language: str, public_url: str) -> dict[str, Any]:
    match part:
        case Line(text):
            translated = words.in_language(text, language)
            markup = Markup(escape(translated)).format_map({k: escape(v) for k, v in facts.items()})  # noqa: S704 - both sides are escaped
            return {"kind": "line", "plain": translated.format_map(facts), "markup": markup}
        case Code(fact):
            return {"kind": "code", "plain": f"    {facts[fact]}", "code": facts[fact]}
        case Button(label, path):
            quoted = {key: quote(value, safe="") for key, value in facts.items()}
            address = public_url.rstrip("/") + path.format_map(quoted)
            shown = words.in_language(label, language)
            return {"kind": "button", "plain": f"{shown}:\n{address}", "label": shown, "address": address}
