"""HTML pages: one frame, escaped templates, a strict content policy with a nonce, no outside request."""

import secrets
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import escape

from suite.kernel import words


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("suite.kernel"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _template(source: str) -> Template:
    return _environment().from_string(source)


_PLACE = secrets.token_urlsafe(16)
"""Stands in a rendered page where each answer puts a nonce of its own."""


@dataclass(frozen=True)
class Rendered:
    """A page that is alike for everybody who reads that language; what differs is the nonce of each answer."""

    html: str
    language: str
    frames: str

    def answer(self) -> Response:
        """Give the page with a new nonce."""
        nonce = secrets.token_urlsafe(16)
        response = Response(self.html.replace(_PLACE, nonce), content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = _policy(nonce, frames=self.frames)
        response.headers["Content-Language"] = self.language
        return response


def rendered(source: str, *, language: str = "en", frames: bool = False, **facts: Any) -> Rendered:
    """Render a page; scripts and styles of the template carry `nonce="{{ nonce }}"`.

    Templates extend `page.html` and say `_("...")` where a text has a translation; `_("... {name}", name=...)` fills
    its places. `frames` lets a page show other pages of this site inside it.
    """
    translate = partial(_translated, language)
    html = _template(source).render(nonce=_PLACE, language=language, _=translate, **facts)
    return Rendered(html, language, "'self'" if frames else "'none'")


def page(source: str, *, language: str = "en", frames: bool = False, **facts: Any) -> Response:
    """Render a page and answer with it."""
    return rendered(source, language=language, frames=frames, **facts).answer()


def _translated(language: str, text: str, /, **values: Any) -> str:
    """Give a text of a template; what fills its places is escaped unless it is markup already."""
    found = words.known(text, language)
    return escape(found).format(**values) if values else found


def _policy(nonce: str, *, frames: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self'; frame-src {frames}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
