"""What goes in and out of the routes for second factors."""

import marshmallow as ma

from suite.factors.schemas import EXAMPLE_ID, ID, TextOut, code_field
from suite.kernel.fields import Instant, Schema, Text

_NAME = {"description": "How you call it: my phone, work laptop."}


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


class PhoneIn(Schema):
    """A mobile phone that shall get security codes, and nothing else ever."""

    example = {"phone": "+4915112345678", "name": "my phone"}

    phone = Text(least=8, most=32, required=True, metadata={"description": "In international form."})
    name = Text(most=64, required=True, metadata=_NAME)


class PhoneOut(TextOut):
    """A phone that waits for the code it was sent."""

    factor = ma.fields.Nested(FactorOut, required=True)


class AppIn(Schema):
    """An authenticator app."""

    example = {"name": "authenticator"}

    name = Text(most=64, required=True, metadata=_NAME)


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


class NameIn(Schema):
    """Another name for a factor."""

    example = {"name": "old phone"}

    name = Text(most=64, required=True, metadata=_NAME)


class RecoveryCodesOut(Schema):
    """Ten codes that stand in for a factor, each once; shown this once."""

    recovery_codes = ma.fields.List(ma.fields.String(), required=True)
