"""What goes in and out where a second factor is asked."""

import marshmallow as ma

from suite.factors.models import METHODS, SMS, TOTP
from suite.kernel.fields import Choice, Instant, Schema, Secret, Text
from suite.kernel.words import marked as _

ID = {"description": "Row number (UUID version 7)."}
NAME = {"description": "How you call it: my phone, work laptop."}
EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"
EXAMPLE_TOKEN = "WmVsbGFyLW5vdC1hLXJlYWwtdG9rZW4tYXQtYWxs"
_CODE = r"^[0-9A-Za-z]([0-9A-Za-z -]{4,22})[0-9A-Za-z]\Z"


def code_field() -> ma.fields.String:
    """Make the field for a code: six digits, or a recovery code with or without dashes."""
    return ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(_CODE, error=_("A code has six digits; a recovery code sixteen letters.")),
        metadata={
            "pattern": _CODE.replace(r"\Z", "$"),
            "description": "Six digits, or a recovery code of sixteen letters and digits.",
        },
    )


class FactorHintOut(Schema):
    """A factor as somebody sees who knows the password only."""

    id = ma.fields.UUID(required=True, metadata=ID)
    kind = ma.fields.String(required=True, metadata={"description": f"{SMS} or {TOTP}."})
    name = ma.fields.String(required=True)
    hint = ma.fields.String(required=True, metadata={"description": "The last two digits of a phone; else empty."})


class ChallengeOut(Schema):
    """A question for a second factor. Its token opens nothing but the answer."""

    example = {
        "challenge": EXAMPLE_TOKEN,
        "expires_at": "2026-11-24T09:10:00.000Z",
        "methods": ["totp", "sms", "recovery_code"],
        "factors": [
            {"id": EXAMPLE_ID, "kind": "sms", "name": "my phone", "hint": "•• 78"},
            {"id": EXAMPLE_ID, "kind": "totp", "name": "authenticator", "hint": ""},
        ],
    }

    challenge = ma.fields.String(required=True, attribute="token", metadata={"description": "Send with the answer."})
    expires_at = Instant(required=True)
    methods = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Ways to answer, the strongest first."}
    )
    factors = ma.fields.List(ma.fields.Nested(FactorHintOut), required=True)


class ChallengeAnswerIn(Schema):
    """An answer to the question for a second factor."""

    example = {"challenge": EXAMPLE_TOKEN, "method": "totp", "code": "204817"}

    challenge = Secret(least=20, most=100, required=True)
    method = Choice(*METHODS, required=True)
    code = code_field()


class TextIn(Schema):
    """Which phone of the challenge gets a code."""

    example = {"challenge": EXAMPLE_TOKEN, "factor": EXAMPLE_ID}

    challenge = Secret(least=20, most=100, required=True)
    factor = ma.fields.UUID(required=True, metadata={"description": "A factor of kind sms."})


class TextOut(Schema):
    """A code is on its way."""

    code_expires_at = Instant(required=True, metadata={"description": "When the code stops working."})
    resend_after = Instant(required=True, metadata={"description": "When another one can be asked for."})


class FactorOut(Schema):
    """A second factor. It counts once it is confirmed."""

    id = ma.fields.UUID(required=True, metadata=ID)
    kind = ma.fields.String(required=True, metadata={"description": "sms or totp."})
    name = ma.fields.String(required=True)
    phone = ma.fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The number of a phone in E.164, its last two digits in a list; null for an app."},
    )
    confirmed = ma.fields.Boolean(required=True)
    added_at = Instant(required=True)
    used_at = Instant(required=True, allow_none=True)


class FactorsOut(Schema):
    """The second factors of a person, oldest first."""

    factors = ma.fields.List(ma.fields.Nested(FactorOut), required=True)
    recovery_codes_left = ma.fields.Integer(required=True)


class AppIn(Schema):
    """An authenticator app."""

    example = {"name": "authenticator"}

    name = Text(most=64, required=True, metadata=NAME)


class AppOut(Schema):
    """An authenticator app that waits for its first code. The secret is shown this once."""

    factor = ma.fields.Nested(FactorOut, required=True)
    secret = ma.fields.String(required=True, metadata={"description": "In base32, to type by hand."})
    uri = ma.fields.String(required=True, metadata={"description": "otpauth:// address, as in the QR code."})
    qr_svg = ma.fields.String(required=True, metadata={"description": "The QR code as a data: address (SVG)."})
    qr_png = ma.fields.String(required=True, metadata={"description": "The QR code as a data: address (PNG)."})


class FactorCodeIn(Schema):
    """A code of the factor that is confirmed."""

    example = {"code": "204817"}

    code = code_field()


class ConfirmedOut(Schema):
    """A factor that counts now; with the first one come recovery codes, shown this once."""

    example = {
        "factor": {
            "id": EXAMPLE_ID,
            "kind": "totp",
            "name": "authenticator",
            "phone": None,
            "confirmed": True,
            "added_at": "2026-11-24T09:00:00.000Z",
            "used_at": None,
        },
        "recovery_codes": ["ABCD-EFGH-IJKL-MNOP"],
    }

    factor = ma.fields.Nested(FactorOut, required=True)
    recovery_codes = ma.fields.List(ma.fields.String(), required=True)


class RecoveryCodesOut(Schema):
    """Ten codes that stand in for a factor, each once; shown this once."""

    recovery_codes = ma.fields.List(ma.fields.String(), required=True)
