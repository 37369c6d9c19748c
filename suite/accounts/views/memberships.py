"""Services of the signed-in person, and closing the account."""

from typing import Any

from flask.views import MethodView

from suite.accounts import closure, joints, memberships
from suite.accounts import schemas as s
from suite.accounts.errors import (
    AlreadyMember,
    ChangesFrozen,
    LastService,
    NoWayBack,
    ServiceNotOpen,
    UnknownConsent,
)
from suite.accounts.models import Membership, profile_of
from suite.accounts.recognition import signed_in_account, unlocked_account
from suite.accounts.schemas.settings import MembershipPatch
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidInput, NotFound
from suite.kernel.http import client_network, language
from suite.kernel.idempotency import idempotent
from suite.kernel.versions import State, gives_version, takes_version
from suite.privacy import DataRestricted, declared

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
    @blp.refuses(ServiceNotOpen, AlreadyMember, UnknownConsent, InvalidInput, DataRestricted, joints.refused_to_joiners)
    @blp.called("joinService")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Join another service

        With the profile fields and consents of that service, as at registration.
        """
        service = memberships.open_service(data["service"])
        profile, above = joints.split(data["profile"])
        profile = memberships.check_profile(service, profile, above)
        chosen = memberships.check_consents(service, data["consents"])
        account = unlocked_account()
        kept = joints.check(service, above, client_network())
        return _shown(memberships.join_another(account, service, profile, chosen, language=language(), kept=kept))


@blp.route("/services/<service>")
class OneMembership(MethodView):
    @allow(Permission.OWN_SERVICES)
    @blp.response(200, s.MembershipOut)
    @gives_version
    @blp.refuses(NotFound)
    @blp.called("getMyService")
    def get(self, service: str) -> tuple[dict[str, Any], State]:
        """Get one of your services, with what you told it"""
        membership = memberships.one(person_id(), service)
        return _shown(membership), State.of(membership)

    @allow(Permission.OWN_SERVICES)
    @blp.arguments(MembershipPatch)
    @takes_version
    @blp.response(200, s.MembershipOut)
    @gives_version
    @blp.refuses(NotFound, InvalidInput, DataRestricted)
    @blp.called("changeMyService")
    def patch(self, data: dict[str, Any], service: str, seen: State) -> tuple[dict[str, Any], State]:
        """Change what you told a service

        Field by field: what is not named stays, null takes back what the service does not need. What it needs can be
        changed, not taken back.
        """
        membership = memberships.one(signed_in_account().id, service)
        memberships.change_profile(membership, seen, data["profile"])
        return _shown(membership), State.of(membership)

    @allow(Permission.OWN_SERVICES)
    @fresh
    @blp.response(200, s.LeftOut)
    @blp.refuses(NotFound, LastService, ChangesFrozen, DataRestricted, joints.refused_to_leavers)
    def delete(self, service: str) -> dict[str, Any]:
        """Leave a service

        The other services stay. The answer says when everything this one holds is deleted and, where the service has
        a grace, until when you can come back as if nothing had happened.
        """
        left = memberships.leave(unlocked_account(), service)
        return {"service": service, "erased_by": left.erased_by, "undo_until": left.undo_until}


@blp.route("/services/<service>/return")
class Return(MethodView):
    @allow(Permission.OWN_SERVICES)
    @blp.response(200, s.MembershipOut)
    @blp.refuses(NotFound, AlreadyMember, NoWayBack, DataRestricted)
    @blp.called("returnToService")
    def post(self, service: str) -> dict[str, Any]:
        """Take back that you left a service

        Within its grace (`undo_until` of the answer to leaving), with all it knew. Consents stay withdrawn.
        """
        return _shown(memberships.come_back(signed_in_account(), service))


@blp.route("/closure")
class Closure(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @blp.response(200, s.ClosureOut)
    @blp.refuses(ChangesFrozen, joints.refused_to_leavers)
    def post(self) -> dict[str, Any]:
        """Close the account

        Access ends at once, everywhere. The answer says by when all data are deleted and, where every service has a
        grace, until when the link in the last mail opens the account again.
        """
        done = closure.close(unlocked_account())
        return {
            "closed_at": done.closed_at,
            "erased_by": done.erased_by,
            "undo_until": done.undo_until,
            "services": [{"service": key, "erased_by": instant} for key, instant in done.services.items()],
        }


def _shown(membership: Membership) -> dict[str, Any]:
    return {
        "service": membership.service,
        "title": declared().services[membership.service].title,
        "joined_at": membership.joined_at,
        "profile": profile_of(membership),
    }
