"""Accepting an invitation to the internal tools."""

from typing import Any

from flask.views import MethodView

from suite.accounts import PasswordTooCommon, PasswordTooShort
from suite.factors import provisioned
from suite.factors.errors import ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode
from suite.factors.schemas import AppOut, RecoveryCodesOut
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, TooManyAttempts
from suite.kernel.http import language
from suite.messages import product_name
from suite.staff import invitations
from suite.staff.errors import InvitationGone
from suite.staff.schemas import entry as s

blp = Blueprint(
    "staff-invitations",
    __name__,
    url_prefix="/api/v1/staff/invitations",
    description="Internal tools: accept an invitation.",
)


@blp.route("/acceptance")
class Acceptance(MethodView):
    @public
    @blp.arguments(s.AcceptanceIn)
    @blp.response(200, AppOut)
    @blp.refuses(InvitationGone, PasswordTooShort, PasswordTooCommon, TooManyAttempts, Busy)
    @blp.called("acceptStaffInvitation")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Accept an invitation: choose a password

        Step 1. The answer is an authenticator app to add; neither it nor the password counts before step 2. Can be
        done again: the newest password and app hold.
        """
        return provisioned(*invitations.accept(**data, language=language(), issuer=product_name()))


@blp.route("/confirmation")
class Confirmation(MethodView):
    @public
    @blp.arguments(s.InvitationCodeIn)
    @blp.response(200, RecoveryCodesOut)
    @blp.refuses(InvitationGone, ChallengeGone, ChallengeUsedUp, TooManyWrongCodes, WrongFactorCode)
    @blp.called("confirmStaffInvitation")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Accept an invitation: confirm the authenticator app

        Step 2, with the first code of the app. It spends the invitation and gives ten recovery codes, shown this
        once. A wrong code spends nothing but one of five tries; after them accept again. Then sign in.
        """
        return {"recovery_codes": invitations.confirm(**data)}
