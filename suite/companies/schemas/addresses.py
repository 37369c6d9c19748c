"""What goes in and out of the routes for additional e-mail addresses."""

import marshmallow as ma

from suite.kernel.fields import EmailAddress, Instant, Schema
from suite.kernel.words import marked as _

ID = {"description": "Row number (UUID version 7)."}
_EXAMPLE = {
    "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
    "email": "emma@example.net",
    "verified_at": None,
    "code_expires_at": "2026-11-24T10:00:00.000Z",
}


class AddressIn(Schema):
    """An additional e-mail address."""

    example = {"email": "emma@example.net"}

    email = EmailAddress(required=True)


class AddressCodeIn(Schema):
    """The six digits that were mailed to the address."""

    example = {"code": "123456"}

    code = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[0-9]{6}\Z", error=_("A code has six digits.")),
        metadata={"pattern": "^[0-9]{6}$"},
    )


class AddressOut(Schema):
    """An additional e-mail address; nothing but its code goes there before it is verified."""

    example = _EXAMPLE

    id = ma.fields.UUID(required=True, metadata=ID)
    email = ma.fields.String(required=True)
    verified_at = Instant(required=True, allow_none=True, metadata={"description": "null: not verified yet."})
    code_expires_at = Instant(
        required=True, allow_none=True, metadata={"description": "When the mailed code stops working; else null."}
    )


class AddressesOut(Schema):
    """The additional e-mail addresses of a member, the oldest first."""

    example = {"addresses": [_EXAMPLE]}

    addresses = ma.fields.List(ma.fields.Nested(AddressOut), required=True)
