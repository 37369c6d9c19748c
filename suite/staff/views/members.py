"""Managing staff members."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.http import language
from suite.kernel.paging import PageQuery, page
from suite.staff import members
from suite.staff.errors import LastAdministrator, OwnAccess, RoleNeeded, StaffExists
from suite.staff.models import StaffMember
from suite.staff.roles import Role
from suite.staff.schemas import members as s

blp = Blueprint(
    "staff-members",
    __name__,
    url_prefix="/api/v1/staff/members",
    description="Internal tools: who may use them, and in which roles.",
)


@blp.route("")
class Members(MethodView):
    @allow(Permission.MANAGE_STAFF)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.MembersOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listStaff")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the staff members, disabled ones too"""
        found = page(members.listing(disabled=True), StaffMember.id, **query)
        return {"members": found.rows, "next_cursor": found.next_cursor}

    @allow(Permission.MANAGE_STAFF)
    @fresh
    @blp.arguments(s.MemberIn)
    @blp.response(201, s.MemberOut)
    @blp.refuses(StaffExists, RoleNeeded)
    @blp.called("inviteStaff")
    def post(self, data: dict[str, Any]) -> StaffMember:
        """Make a staff member

        The invitation is mailed to the address; nobody else ever sees its link or the password.
        """
        member, _ = members.create(data["email"], _chosen(data), language=language())
        return member


@blp.route("/<uuid:member_id>/roles")
class MemberRoles(MethodView):
    @allow(Permission.MANAGE_STAFF)
    @fresh
    @blp.arguments(s.RolesIn)
    @blp.response(200, s.MemberOut)
    @blp.refuses(NotFound, RoleNeeded, OwnAccess, LastAdministrator)
    @blp.called("setStaffRoles")
    def put(self, data: dict[str, Any], member_id: UUID) -> StaffMember:
        """Give a staff member these roles and no others

        They hold from his next request on. Nobody changes his own.
        """
        return members.set_roles(member_id, _chosen(data))


@blp.route("/<uuid:member_id>/disable")
class MemberDisable(MethodView):
    @allow(Permission.MANAGE_STAFF)
    @fresh
    @blp.response(200, s.MemberOut)
    @blp.refuses(NotFound, OwnAccess, LastAdministrator)
    @blp.called("disableStaff")
    def post(self, member_id: UUID) -> StaffMember:
        """Disable a staff member

        Every right, session and credential ends at once; the entry is deleted one calendar month later.
        """
        return members.disable(member_id)


@blp.route("/<uuid:member_id>/invitation")
class MemberInvitation(MethodView):
    @allow(Permission.MANAGE_STAFF)
    @fresh
    @blp.response(200, s.MemberOut)
    @blp.refuses(NotFound, OwnAccess)
    @blp.called("inviteStaffAgain")
    def post(self, member_id: UUID) -> StaffMember:
        """Invite a staff member anew

        For somebody who lost the way in: sessions, password and second factors end, and a new link is mailed.
        """
        return members.invite(member_id)[0]


def _chosen(data: dict[str, Any]) -> list[Role]:
    return [Role(word) for word in data["roles"]]
