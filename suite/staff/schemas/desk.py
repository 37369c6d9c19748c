"""What goes in and out where staff look at accounts, messages and the audit trail."""

import marshmallow as ma

from suite.accounts.desk import BLOCK_REASONS, UNBLOCK_REASONS
from suite.factors.schemas import ID
from suite.kernel.fields import Choice, EmailAddress, Instant, OneFieldSchema, Schema, Text, WholeNumber
from suite.kernel.paging import PageOut, PageQuery
from suite.messages import TROUBLES

_STATE = {"description": "open, blocked or closed."}


class SearchIn(OneFieldSchema):
    """The exact address of an account, or its number."""

    example = {"email": "ann@example.org"}

    email = EmailAddress()
    id = ma.fields.UUID(metadata=ID)


class FoundOut(Schema):
    """An account that was found: enough to open it."""

    id = ma.fields.UUID(required=True, metadata=ID)
    state = ma.fields.String(required=True, metadata=_STATE)
    since = Instant(required=True)


class SearchOut(Schema):
    """None or one account."""

    accounts = ma.fields.List(ma.fields.Nested(FoundOut), required=True)


class JoinedOut(Schema):
    """A service the owner of an account joined; what he told it is not shown."""

    service = ma.fields.String(required=True)
    joined_at = Instant(required=True)


class AccountViewOut(Schema):
    """An account as staff see it."""

    id = ma.fields.UUID(required=True, metadata=ID)
    email = ma.fields.String(required=True)
    language = ma.fields.String(required=True)
    created_at = Instant(required=True)
    state = ma.fields.String(required=True, metadata=_STATE)
    since = Instant(required=True, metadata={"description": "Since when the account is in this state."})
    reason = ma.fields.String(required=True, allow_none=True, metadata={"description": "Why it is blocked."})
    frozen_until = Instant(required=True, allow_none=True)
    services = ma.fields.List(ma.fields.Nested(JoinedOut), required=True)
    second_factors = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Kinds of the confirmed ones; never their numbers."}
    )
    sessions = ma.fields.Integer(required=True, metadata={"description": "How many are open."})
    last_sign_in = Instant(required=True, allow_none=True)


class BlockIn(Schema):
    """Why an account is blocked; its owner reads it in words."""

    example = {"reason": "misuse"}

    reason = Choice(*BLOCK_REASONS, required=True)


class UnblockIn(Schema):
    """Why an account is opened again."""

    example = {"reason": "mistake"}

    reason = Choice(*UNBLOCK_REASONS, required=True)


class StateOut(Schema):
    """The state of an account after an act."""

    id = ma.fields.UUID(required=True, metadata=ID)
    state = ma.fields.String(required=True, metadata=_STATE)
    since = Instant(required=True)
    reason = ma.fields.String(required=True, allow_none=True)


class PageIn(Schema):
    """Which part of a list is wanted; looks at a person are POSTs, so it stands in the body."""

    example = {"limit": 50}

    cursor = Text(most=64, metadata={"description": "`next_cursor` of the page before; without it, the newest rows."})
    limit = WholeNumber(least=1, most=100, load_default=50)


class TroubledQuery(PageQuery):
    """Which messages are wanted."""

    state = Choice(
        *TROUBLES,
        load_default=None,
        metadata={"description": "failed: given up; unknown: perhaps sent; stuck: its job was given up."},
    )


class StaffMessageOut(Schema):
    """A message without address and content."""

    id = ma.fields.UUID(required=True, metadata=ID)
    letter = ma.fields.String(required=True)
    channel = ma.fields.String(required=True, metadata={"description": "mail or sms."})
    state = ma.fields.String(required=True)
    problem = ma.fields.String(required=True, allow_none=True, metadata={"description": "A code word."})
    tries = ma.fields.Integer(required=True)
    created_at = Instant(required=True)
    sent_at = Instant(required=True, allow_none=True)
    expires_at = Instant(required=True, allow_none=True)


class StaffMessagesOut(PageOut):
    """Messages, newest first."""

    messages = ma.fields.List(ma.fields.Nested(StaffMessageOut), required=True)


class ResendIn(Schema):
    """The address somebody registered with."""

    example = {"email": "ann@example.org"}

    email = EmailAddress(required=True)


class TrailQuery(PageQuery):
    """Which entries of the audit trail are wanted."""

    action = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[a-z_.]{1,80}\Z"),
        metadata={"pattern": "^[a-z_.]{1,80}$", "description": "Only acts of this name, such as account.viewed."},
    )


class EntryOut(Schema):
    """An entry of the audit trail; people stand in it under keyed hashes."""

    id = ma.fields.UUID(required=True, metadata=ID)
    at = Instant(required=True)
    action = ma.fields.String(required=True)
    actor_kind = ma.fields.String(required=True)
    actor = ma.fields.String(required=True, allow_none=True)
    subject = ma.fields.String(required=True, allow_none=True)
    request = ma.fields.String(required=True, allow_none=True)
    facts = ma.fields.Dict(required=True, metadata={"description": "Code words, counts and row numbers."})
    sequence = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "Its place in the sealed chain; null until sealed."}
    )


class TrailOut(PageOut):
    """Entries of the audit trail, newest first."""

    entries = ma.fields.List(ma.fields.Nested(EntryOut), required=True)


class StaffEndedOut(Schema):
    """How many sessions of an account were ended."""

    example = {"ended": 2}

    ended = ma.fields.Integer(required=True)
