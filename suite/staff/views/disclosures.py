"""Disclosures by law: one person proposes, another approves."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, InvalidInput, NotFound
from suite.kernel.paging import PageQuery
from suite.privacy import DisclosureDecided, DisclosureNotApproved, LegalDisclosure, TwoPeopleNeeded, legal
from suite.staff import disclosures
from suite.staff.schemas import disclosures as s

blp = Blueprint(
    "staff-disclosures",
    __name__,
    url_prefix="/api/v1/staff/disclosures",
    description="Internal tools: what a law obliges us to hand over. Two people decide, and the person is told.",
)


@blp.route("")
class Demands(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @fresh
    @blp.arguments(s.DemandIn)
    @blp.response(201, s.DemandOut)
    @blp.refuses(NotFound, InvalidInput)
    @blp.called("proposeDisclosure")
    def post(self, data: dict[str, Any]) -> LegalDisclosure:
        """Propose to hand over what a law demands

        It names the law, the authority and its reference. Nothing is handed over before somebody else approved.
        """
        return disclosures.propose(**data)


@blp.route("/proposed")
class DemandsToHandle(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.DemandsOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listProposedDisclosures")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the demands, for whoever proposes and carries out

        Without the accounts they are about.
        """
        return _page(query)


@blp.route("/decisions")
class DemandsToDecide(MethodView):
    @allow(Permission.APPROVE_DISCLOSURES)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.DemandsOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listDisclosuresToDecide")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the demands, for whoever decides

        Without the accounts they are about.
        """
        return _page(query)


@blp.route("/<uuid:disclosure_id>/view")
class DemandView(MethodView):
    @allow(Permission.APPROVE_DISCLOSURES)
    @blp.response(200, s.DemandViewOut)
    @blp.refuses(NotFound)
    @blp.called("viewDisclosure")
    def post(self, disclosure_id: UUID) -> LegalDisclosure:
        """Look at a demand and the account it is about"""
        return legal.look(disclosure_id)


@blp.route("/<uuid:disclosure_id>/approval")
class DemandApproval(MethodView):
    @allow(Permission.APPROVE_DISCLOSURES)
    @fresh
    @blp.response(200, s.DemandOut)
    @blp.refuses(NotFound, TwoPeopleNeeded, DisclosureDecided)
    @blp.called("approveDisclosure")
    def post(self, disclosure_id: UUID) -> LegalDisclosure:
        """Approve a proposal of somebody else"""
        return legal.approve(disclosure_id)


@blp.route("/<uuid:disclosure_id>/refusal")
class DemandRefusal(MethodView):
    @allow(Permission.APPROVE_DISCLOSURES)
    @fresh
    @blp.response(200, s.DemandOut)
    @blp.refuses(NotFound, DisclosureDecided)
    @blp.called("refuseDisclosure")
    def post(self, disclosure_id: UUID) -> LegalDisclosure:
        """Refuse a proposal for good"""
        return legal.refuse(disclosure_id)


@blp.route("/<uuid:disclosure_id>/execution")
class DemandExecution(MethodView):
    @allow(Permission.HANDLE_PRIVACY_REQUESTS)
    @fresh
    @blp.response(200, s.DemandOut)
    @blp.refuses(NotFound, InvalidInput, DisclosureNotApproved)
    @blp.called("carryOutDisclosure")
    def post(self, disclosure_id: UUID) -> LegalDisclosure:
        """Note that approved data were handed over

        The program sends nothing itself. The entry stands in the ledger the person reads, and the person gets a letter:
        at once, or when a ban on telling has ended.
        """
        return disclosures.carry_out(disclosure_id)


def _page(query: dict[str, Any]) -> dict[str, Any]:
    found = legal.listed(**query)
    return {"disclosures": found.rows, "next_cursor": found.next_cursor}
