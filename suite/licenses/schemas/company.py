"""What goes in and out of the routes for licences of a company."""

import marshmallow as ma

from suite.kernel.fields import Choice, Instant, Schema, Secret
from suite.kernel.paging import PageOut
from suite.licenses.terms import State

ID = {"description": "Row number (UUID version 7)."}
_EXAMPLE = {
    "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
    "product": "endpoint-security",
    "title": "Endpoint Security",
    "policy": "business-year",
    "number": "7KQ4",
    "seats": 10,
    "state": "valid",
    "begins_at": "2026-11-24T09:30:00.000Z",
    "expires_at": "2027-11-24T09:30:00.000Z",
    "added_at": "2026-11-24T09:30:00.000Z",
}


class CompanyLicenseIn(Schema):
    """The activation code of a licence; letters of either case, with or without dashes and spaces."""

    example = {"license": "AB7CD-EFGH2-JK3LM-NPQR4"}

    license = Secret(most=8000, required=True, metadata={"description": "An activation code, or a key file as text."})


class CompanyLicenseOut(Schema):
    """A licence of a company: the record about it, and nothing of a key file."""

    example = _EXAMPLE

    id = ma.fields.UUID(required=True, metadata=ID)
    product = ma.fields.String(required=True)
    title = ma.fields.String(required=True, metadata={"description": "The name of the product."})
    policy = ma.fields.String(required=True)
    number = ma.fields.String(required=True, metadata={"description": "The last characters of its activation code."})
    seats = ma.fields.Integer(required=True, metadata={"description": "On how many devices it works."})
    state = Choice(*State, required=True)
    begins_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True, metadata={"description": "null: without an end."})
    added_at = Instant(required=True)


class CompanyLicensesOut(PageOut):
    """Licences of a company, newest first."""

    example = {"licenses": [_EXAMPLE], "next_cursor": None}

    licenses = ma.fields.List(ma.fields.Nested(CompanyLicenseOut), required=True)
