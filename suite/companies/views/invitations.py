"""Invitations into your company."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.companies import invitations, joining
from suite.companies.errors import (
    AlreadyColleague,
    AlreadyInCompany,
    CompanyAccountNeeded,
    CompanyBlocked,
    InvitationUnusable,
    NotAdministrator,
    TooManyInvitations,
)
from suite.companies.models import INVITATION_LIVES, CompanyInvitation
from suite.companies.schemas import company as s
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound, TooManyAttempts
from suite.kernel.http import client_network, language
from suite.kernel.idempotency import idempotent
from suite.kernel.paging import PageQuery
from suite.privacy import DataRestricted

blp = Blueprint(
    "company-invitations",
    __name__,
    url_prefix="/api/v1/company/invitations",
    description="Invitations into your company, each bound to one address.",
)


@blp.route("")
class Invitations(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.CompanyInvitationsOut)
    @blp.refuses(NotFound, CompanyBlocked, NotAdministrator, InvalidCursor)
    @blp.called("listCompanyInvitations")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the invitations of your company that still work"""
        found = invitations.listing(person_id(), **query)
        return {"invitations": [_shown(one) for one in found.rows], "next_cursor": found.next_cursor}

    @allow(Permission.OWN_COMPANY)
    @idempotent
    @blp.arguments(s.InvitationIn)
    @blp.response(201, s.CompanyInvitationOut)
    @blp.refuses(NotFound, CompanyBlocked, NotAdministrator, AlreadyColleague, TooManyInvitations, DataRestricted)
    @blp.called("inviteToCompany")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Invite an address into your company

        It works for 48 hours, once, and for nobody with another address. Inviting again sends another one and ends the
        older one: three a day for a mailbox.
        """
        tongue = data.get("language") or language()
        return _shown(invitations.invite(person_id(), email=data["email"], language=tongue))


@blp.route("/<uuid:invitation_id>")
class OneInvitation(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(204)
    @blp.refuses(NotFound, CompanyBlocked, NotAdministrator, DataRestricted)
    @blp.called("withdrawCompanyInvitation")
    def delete(self, invitation_id: UUID) -> None:
        """Withdraw an invitation"""
        invitations.withdraw(person_id(), invitation_id)


@blp.route("/acceptance")
class InvitationAcceptance(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(s.InvitationTokenIn)
    @blp.response(204)
    @blp.refuses(InvitationUnusable, CompanyAccountNeeded, AlreadyInCompany, DataRestricted, TooManyAttempts)
    @blp.called("acceptCompanyInvitation")
    def post(self, data: dict[str, str]) -> None:
        """Accept an invitation with your account

        Your account must have the address that was invited. Whoever is no member of Company Account yet joins it and
        gives the same text as `license` in the profile.
        """
        joining.accept_invitation(person_id(), data["token"], network=client_network())


def _shown(invitation: CompanyInvitation) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "email": invitation.address,
        "language": invitation.language,
        "invited_at": invitation.invited_at,
        "expires_at": INVITATION_LIVES.after(invitation.invited_at),
    }
