"""What goes in and out of the routes about products and one's own licences."""

import marshmallow as ma

from suite.kernel.fields import Choice, Instant, Schema, Secret, YesNo
from suite.kernel.paging import PageOut
from suite.licenses.terms import State
from suite.services import SERVICES

EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"
STATE = {
    "description": "unused: its term begins with its first use; valid; grace: over, and still working for a while; "
    "expired; void: ended by the vendor."
}
CODE = {
    "description": "An activation code. Lower case, blanks and dashes do not matter.",
    "example": "KX7QH-9M2RD-3TBWV-8FNJC-5PGYL",
}
SERVICE = {"description": "The service it is used in."}
_LASTS = {"description": "ISO 8601 duration; null: without an end."}


class LicensePolicyOut(Schema):
    """How licences run that are sold under this policy."""

    key = ma.fields.String(required=True)
    says = ma.fields.String(required=True, metadata={"description": "In words, in English."})
    lasts = ma.fields.String(required=True, allow_none=True, metadata=_LASTS)
    starts = Choice("issue", "first_use", required=True, metadata={"description": "When the term begins."})
    seats = ma.fields.Integer(required=True, metadata={"description": "Devices at a time."})
    grace = ma.fields.String(required=True, metadata={"description": "How long it still works after its end."})
    offline = ma.fields.String(required=True, metadata={"description": "How long a licence file is trusted."})
    trial = ma.fields.Boolean(required=True)


class ProductOut(Schema):
    """A product, the services its licences are used in, and the policies it is sold under."""

    key = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    services = ma.fields.List(ma.fields.String(), required=True)
    rights = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the product itself says who may manage its licences."}
    )
    policies = ma.fields.List(ma.fields.Nested(LicensePolicyOut), required=True)


class ProductsOut(Schema):
    """Every product."""

    products = ma.fields.List(ma.fields.Nested(ProductOut), required=True)


class LicenseIn(Schema):
    """An activation code, and the service of yours its product is used in."""

    example = {"service": "my-account", "code": "KX7QH-9M2RD-3TBWV-8FNJC-5PGYL"}

    service = Choice(*SERVICES, required=True, metadata=SERVICE)
    code = Secret(most=100, required=True, metadata=CODE)


class LicenseOut(Schema):
    """A licence of yours."""

    example = {
        "id": EXAMPLE_ID,
        "service": "my-account",
        "product": "total-protection",
        "title": "Total Protection",
        "policy": "subscription-year",
        "state": "valid",
        "code_ends": "5PGYL",
        "seats": 1,
        "begins_at": "2026-11-24T12:00:00.000Z",
        "expires_at": "2027-11-24T12:00:00.000Z",
        "renews": False,
        "added_at": "2026-11-24T12:00:00.000Z",
    }

    id = ma.fields.UUID(required=True)
    service = ma.fields.String(required=True, metadata=SERVICE)
    product = ma.fields.String(required=True)
    title = ma.fields.String(required=True, metadata={"description": "The name of the product."})
    policy = ma.fields.String(required=True)
    state = Choice(*State, required=True, metadata=STATE)
    code_ends = ma.fields.String(required=True, metadata={"description": "The last characters of its code."})
    seats = ma.fields.Integer(required=True, metadata={"description": "Devices at a time."})
    begins_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True, metadata={"description": "null: it has no end."})
    renews = ma.fields.Boolean(required=True, metadata={"description": "Whether you chose automatic renewal."})
    added_at = Instant(required=True)


class RenewalIn(Schema):
    """Whether a licence is renewed at its end."""

    example = {"renews": True}

    renews = YesNo(required=True)


class LicensesOut(PageOut):
    """Licences of yours, the one added last first."""

    licenses = ma.fields.List(ma.fields.Nested(LicenseOut), required=True)
