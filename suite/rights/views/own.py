"""What people ask about their own data, and what holds for them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import ChangesFrozen, signed_in_account
from suite.exports import ExportRunning
from suite.kernel.access import Permission, allow, confirmed_lately, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound, SignInAgain, TooManyAttempts
from suite.kernel.http import language
from suite.kernel.idempotency import idempotent
from suite.kernel.paging import PageQuery
from suite.privacy import objections_of, restriction_of
from suite.rights import intake, standing
from suite.rights.errors import NoConsentGiven, NoLegitimateInterest, NothingAsked, RequestNotOpen
from suite.rights.schemas import own as s
from suite.rights.views.shown import shown

blp = Blueprint(
    "rights",
    __name__,
    url_prefix="/api/v1/me",
    description="Your rights over your data: requests, restriction, objections.",
)


@blp.route("/requests")
class Requests(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.RightsRequestsOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listMyRequests")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List your requests about your data"""
        found = intake.mine(person_id(), **query)
        return {"requests": [shown(one, language()) for one in found.rows], "next_cursor": found.next_cursor}

    @allow(Permission.OWN_ACCOUNT)
    @idempotent
    @blp.arguments(s.RequestIn)
    @blp.response(201, s.RightsRequestOut)
    @blp.refuses(SignInAgain, NoLegitimateInterest, NoConsentGiven, ExportRunning, ChangesFrozen, TooManyAttempts)
    @blp.called("makeRequest")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Ask for what you have a right to

        Most is served at once: the state of the answer says so. A copy of the data, their portability and erasure
        need a confirmation within the last five minutes. Erasure closes the account and does not wait for a grace.
        What staff have to look at is answered within one calendar month; it costs nothing.
        """
        return shown(intake.ask(data, fresh=confirmed_lately()), language())


@blp.route("/requests/<uuid:request_id>")
class OneRequest(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.RightsRequestOut)
    @blp.refuses(NotFound)
    @blp.called("getMyRequest")
    def get(self, request_id: UUID) -> dict[str, Any]:
        """Get one of your requests"""
        return shown(intake.one(person_id(), request_id), language())


@blp.route("/requests/<uuid:request_id>/withdrawal")
class Withdrawal(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.RightsRequestOut)
    @blp.refuses(NotFound, RequestNotOpen)
    @blp.called("withdrawMyRequest")
    def post(self, request_id: UUID) -> dict[str, Any]:
        """Take a request back that is not answered yet"""
        return shown(intake.take_back(person_id(), request_id), language())


@blp.route("/requests/<uuid:request_id>/information")
class Information(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(s.InformationIn)
    @blp.response(200, s.RightsRequestOut)
    @blp.refuses(NotFound, NothingAsked, RequestNotOpen)
    @blp.called("answerAboutMyRequest")
    def post(self, data: dict[str, str], request_id: UUID) -> dict[str, Any]:
        """Answer what we asked about a request"""
        return shown(intake.inform(intake.one(person_id(), request_id), data["text"]), language())


@blp.route("/restriction")
class Restriction(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.RestrictionOut)
    @blp.called("getRestriction")
    def get(self) -> dict[str, Any]:
        """Get whether your data are only stored for now

        It begins with a request of the kind `restriction`. Until you end it you get no letters but those the law
        demands or that guard your account, nothing is counted, and nothing is changed: `data_restricted`.
        """
        found = restriction_of(person_id())
        if found is None:
            return {"restricted": False, "since": None, "reason": None}
        return {"restricted": True, "since": found.since, "reason": found.reason}

    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @blp.response(204)
    @blp.called("endRestriction")
    def delete(self) -> None:
        """End the restriction of your data"""
        standing.end_restriction(signed_in_account().id)


@blp.route("/objections")
class Objections(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.ObjectionsOut)
    @blp.called("listObjections")
    def get(self) -> dict[str, Any]:
        """List what you objected to"""
        return {"objections": objections_of(person_id())}


@blp.route("/objections/<purpose>")
class OneObjection(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(204)
    @blp.refuses(NotFound)
    @blp.called("takeBackObjection")
    def delete(self, purpose: str) -> None:
        """Take an objection back"""
        standing.end_objection(signed_in_account().id, purpose)
