"""Who is in your company, and who asks to join it."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.companies import listing, members
from suite.companies.errors import CompanyBlocked, LastAdministrator, NotAdministrator
from suite.companies.membership import Colleague
from suite.companies.schemas import company as s
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.paging import PageQuery
from suite.kernel.versions import State, gives_version, takes_version
from suite.privacy import DataRestricted

blp = Blueprint(
    "company-members",
    __name__,
    url_prefix="/api/v1/company",
    description="Members of your company, their roles, and who asks to join.",
)
_REFUSED = (NotFound, CompanyBlocked, NotAdministrator)


@blp.route("/requests")
class Requests(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.AskersOut)
    @blp.refuses(*_REFUSED, InvalidCursor)
    @blp.called("listCompanyRequests")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List who asks to join your company

        Only Administrators. First name, last name and corporate e-mail are all that is shown.
        """
        found = listing.requests(person_id(), **query)
        return {"requests": [_asker(one) for one in found.rows], "next_cursor": found.next_cursor}


@blp.route("/requests/<uuid:member_id>/acceptance")
class Acceptance(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.ColleagueOut)
    @blp.refuses(*_REFUSED, DataRestricted)
    @blp.called("acceptCompanyRequest")
    def post(self, member_id: UUID) -> dict[str, Any]:
        """Let somebody into your company who asks to join

        They become an employee and are told by mail.
        """
        return _member(members.let_in(person_id(), member_id))


@blp.route("/requests/<uuid:member_id>")
class OneRequest(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(204)
    @blp.refuses(*_REFUSED, DataRestricted)
    @blp.called("declineCompanyRequest")
    def delete(self, member_id: UUID) -> None:
        """Say no to somebody who asks to join your company

        They are told by mail, and can ask again, three times a week.
        """
        members.decline(person_id(), member_id)


@blp.route("/members")
class Members(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.ColleaguesOut)
    @blp.refuses(NotFound, CompanyBlocked, InvalidCursor)
    @blp.called("listCompanyMembers")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the members of your company

        Administrators see everybody; employees see who the Administrators are.
        """
        found = listing.members(person_id(), **query)
        return {"members": [_member(one) for one in found.rows], "next_cursor": found.next_cursor}


@blp.route("/members/<uuid:member_id>")
class OneMember(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.ColleagueOut)
    @gives_version
    @blp.refuses(*_REFUSED)
    @blp.called("getCompanyMember")
    def get(self, member_id: UUID) -> tuple[dict[str, Any], State]:
        """Get a member of your company"""
        found = listing.one(person_id(), member_id)
        return _member(found), State.of(found.member)

    @allow(Permission.OWN_COMPANY)
    @fresh
    @blp.arguments(s.ColleaguePatch)
    @takes_version
    @blp.response(200, s.ColleagueOut)
    @gives_version
    @blp.refuses(*_REFUSED, LastAdministrator, DataRestricted)
    @blp.called("changeCompanyMember")
    def patch(self, data: dict[str, Any], member_id: UUID, seen: State) -> tuple[dict[str, Any], State]:
        """Change the role of a member, or your own

        A company never lacks an Administrator: `last_administrator`.
        """
        found = members.change_role(person_id(), member_id, seen, data["role"])
        return _member(found), State.of(found.member)

    @allow(Permission.OWN_COMPANY)
    @fresh
    @blp.response(204)
    @blp.refuses(*_REFUSED, LastAdministrator, DataRestricted)
    @blp.called("removeCompanyMember")
    def delete(self, member_id: UUID) -> None:
        """Remove a member from your company

        The personal account stays; what belongs to the company is closed to it from the next request on.
        """
        members.remove(person_id(), member_id)


def _member(found: Colleague) -> dict[str, Any]:
    return {
        "id": found.member.id,
        "first_name": found.first_name or "",
        "last_name": found.last_name or "",
        "email": found.address or None,
        "role": found.member.role,
        "joined_at": found.member.joined_at,
    }


def _asker(found: Colleague) -> dict[str, Any]:
    return {
        "id": found.member.id,
        "first_name": found.first_name or "",
        "last_name": found.last_name or "",
        "email": found.address,
        "asked_at": found.member.asked_at,
    }
