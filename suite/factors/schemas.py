"""What goes in and out where a second factor is asked."""

import marshmallow as ma

from suite.factors.models import METHODS, SMS, TOTP
from suite.kernel.fields import Choice, Instant, Schema, Secret
from suite.kernel.words import marked as _

ID = {"description": "Row number (UUID version 7)."}
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
