"""What goes in and out where staff members are managed."""

import marshmallow as ma

from suite.factors.schemas import EXAMPLE_ID, ID
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Some
from suite.kernel.paging import PageOut
from suite.staff.roles import Role

_STATE = {"description": "invited, active or disabled."}


def _roles() -> Some:
    return Some(
        Choice(*(role.value for role in Role)),
        most=len(Role),
        required=True,
        metadata={"description": "At least one; suite/staff/roles.py says what each allows."},
    )


class MemberIn(Schema):
    """A new staff member; the invitation goes to the address and nowhere else."""

    example = {"email": "ada@example.org", "roles": ["support_agent"]}

    email = EmailAddress(required=True)
    roles = _roles()


class RolesIn(Schema):
    """The roles of a staff member from now on."""

    example = {"roles": ["support_agent", "operator"]}

    roles = _roles()


class MemberOut(Schema):
    """A staff member."""

    example = {
        "id": EXAMPLE_ID,
        "email": "ada@example.org",
        "roles": ["support_agent"],
        "state": "invited",
        "created_at": "2026-11-24T09:00:00.000Z",
        "disabled_at": None,
    }

    id = ma.fields.UUID(required=True, metadata=ID)
    email = ma.fields.String(required=True, attribute="address")
    roles = ma.fields.List(ma.fields.String(), required=True)
    state = ma.fields.String(required=True, metadata=_STATE)
    created_at = Instant(required=True)
    disabled_at = Instant(required=True, allow_none=True)


class MembersOut(PageOut):
    """Staff members, newest first."""

    members = ma.fields.List(ma.fields.Nested(MemberOut), required=True)
