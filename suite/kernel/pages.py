"""HTML pages: escaped templates, a strict content policy with a nonce, no outside request."""

import secrets
from functools import cache
from typing import Any

from flask import Response
from jinja2 import BaseLoader, Environment, StrictUndefined, Template


@cache
def _template(source: str) -> Template:
    environment = Environment(loader=BaseLoader(), autoescape=True, undefined=StrictUndefined)
    return environment.from_string(source)


def page(source: str, *, frames: bool = False, **facts: Any) -> Response:
    """Render a page; scripts and styles of the template carry `nonce="{{ nonce }}"`."""
    nonce = secrets.token_urlsafe(16)
    html = _template(source).render(nonce=nonce, **facts)
    response = Response(html, content_type="text/html; charset=utf-8")
    framed = "'self'" if frames else "'none'"
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self'; frame-src {framed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response
