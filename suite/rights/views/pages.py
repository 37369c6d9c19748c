"""The page for requests of people who cannot sign in, also behind the links of our letters."""

from importlib.resources import files

from flask import Blueprint, Response

from suite.kernel.access import public
from suite.kernel.http import language
from suite.kernel.pages import page
from suite.kernel.words import in_language
from suite.rights import words

pages = Blueprint("rights_pages", __name__)


@pages.get("/privacy/request")
@public
def request_page() -> Response:
    """Take a request, confirm one, or answer a question about one; opening the page does nothing."""
    source = files("suite.rights").joinpath("templates", "request.html").read_text(encoding="utf-8")
    kinds = {kind: in_language(says, language()) for kind, says in words.KINDS.items()}
    response = page(source, language=language(), kinds=kinds)
    response.headers.add("Vary", "Accept-Language")
    return response
