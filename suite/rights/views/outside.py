"""Requests of people who cannot sign in or have no account."""

from typing import Any

from flask.views import MethodView

from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.errors import TooManyAttempts
from suite.kernel.http import client_network, language
from suite.kernel.idempotency import idempotent
from suite.rights import outside
from suite.rights.errors import NothingAsked, RequestGone, RequestNotOpen
from suite.rights.models import RightsRequest
from suite.rights.schemas import own as s

blp = Blueprint(
    "privacy-requests",
    __name__,
    url_prefix="/api/v1/privacy/requests",
    description="Requests about data of people who cannot sign in or have no account.",
)


@blp.route("")
class OutsideRequests(MethodView):
    @public
    @idempotent
    @blp.arguments(s.OutsideIn)
    @blp.response(202, s.OutsideOut)
    @blp.refuses(TooManyAttempts)
    @blp.called("askFromOutside")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Ask about your data without signing in

        A mail with a link goes to the address, whether it is known or not; the answer is the same. Until the link is
        opened nobody looks at the request, and after a day it is deleted. Five a day for a mailbox. Personal data
        are never sent this way: for a copy of them sign in and ask there.
        """
        return {"expires_at": outside.ask(**data, language=language(), network=client_network())}


@blp.route("/proof")
class OutsideProof(MethodView):
    @public
    @blp.arguments(s.RequestLinkIn)
    @blp.response(200, s.ProvenOut)
    @blp.refuses(RequestGone, TooManyAttempts)
    @blp.called("proveOutsideRequest")
    def post(self, data: dict[str, str]) -> RightsRequest:
        """Prove the address of a request with the mailed link

        The token stands behind the `#` of the link, so that it reaches no server log; it works once.
        """
        return outside.prove(data["token"], network=client_network())


@blp.route("/information")
class OutsideInformation(MethodView):
    @public
    @blp.arguments(s.ReplyIn)
    @blp.response(204)
    @blp.refuses(RequestGone, NothingAsked, RequestNotOpen, TooManyAttempts)
    @blp.called("answerOutsideRequest")
    def post(self, data: dict[str, str]) -> None:
        """Answer what we asked about a request, with the mailed link"""
        outside.inform(**data, network=client_network())
