"""The page behind the mailed invitation."""

from importlib.resources import files

from flask import Blueprint, Response

from suite.kernel.access import public
from suite.kernel.http import language
from suite.kernel.pages import page

pages = Blueprint("staff_pages", __name__)


@pages.get("/staff/invitation")
@public
def invitation() -> Response:
    """Lead an invited member through password, authenticator app and recovery codes; opening it spends nothing."""
    source = files("suite.staff").joinpath("templates/invitation.html").read_text(encoding="utf-8")
    response = page(source, language=language())
    response.headers.add("Vary", "Accept-Language")
    return response
