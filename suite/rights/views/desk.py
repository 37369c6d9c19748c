"""The work list of privacy officers."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import contact_of
from suite.kernel import clock
from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.http import language
from suite.kernel.paging import PageQuery
from suite.rights import desk, steps, telling, words
from suite.rights.errors import (
    ExtensionTooLate,
    NoLegitimateInterest,
    OverridingReasonNeeded,
    RequestNotOpen,
    WithdrawalIsFree,
)
from suite.rights.models import RightsRequest
from suite.rights.schemas import desk as s
from suite.rights.views.shown import shown

blp = Blueprint(
    "staff-privacy",
    __name__,
    url_prefix="/api/v1/staff/privacy",
    description="Internal tools: requests about personal data. Each look and act stands in the audit trail, and the "
    "person can read it.",
)


@blp.route("/requests")
class Work(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.arguments(s.WorkQuery, location="query")
    @blp.response(200, s.WorkOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listPrivacyRequests")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List requests, the first due first

        Without a state, all that are open. No names and no contents: those are shown by looking at one.
        """
        found = desk.listing(**query)
        return {"requests": [_row(request) for request in found.rows], "next_cursor": found.next_cursor}


@blp.route("/requests/<uuid:request_id>/view")
class View(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound)
    @blp.called("viewPrivacyRequest")
    def post(self, request_id: UUID) -> dict[str, Any]:
        """Look at a request"""
        return _case(desk.look(request_id))


@blp.route("/requests/<uuid:request_id>/take")
class Take(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound, RequestNotOpen)
    @blp.called("takePrivacyRequest")
    def post(self, request_id: UUID) -> dict[str, Any]:
        """Take a request that nobody works on"""
        return _case(desk.take(request_id))


@blp.route("/requests/<uuid:request_id>/question")
class Question(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.arguments(s.QuestionIn)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound, RequestNotOpen)
    @blp.called("askAboutPrivacyRequest")
    def post(self, data: dict[str, Any], request_id: UUID) -> dict[str, Any]:
        """Ask the person something about a request

        Who they are, or what helps to answer. The deadline stands still until the answer comes.
        """
        return _case(desk.ask(request_id, identity=data["identity"], question=data["text"]))


@blp.route("/requests/<uuid:request_id>/extension")
class Extension(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.arguments(s.ExtensionIn)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound, RequestNotOpen, ExtensionTooLate)
    @blp.called("extendPrivacyRequest")
    def post(self, data: dict[str, Any], request_id: UUID) -> dict[str, Any]:
        """Take one or two months more

        Once, before the first month is over, and only for the two reasons of the law. The person is told.
        """
        return _case(desk.extend(request_id, **data))


@blp.route("/requests/<uuid:request_id>/fee")
class Fee(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.arguments(s.FeeIn)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound, RequestNotOpen, WithdrawalIsFree)
    @blp.called("chargePrivacyRequest")
    def post(self, data: dict[str, Any], request_id: UUID) -> dict[str, Any]:
        """Name a fee for what is unfounded, repetitive or excessive"""
        return _case(desk.charge(request_id, **data))


@blp.route("/requests/<uuid:request_id>/refusal")
class Refusal(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @fresh
    @blp.arguments(s.RefusalIn)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound, RequestNotOpen, WithdrawalIsFree, OverridingReasonNeeded)
    @blp.called("refusePrivacyRequest")
    def post(self, data: dict[str, str], request_id: UUID) -> dict[str, Any]:
        """Refuse a request

        The person is told why. An objection is refused only for compelling reasons, also after it was followed at
        first; the withdrawal of a consent never.
        """
        return _case(desk.refuse(request_id, **data))


@blp.route("/requests/<uuid:request_id>/fulfilment")
class Fulfilment(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @fresh
    @blp.arguments(s.FulfilmentIn)
    @blp.response(200, s.CaseOut)
    @blp.refuses(NotFound, RequestNotOpen, NoLegitimateInterest)
    @blp.called("fulfilPrivacyRequest")
    def post(self, data: dict[str, Any], request_id: UUID) -> dict[str, Any]:
        """Say that a request is done

        Erasure, restriction and objection are done by this act. After a correction connected systems are told.
        """
        text, partly, about = data["text"], data["partly"], data["purpose"]
        return _case(desk.fulfil(request_id, text=text, partly=partly, about=about))


@blp.route("/recipients")
class Recipients(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.RecipientsToTellOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listRecipientsToTell")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List recipients that still have to be told

        Of a correction, erasure or restriction, where a recipient keeps data and no event reaches it.
        """
        found = telling.waiting(**query)
        rows = [
            {"reference": telling.reference(row)}
            | {name: getattr(row, name) for name in ("id", "recipient", "event", "noted_at")}
            for row in found.rows
        ]
        return {"recipients": rows, "next_cursor": found.next_cursor}


@blp.route("/recipients/<uuid:row_id>/told")
class Told(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.response(204)
    @blp.refuses(NotFound)
    @blp.called("markRecipientTold")
    def post(self, row_id: UUID) -> None:
        """Note that a recipient was told"""
        telling.told(row_id)


def _row(request: RightsRequest) -> dict[str, Any]:
    names = ("id", "kind", "state", "received_at", "due_at", "extended_at")
    late = request.state in words.WORKING and request.due_at < clock.now()
    return {name: getattr(request, name) for name in names} | {"overdue": late, "taken": request.handler is not None}


def _case(request: RightsRequest) -> dict[str, Any]:
    to = steps.addressee(request)
    account = request.person_id if contact_of(request.person_id) else None
    return shown(request, language()) | {"account_id": account, "email": to.address if to else None}
