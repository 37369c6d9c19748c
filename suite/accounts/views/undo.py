"""Links in our letters that undo, and the page behind them."""

from importlib.resources import files

from flask import Response
from flask.views import MethodView

from suite.accounts import undo
from suite.accounts.errors import AddressNotFree, OldAddressTaken, UndoGone
from suite.accounts.models import UndoLink
from suite.accounts.schemas import settings as s
from suite.accounts.views.pages import pages
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.errors import TooManyAttempts
from suite.kernel.http import client_network, language
from suite.kernel.pages import page

blp = Blueprint(
    "undo",
    __name__,
    url_prefix="/api/v1/undo",
    description="Undo what was not you, with the link in our letters.",
)


@blp.route("/details")
class Details(MethodView):
    @public
    @blp.arguments(s.UndoIn)
    @blp.response(200, s.UndoLinkOut)
    @blp.refuses(UndoGone, TooManyAttempts)
    @blp.called("lookAtUndoLink")
    def post(self, data: dict[str, str]) -> UndoLink:
        """Say what a link undoes

        Spends nothing, so that a page can ask before it acts.
        """
        return undo.look(data["token"], network=client_network())


@blp.route("")
class Undo(MethodView):
    @public
    @blp.arguments(s.UndoIn)
    @blp.response(200, s.UndoneOut)
    @blp.refuses(UndoGone, AddressNotFree, OldAddressTaken, TooManyAttempts)
    @blp.called("undo")
    def post(self, data: dict[str, str]) -> undo.Undone:
        """Undo what a link is about

        Each link works once. `not_me` ends every session and stops changes for 24 hours; `address` brings the
        earlier address back as well; `closed` opens a closed account again, and nobody is signed in.
        """
        return undo.use(data["token"], network=client_network())


@pages.get("/undo")
@public
def undo_page() -> Response:
    """Ask before a link undoes something; opening the page changes nothing."""
    source = files("suite.accounts").joinpath("templates/undo.html").read_text(encoding="utf-8")
    response = page(source, language=language())
    response.headers.add("Vary", "Accept-Language")
    return response
