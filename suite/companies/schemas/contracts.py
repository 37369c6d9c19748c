"""What goes in and out of the routes for contracts."""

from typing import Any

import marshmallow as ma

from suite.kernel.fields import Instant, Schema, Some, Text
from suite.kernel.paging import PageOut

ID = {"description": "Row number (UUID version 7)."}
_EXAMPLE: dict[str, Any] = {
    "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
    "number": "S-2026-1041",
    "title": "Premium support",
    "begins_at": "2026-12-01T00:00:00.000Z",
    "ends_at": "2027-12-01T00:00:00.000Z",
}
_PEOPLE = {"description": "Members designated at the purchase: they see the contract and are told of its end."}


class ContractOut(Schema):
    """A contract about paid support that you are authorised to use."""

    example = _EXAMPLE

    id = ma.fields.UUID(required=True, metadata=ID)
    number = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    begins_at = Instant(required=True)
    ends_at = Instant(required=True)


class ContractsOut(PageOut):
    """Contracts, newest first."""

    example = {"contracts": [_EXAMPLE], "next_cursor": None}

    contracts = ma.fields.List(ma.fields.Nested(ContractOut), required=True)


class ContractIn(Schema):
    """A contract as it was bought."""

    example = {
        **{name: value for name, value in _EXAMPLE.items() if name != "id"},
        "people": ["019ab0c2-9d1f-7a44-8c2b-1f3e5d7a9b60"],
    }

    number = Text(most=80, required=True)
    title = Text(most=200, required=True)
    begins_at = Instant(required=True)
    ends_at = Instant(required=True)
    people = Some(ma.fields.UUID(metadata=ID), least=1, most=100, required=True, metadata=_PEOPLE)


class ContractPatch(Schema):
    """A later end."""

    example = {"ends_at": "2028-12-01T00:00:00.000Z"}

    ends_at = Instant(required=True)


class StaffContractOut(ContractOut):
    """A contract as staff see it, with the numbers of the designated members."""

    example = {
        **_EXAMPLE,
        "recorded_at": "2026-11-24T09:30:00.000Z",
        "people": ["019ab0c2-9d1f-7a44-8c2b-1f3e5d7a9b60"],
    }

    recorded_at = Instant(required=True)
    people = ma.fields.List(ma.fields.UUID(metadata=ID), required=True, metadata=_PEOPLE)


class StaffContractsOut(PageOut):
    """Contracts of a company, newest first."""

    contracts = ma.fields.List(ma.fields.Nested(StaffContractOut), required=True)
