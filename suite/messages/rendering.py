"""A letter in a language as subject, plain text and HTML; every fact is escaped in HTML. A code as a text message."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from suite.consents import UNSUBSCRIBE_API, UNSUBSCRIBE_PAGE
from suite.kernel import words
from suite.kernel.words import marked as _
from suite.messages.letters import Button, Code, CodeText, Letter, Line

GREETING = _("Hello,")
UNSUBSCRIBE = _("Unsubscribe from these letters")
FOOTER = _("This message was sent by {product} because this address was used there.")


@dataclass(frozen=True)
class Rendered:
    """What leaves; `unsubscribe` is the address a mail program calls by itself (RFC 8058)."""

    subject: str
    text: str
    html: str
    unsubscribe: str = ""


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("suite.messages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(
    letter: Letter,
    facts: dict[str, Any],
    language: str,
    *,
    public_url: str,
    product: str,
    unsubscribe: str = "",
    beacon: bool = False,
) -> Rendered:
    """Write the letter; line breaks in facts are flattened, so that no header can be smuggled in.

    `unsubscribe` is the token of a letter that can be stopped, `beacon` whether its campaign may be measured.
    """
    plain = {key: _flat(value) for key, value in facts.items()} | {"product": product}
    parts = [_part(part, plain, language, public_url) for part in letter.parts]
    subject = words.in_language(letter.subject, language).format_map(plain)
    greeting = words.in_language(GREETING, language)
    footer = words.in_language(FOOTER, language).format_map(plain)
    lines = [greeting, *(part["plain"] for part in parts)]
    text = "\n\n".join(lines) + f"\n\n-- \n{footer}\n"
    home = public_url.rstrip("/")
    shown = {"subject": subject, "greeting": greeting, "parts": parts, "footer": footer, "stop": {}, "beacon": ""}
    if unsubscribe:
        stop = {
            "label": words.in_language(UNSUBSCRIBE, language),
            "address": f"{home}{UNSUBSCRIBE_PAGE}#{unsubscribe}",
        }
        text += f"\n{stop['label']}:\n{stop['address']}\n"
        shown["stop"] = stop
    if beacon and letter.campaign:
        shown["beacon"] = f"{home}/api/v1/beacons/{letter.campaign}.gif"
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
    called = f"{home}{UNSUBSCRIBE_API}/{unsubscribe}" if unsubscribe else ""
    return Rendered(" ".join(subject.split())[:200], text, html, called)


def render_code(text: CodeText, facts: dict[str, Any], language: str, *, public_url: str, product: str) -> Rendered:
    """Write a text message: one line and, where one message holds both, the line that binds the code to our site.

    By that last line a phone offers the code on pages of this host alone (origin-bound one-time codes).
    """
    code, minutes = _flat(facts["code"]), text.expires // timedelta(minutes=1)
    line = words.in_language(text.line.text, language).format(product=product, code=code, minutes=minutes)
    address = urlsplit(public_url)
    bound = f"{line}\n\n@{address.hostname} #{code}"
    return Rendered("", bound if address.scheme == "https" and fits_one_message(bound) else line, "")


_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")


def fits_one_message(text: str) -> bool:
    """Say whether a text is sent as one message: 160 places in the alphabet of GSM 03.38, else 70 units of UTF-16."""
    if _GSM_TWICE.issuperset(set(text) - _GSM):
        return len(text) + sum(character in _GSM_TWICE for character in text) <= 160
    return len(text.encode("utf-16-le")) // 2 <= 70


def _flat(value: Any) -> str:
    return " ".join(str(value).split())


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
