"""Services of the signed-in person, and closing the account."""

from typing import Any

from flask.views import MethodView

from suite.accounts import closure, memberships
from suite.accounts import schemas as s
from suite.accounts.errors import AlreadyMember, LastService, ServiceNotOpen, UnknownConsent
from suite.accounts.models import Membership, profile_of
from suite.accounts.recognition import signed_in_account
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidInput, NotFound
from suite.kernel.idempotency import idempotent
from suite.privacy import declared

blp = Blueprint(
    "account",
    __name__,
    url_prefix="/api/v1/me",
    description="Your services and your account.",
)


@blp.route("/services")
class Memberships(MethodView):
    @allow(Permission.OWN_SERVICES)
    @blp.response(200, s.MembershipsOut)
    @blp.called("listMyServices")
    def get(self) -> dict[str, Any]:
        """List your services"""
        return {"services": [_shown(membership) for membership in memberships.live(person_id())]}

    @allow(Permission.OWN_SERVICES)
    @idempotent
    @blp.arguments(s.MembershipIn)
    @blp.response(201, s.MembershipOut)
    @blp.refuses(ServiceNotOpen, AlreadyMember, UnknownConsent, InvalidInput)
    @blp.called("joinService")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Join another service

        With the profile fields and consents of that service, as at registration.
        """
        service = memberships.open_service(data["service"])
        profile = memberships.check_profile(service, data["profile"])
        chosen = memberships.check_consents(service, data["consents"])
        account = signed_in_account()
        return _shown(memberships.join(account, service, profile, chosen, "settings"))


@blp.route("/services/<service>")
class OneMembership(MethodView):
    @allow(Permission.OWN_SERVICES)
    @fresh
    @blp.response(200, s.LeftOut)
    @blp.refuses(NotFound, LastService)
    def delete(self, service: str) -> dict[str, Any]:
        """Leave a service

        The other services stay. The answer says when everything this one holds is deleted.
        """
        return {"service": service, "erased_by": memberships.leave(signed_in_account(), service)}


@blp.route("/closure")
class Closure(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @blp.response(200, s.ClosureOut)
    def post(self) -> dict[str, Any]:
        """Close the account

        Access ends at once, everywhere. The answer says by when all data are deleted.
        """
        done = closure.close(signed_in_account())
        return {
            "closed_at": done.closed_at,
            "erased_by": done.erased_by,
            "services": [{"service": key, "erased_by": instant} for key, instant in done.services.items()],
        }


def _shown(membership: Membership) -> dict[str, Any]:
    return {
        "service": membership.service,
        "title": declared().services[membership.service].title,
        "joined_at": membership.joined_at,
        "profile": profile_of(membership),
    }
