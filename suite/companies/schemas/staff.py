"""What goes in and out where staff look at companies."""

from typing import Any

import marshmallow as ma

from suite.kernel.fields import Choice, EmailAddress, Instant, Schema
from suite.kernel.paging import PageOut, PageQuery

ID = {"description": "Row number (UUID version 7)."}
_EXAMPLE: dict[str, Any] = {
    "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
    "name": "Lee Ltd",
    "country": "DE",
    "founded_at": "2026-11-24T09:30:00.000Z",
    "blocked_at": None,
    "ended_at": None,
}


class CompaniesQuery(PageQuery):
    """Which companies are wanted."""

    domain = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[a-z0-9.-]{3,253}\Z"),
        metadata={"pattern": "^[a-z0-9.-]{3,253}$", "description": "The one that verified this domain (A-labels)."},
    )


class StaffCompanyOut(Schema):
    """A company as staff see it in a list."""

    example = _EXAMPLE

    id = ma.fields.UUID(required=True, metadata=ID)
    name = ma.fields.String(required=True)
    country = ma.fields.String(required=True)
    founded_at = Instant(required=True)
    blocked_at = Instant(required=True, allow_none=True, metadata={"description": "Since when it is blocked."})
    ended_at = Instant(required=True, allow_none=True, metadata={"description": "When the last member left."})


class StaffCompaniesOut(PageOut):
    """Companies, newest first."""

    companies = ma.fields.List(ma.fields.Nested(StaffCompanyOut), required=True)


class StaffCompanyDetailOut(StaffCompanyOut):
    """A company with its verified domains, and how many people it has."""

    example = {**_EXAMPLE, "domains": ["lee.example"], "members": 12, "administrators": 2, "join_requests": 1}

    domains = ma.fields.List(ma.fields.String(), required=True)
    members = ma.fields.Integer(required=True)
    administrators = ma.fields.Integer(required=True)
    join_requests = ma.fields.Integer(required=True, metadata={"description": "How many ask to be let in."})


class MemberSearchIn(Schema):
    """The exact address of somebody."""

    example = {"email": "emma@example.com"}

    email = EmailAddress(required=True)


class FoundMemberOut(Schema):
    """Somebody inside a company."""

    id = ma.fields.UUID(required=True, metadata=ID)
    role = Choice("administrator", "employee", required=True)
    joined_at = Instant(required=True)


class FoundMembersOut(Schema):
    """None or one member."""

    example = {
        "members": [
            {"id": "019ab0c2-9d1f-7a44-8c2b-1f3e5d7a9b60", "role": "employee", "joined_at": "2026-11-24T09:30:00.000Z"}
        ]
    }

    members = ma.fields.List(ma.fields.Nested(FoundMemberOut), required=True)
