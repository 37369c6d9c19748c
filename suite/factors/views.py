"""Asking for a code while a second factor is asked: at sign-in, recovery and sensitive acts alike."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.factors import challenges, enrolment
from suite.factors.errors import (
    ChallengeGone,
    ChallengeUsedUp,
    CountryNotServed,
    NoSuchFactor,
    TextsOff,
    TextsPaused,
    TextTooSoon,
    TooManyTexts,
)
from suite.factors.models import Challenge, Factor
from suite.factors.schemas import TextIn, TextOut
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.http import client_network, language

TEXT_REFUSALS = (CountryNotServed, TextsOff, TextsPaused, TextTooSoon, TooManyTexts)

api = Blueprint(
    "challenges",
    __name__,
    url_prefix="/api/v1/challenges",
    description="The question for a second factor.",
)


def sent(challenge: Challenge) -> dict[str, Any]:
    """Give what somebody sees who asked for a code."""
    assert challenge.sent_at is not None
    return {
        "code_expires_at": challenge.code_expires_at,
        "resend_after": challenge.sent_at + challenges.RESEND_GAP,
    }


def shown(factor: Factor, *, whole: bool = True) -> dict[str, Any]:
    """Give what its owner sees of a factor; of a number only its end, unless it is to be shown `whole`."""
    phone = challenges.phone_of(factor) if factor.phone else None
    return {
        "id": factor.id,
        "kind": factor.kind,
        "name": factor.name,
        "phone": phone and (phone.number if whole else phone.hint),
        "confirmed": factor.pending_since is None,
        "added_at": factor.added_at,
        "used_at": factor.used_at,
    }


def provisioned(factor: Factor, provision: enrolment.Provision) -> dict[str, Any]:
    """Give what somebody sees once who adds an authenticator app: its secret, as text and as a picture."""
    import segno  # only who adds an app pays for it

    code = segno.make_qr(provision.uri, error="m")
    return {
        "factor": shown(factor),
        "secret": provision.secret,
        "uri": provision.uri,
        "qr_svg": code.svg_data_uri(scale=4),
        "qr_png": code.png_data_uri(scale=4),
    }


@api.route("/code")
class Code(MethodView):
    @public
    @api.arguments(TextIn)
    @api.response(202, TextOut)
    @api.refuses(ChallengeGone, ChallengeUsedUp, NoSuchFactor, *TEXT_REFUSALS)
    @api.called("sendChallengeCode")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Ask for a code by text message

        To one of the phones the challenge names. The code works for five minutes and replaces the one before;
        wrong tries stay counted. At most once a minute, three times in ten minutes and ten times a day; where the
        sign-in came from no known device, twice in ten minutes and six times a day.
        """
        factor: UUID = data["factor"]
        return sent(challenges.send(data["challenge"], factor, network=client_network(), language=language()))
