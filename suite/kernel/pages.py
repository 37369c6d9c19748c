"""HTML pages: one frame, escaped templates, a strict content policy with a nonce, no outside request."""

import secrets
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


def page(source: str, *, language: str = "en", frames: bool = False, **facts: Any) -> Response:
    """Render a page; scripts and styles of the template carry `nonce="{{ nonce }}"`.

    Templates extend `page.html` and say `_("...")` where a text has a translation; `_("... {name}", name=...)` fills
    its places. `frames` lets a page show other pages of this site inside it.
    """
    nonce = secrets.token_urlsafe(16)
    translate = partial(_translated, language)
    html = _template(source).render(nonce=nonce, language=language, _=translate, **facts)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _policy(nonce, frames="'self'" if frames else "'none'")
    response.headers["Content-Language"] = language
    return response


def _translated(language: str, text: str, /, **values: Any) -> str:
    """Give a text of a template; what fills its places is escaped unless it is markup already."""
    found = words.known(text, language)
    return escape(found).format(**values) if values else found


def _policy(nonce: str, *, frames: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self'; frame-src {frames}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
