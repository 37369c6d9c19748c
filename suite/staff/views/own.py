"""What a staff member sees and changes of his own access."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.factors import enrolment, provisioned, shown
from suite.factors import schemas as shared
from suite.factors.errors import (
    ChallengeGone,
    ChallengeUsedUp,
    FactorConfirmed,
    NoSuchFactor,
    TooManyFactors,
    TooManyWrongCodes,
    WrongFactorCode,
)
from suite.kernel.access import FRESH_FOR, Permission, actor, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.messages import product_name
from suite.staff import protection
from suite.staff.errors import LastFactor
from suite.staff.schemas import entry as s

blp = Blueprint(
    "staff-self",
    __name__,
    url_prefix="/api/v1/staff/me",
    description="Internal tools: who you are there, and your second factors.",
)


@blp.route("")
class StaffMe(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @blp.response(200, s.StaffMeOut)
    @blp.called("whoAmIAsStaff")
    def get(self) -> dict[str, Any]:
        """Say which staff member is signed in, and what he may do"""
        caller = actor()
        row = caller.facts
        return {
            "id": row.member_id,
            "email": row.address,
            "roles": row.roles,
            "permissions": sorted(caller.permissions),
            "expires_at": row.expires_at,
            "confirmed_until": row.fresh_at + FRESH_FOR,
        }


@blp.route("/factors")
class StaffFactors(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @blp.response(200, shared.FactorsOut)
    @blp.called("listStaffFactors")
    def get(self) -> dict[str, Any]:
        """List your second factors for the internal tools"""
        return {
            "factors": [shown(factor) for factor in enrolment.everything(person_id())],
            "recovery_codes_left": enrolment.recovery_codes_left(person_id()),
        }


@blp.route("/factors/apps")
class StaffApps(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @fresh
    @blp.arguments(shared.AppIn)
    @blp.response(201, shared.AppOut)
    @blp.refuses(TooManyFactors)
    @blp.called("addStaffApp")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Add another authenticator app

        It counts when one of its codes was confirmed. To move to a new phone, add it and remove the old one.
        """
        return provisioned(*protection.add_app(person_id(), name=data["name"], issuer=product_name()))


@blp.route("/factors/<uuid:factor_id>/confirmation")
class StaffFactorConfirmation(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @fresh
    @blp.arguments(shared.FactorCodeIn)
    @blp.response(200, shared.FactorOut)
    @blp.refuses(NoSuchFactor, FactorConfirmed, ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode)
    @blp.called("confirmStaffFactor")
    def post(self, data: dict[str, str], factor_id: UUID) -> dict[str, Any]:
        """Confirm an authenticator app with a code of it"""
        return shown(protection.confirm(person_id(), factor_id, data["code"]))


@blp.route("/factors/<uuid:factor_id>")
class OneStaffFactor(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @fresh
    @blp.response(204)
    @blp.refuses(NoSuchFactor, LastFactor)
    @blp.called("removeStaffFactor")
    def delete(self, factor_id: UUID) -> None:
        """Remove an authenticator app

        The last one that counts stays: there is no sign-in without a second factor.
        """
        protection.remove(person_id(), factor_id)


@blp.route("/recovery-codes")
class StaffRecoveryCodes(MethodView):
    @allow(Permission.OWN_STAFF_ACCESS)
    @fresh
    @blp.response(201, shared.RecoveryCodesOut)
    @blp.called("makeStaffRecoveryCodes")
    def post(self) -> dict[str, Any]:
        """Make new recovery codes for the internal tools

        The older ones stop working.
        """
        return {"recovery_codes": protection.new_recovery_codes(person_id())}
