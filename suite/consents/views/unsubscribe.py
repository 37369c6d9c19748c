"""One-click unsubscribe: what mail programs and the page behind the link in our letters call."""

from urllib.parse import quote

from flask import Response
from flask.views import MethodView

from suite.consents import unsubscribing
from suite.consents.errors import LinkDamaged
from suite.kernel.access import public
from suite.kernel.api import Blueprint

blp = Blueprint(
    "unsubscribe",
    __name__,
    url_prefix=unsubscribing.API,
    description="Stop letters with the link in them (RFC 8058); nobody has to sign in.",
)


@blp.route("/<token>")
class Unsubscribe(MethodView):
    @public
    @blp.response(303)
    @blp.called("lookAtUnsubscribe")
    def get(self, token: str) -> Response:
        """Go to the page that asks first

        Changes nothing, whoever or whatever opens it.
        """
        response = Response(status=303)
        response.headers["Location"] = f"{unsubscribing.PAGE}#{quote(token, safe='')}"
        return response

    @public
    @blp.response(204)
    @blp.refuses(LinkDamaged)
    @blp.called("unsubscribe")
    def post(self, token: str) -> None:
        """Stop the letters this link stands for

        Mail programs call it with `List-Unsubscribe=One-Click`; whatever the body says, or with none, it does the
        same. It can be called again, has no expiry, and answers alike when the account is gone.
        """
        unsubscribing.unsubscribe(token)
