"""Second factors of the signed-in person."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import protection
from suite.accounts.errors import ChangesFrozen
from suite.accounts.recognition import signed_in_account
from suite.accounts.schemas import factors as s
from suite.accounts.views.sessions import ANSWER_REFUSALS
from suite.factors import TEXT_REFUSALS, enrolment, provisioned, sent, shown
from suite.factors import schemas as shared
from suite.factors.errors import (
    ChallengeGone,
    ChallengeUsedUp,
    FactorConfirmed,
    NoSuchFactor,
    PhoneKnown,
    PhoneNotUsable,
    TooManyFactors,
)
from suite.kernel.access import Permission, allow, confirmed_lately, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.http import client_network, language
from suite.messages import product_name

blp = Blueprint(
    "factors",
    __name__,
    url_prefix="/api/v1/me/factors",
    description="Your second factors: phones, authenticator apps, recovery codes.",
)


@blp.route("")
class Factors(MethodView):
    @allow(Permission.OWN_FACTORS)
    @blp.response(200, shared.FactorsOut)
    @blp.called("listFactors")
    def get(self) -> dict[str, Any]:
        """List your second factors

        Numbers are whole while you confirmed that it is you in the last five minutes.
        """
        whole = confirmed_lately()
        return {
            "factors": [shown(factor, whole=whole) for factor in enrolment.everything(person_id())],
            "recovery_codes_left": enrolment.recovery_codes_left(person_id()),
        }


@blp.route("/phones")
class Phones(MethodView):
    @allow(Permission.OWN_FACTORS)
    @fresh
    @blp.arguments(s.PhoneIn)
    @blp.response(201, s.PhoneOut)
    @blp.refuses(PhoneNotUsable, PhoneKnown, TooManyFactors, ChangesFrozen, *TEXT_REFUSALS)
    @blp.called("addPhone")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Add a phone

        A code goes to it by text message; the phone counts when that code was confirmed. Its number serves
        security codes only.
        """
        factor, challenge = protection.add_phone(
            signed_in_account(), data["phone"], name=data["name"], network=client_network(), language=language()
        )
        return {"factor": shown(factor), **sent(challenge)}


@blp.route("/apps")
class Apps(MethodView):
    @allow(Permission.OWN_FACTORS)
    @fresh
    @blp.arguments(shared.AppIn)
    @blp.response(201, shared.AppOut)
    @blp.refuses(TooManyFactors, ChangesFrozen)
    @blp.called("addApp")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Add an authenticator app

        Show the QR code, or the secret to type; the app counts when one of its codes was confirmed.
        """
        factor, provision = protection.add_app(signed_in_account(), name=data["name"], issuer=product_name())
        return provisioned(factor, provision)


@blp.route("/<uuid:factor_id>/code")
class EnrolmentCode(MethodView):
    @allow(Permission.OWN_FACTORS)
    @blp.response(202, shared.TextOut)
    @blp.refuses(NoSuchFactor, FactorConfirmed, ChallengeGone, ChallengeUsedUp, ChangesFrozen, *TEXT_REFUSALS)
    @blp.called("sendEnrolmentCode")
    def post(self, factor_id: UUID) -> dict[str, Any]:
        """Ask for another code to a phone that is not confirmed yet"""
        account = signed_in_account()
        return sent(protection.text_code(account, factor_id, network=client_network(), language=language()))


@blp.route("/<uuid:factor_id>/confirmation")
class EnrolmentConfirmation(MethodView):
    @allow(Permission.OWN_FACTORS)
    @fresh
    @blp.arguments(shared.FactorCodeIn)
    @blp.response(200, shared.ConfirmedOut)
    @blp.refuses(NoSuchFactor, FactorConfirmed, ChangesFrozen, *ANSWER_REFUSALS)
    @blp.called("confirmFactor")
    def post(self, data: dict[str, str], factor_id: UUID) -> dict[str, Any]:
        """Confirm a second factor with a code of it

        It is asked at every sign-in from now on. With the first factor come ten recovery codes: show them once and
        ask the person to keep them on paper.
        """
        factor, codes = protection.confirm(signed_in_account(), factor_id, data["code"])
        return {"factor": shown(factor), "recovery_codes": codes}


@blp.route("/<uuid:factor_id>")
class OneFactor(MethodView):
    @allow(Permission.OWN_FACTORS)
    @blp.arguments(s.NameIn)
    @blp.response(200, shared.FactorOut)
    @blp.refuses(NoSuchFactor)
    @blp.called("renameFactor")
    def patch(self, data: dict[str, str], factor_id: UUID) -> dict[str, Any]:
        """Give a second factor another name"""
        return shown(enrolment.rename(signed_in_account().id, factor_id, data["name"]), whole=confirmed_lately())

    @allow(Permission.OWN_FACTORS)
    @fresh
    @blp.response(204)
    @blp.refuses(NoSuchFactor, ChangesFrozen)
    @blp.called("removeFactor")
    def delete(self, factor_id: UUID) -> None:
        """Remove a second factor

        With the last one the recovery codes go, and the password alone signs in.
        """
        protection.remove(signed_in_account(), factor_id)


@blp.route("/recovery-codes")
class RecoveryCodes(MethodView):
    @allow(Permission.OWN_FACTORS)
    @fresh
    @blp.response(201, shared.RecoveryCodesOut)
    @blp.refuses(NoSuchFactor, ChangesFrozen)
    @blp.called("makeRecoveryCodes")
    def post(self) -> dict[str, Any]:
        """Make new recovery codes

        The older ones stop working. Only for accounts with a second factor.
        """
        return {"recovery_codes": protection.new_recovery_codes(signed_in_account())}
