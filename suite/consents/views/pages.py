"""The pages behind unsubscribe links and for cookie choices, and the answer to the GPC signal."""

from importlib.resources import files

from flask import Blueprint, Response, jsonify

from suite.kernel.access import public
from suite.kernel.http import language, outside_transaction
from suite.kernel.pages import page

pages = Blueprint("consent_pages", __name__)
GPC_SINCE = "2026-11-24"


@pages.get("/unsubscribe")
@public
def unsubscribe_page() -> Response:
    """Ask before letters stop; opening the page changes nothing."""
    return _page("unsubscribe.html")


@pages.get("/cookies")
@public
def cookies_page() -> Response:
    """Let people restrict or block cookies (RIG-18, COO-23); opening the page sets none."""
    return _page("cookies.html")


@pages.get("/.well-known/gpc.json")
@public
@outside_transaction
def gpc() -> Response:
    """Say that the signal of browsers is honoured, as the draft of the W3C says it."""
    return jsonify({"gpc": True, "lastUpdate": GPC_SINCE})


def _page(template: str) -> Response:
    source = files("suite.consents").joinpath("templates", template).read_text(encoding="utf-8")
    response = page(source, language=language())
    response.headers.add("Vary", "Accept-Language")
    return response
