"""The pages behind mailed links, for installations without a front end of their own."""

from importlib.resources import files

from flask import Blueprint, Response

from suite.kernel.access import public
from suite.kernel.http import language
from suite.kernel.pages import page

pages = Blueprint("account_pages", __name__)


@pages.get("/confirm")
@public
def confirm() -> Response:
    """Ask for the password and confirm the address; opening the page consumes nothing."""
    return _page("confirm.html")


@pages.get("/recover")
@public
def recover() -> Response:
    """Lead somebody who forgot the password to a new one; opening the page consumes nothing."""
    return _page("recover.html")


def _page(template: str) -> Response:
    source = files("suite.accounts").joinpath("templates", template).read_text(encoding="utf-8")
    response = page(source, language=language())
    response.headers.add("Vary", "Accept-Language")
    return response
