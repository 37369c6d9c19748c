"""What goes in and out of the routes about licences for the internal tools."""

from typing import Any

import marshmallow as ma

from suite.kernel.fields import Choice, Instant, Schema, Secret, Text, WholeNumber
from suite.kernel.paging import PageOut, PageQuery
from suite.kernel.words import marked as _
from suite.licenses.desk import VOID_REASONS, Target
from suite.licenses.listing import Wanted
from suite.licenses.schemas.own import CODE, EXAMPLE_ID, STATE
from suite.licenses.terms import State
from suite.services import SERVICES

MOST = 1000
"""Licences of one request; more are issued by `suite licenses issue`."""

_PRODUCT = {"description": "Key of a product, as `GET /api/v1/products` gives it.", "example": "total-protection"}
_POLICY = {"description": "Key of a policy the product is sold under.", "example": "subscription-year"}
_LICENSE = {
    "id": EXAMPLE_ID,
    "batch_id": EXAMPLE_ID,
    "product": "total-protection",
    "title": "Total Protection",
    "policy": "subscription-year",
    "state": "valid",
    "code_ends": "5PGYL",
    "seats": 1,
    "begins_at": "2026-11-24T12:00:00.000Z",
    "expires_at": "2027-11-24T12:00:00.000Z",
    "voided_at": None,
    "void_reason": None,
}


class LicenseBatchIn(Schema):
    """Licences to issue together."""

    example = {"product": "total-protection", "policy": "subscription-year", "count": 2, "note": "fair in May"}

    product = Text(most=80, required=True, metadata=_PRODUCT)
    policy = Text(most=80, required=True, metadata=_POLICY)
    count = WholeNumber(least=1, most=MOST, required=True)
    note = Text(least=0, most=200, load_default="", metadata={"description": "For staff; nothing about a person."})
    seats = WholeNumber(least=1, most=1_000_000, metadata={"description": "Without it, as the policy says."})
    begins_at = Instant(metadata={"description": "Without it, as the policy says.", "maxLength": 40})
    expires_at = Instant(metadata={"description": "Without it, as the policy says.", "maxLength": 40})


class LicenseIssuedOut(Schema):
    """A new licence with its code, which is never shown again."""

    id = ma.fields.UUID(required=True, attribute="license_id")
    code = ma.fields.String(required=True, metadata=CODE)


class LicensesIssuedOut(Schema):
    """What was issued."""

    batch_id = ma.fields.UUID(required=True)
    licenses = ma.fields.List(ma.fields.Nested(LicenseIssuedOut), required=True)


class LicenseBatchOut(Schema):
    """Licences that were issued together."""

    id = ma.fields.UUID(required=True)
    product = ma.fields.String(required=True)
    policy = ma.fields.String(required=True)
    count = ma.fields.Integer(required=True)
    source = ma.fields.String(required=True, metadata={"description": "What issued them: staff, command, store."})
    note = ma.fields.String(required=True)
    issued_at = Instant(required=True)


class LicenseBatchesOut(PageOut):
    """Batches, newest first."""

    batches = ma.fields.List(ma.fields.Nested(LicenseBatchOut), required=True)


class LicensesQuery(PageQuery):
    """Which licences are wanted."""

    state = Choice(*State, metadata=STATE)
    product = Text(most=80, metadata=_PRODUCT)
    batch = ma.fields.UUID()
    expires_after = Instant(metadata={"description": "Their end is this moment or later."})
    expires_before = Instant(metadata={"description": "Their end is earlier than this moment."})

    @ma.post_load
    def _grouped(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        page = {name: data.pop(name) for name in ("cursor", "limit")}
        if "state" in data:
            data["state"] = State(data["state"])
        return {"wanted": Wanted(**data), **page}


class StaffLicenseOut(Schema):
    """A licence, without who has it."""

    example = _LICENSE

    id = ma.fields.UUID(required=True)
    batch_id = ma.fields.UUID(required=True)
    product = ma.fields.String(required=True)
    title = ma.fields.String(required=True, metadata={"description": "The name of the product."})
    policy = ma.fields.String(required=True)
    state = Choice(*State, required=True, metadata=STATE)
    code_ends = ma.fields.String(required=True, metadata={"description": "The last characters of its code."})
    seats = ma.fields.Integer(required=True)
    begins_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)
    voided_at = Instant(required=True, allow_none=True)
    void_reason = ma.fields.String(required=True, allow_none=True)


class StaffLicensesOut(PageOut):
    """Licences: newest first, or by their ends where these are asked for."""

    licenses = ma.fields.List(ma.fields.Nested(StaffLicenseOut), required=True)


class LicenseHolderOut(Schema):
    """Who has a licence: an account or a company."""

    service = ma.fields.String(required=True)
    account_id = ma.fields.UUID(required=True, allow_none=True, attribute="person_id")
    company_id = ma.fields.UUID(required=True, allow_none=True)
    source = ma.fields.String(required=True, metadata={"description": "How they got it, by a code word."})
    added_at = Instant(required=True)


class HeldLicenseOut(StaffLicenseOut):
    """A licence, and who has it."""

    example = _LICENSE | {"holder": None}

    holder = ma.fields.Nested(LicenseHolderOut, required=True, allow_none=True)


class LicenseCodeIn(Schema):
    """An activation code."""

    example = {"code": CODE["example"]}

    code = Secret(most=100, required=True, metadata=CODE)


class LicenseVoidIn(Schema):
    """Why a licence is ended for good."""

    example = {"reason": "code_stolen"}

    reason = Choice(*VOID_REASONS, required=True)


class LicenseExtensionIn(Schema):
    """The new end of a licence; without it, it lasts as long again as its policy says."""

    example = {"expires_at": "2028-11-24T12:00:00Z"}

    expires_at = Instant(load_default=None, metadata={"maxLength": 40})


class LicenseTransferIn(Schema):
    """Who gets a licence: an account or a company in a service, or nobody."""

    example = {"to": "account", "service": "my-account", "id": EXAMPLE_ID}

    to = Choice("account", "company", "nobody", required=True)
    service = Choice(*SERVICES, metadata={"description": "The service it is used in; not for nobody."})
    id = ma.fields.UUID(metadata={"description": "The account or the company; not for nobody."})

    @ma.validates_schema
    def _whole(self, data: dict[str, Any], **_options: Any) -> None:
        needed = set() if data.get("to") == "nobody" else {"service", "id"}
        if "to" in data and needed != data.keys() - {"to"}:
            raise ma.ValidationError(_("An account or company needs a service and its number, nobody needs nothing."))

    @ma.post_load
    def _target(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        if data["to"] == "nobody":
            return {"to": Target()}
        return {"to": Target(data["service"], **{f"{data['to']}_id": data["id"]})}
