"""What goes out of the routes about what happened to an account."""

import marshmallow as ma

from suite.kernel.fields import Instant, Schema
from suite.kernel.paging import PageOut


class EventOut(Schema):
    """Something that happened to an account."""

    at = Instant(required=True)
    action = ma.fields.String(required=True, metadata={"description": "A stable code word, such as session.opened."})
    by = ma.fields.String(
        required=True,
        metadata={"description": "account: you, signed in; nobody: a caller not signed in; staff; system."},
    )
    facts = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"description": "Code words and counts, such as the kind of client."},
    )


class EventsOut(PageOut):
    """What happened to an account, newest first."""

    events = ma.fields.List(ma.fields.Nested(EventOut), required=True)


class AccessOut(Schema):
    """One look or act of staff."""

    at = Instant(required=True)
    action = ma.fields.String(required=True, metadata={"description": "A stable code word, such as account.viewed."})
    role = ma.fields.String(required=True, metadata={"description": "staff"})
    reason = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "A code word, where one is asked."}
    )


class AccessesOut(PageOut):
    """Every look and act of staff, newest first."""

    accesses = ma.fields.List(ma.fields.Nested(AccessOut), required=True)
