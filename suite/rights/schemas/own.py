"""What goes in and out where people ask about their own data."""

from typing import Any

import marshmallow as ma

from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel.fields import Choice, EmailAddress, Instant, Schema, Secret, Text
from suite.kernel.paging import PageOut
from suite.kernel.words import marked as _
from suite.rights import standing, words

ID = {"description": "Row number (UUID version 7)."}
MOST_TEXT = 5000
_MISSING, _NOT_ASKED = _("This request needs this field."), _("This request does not ask for this field.")
EDITABLE = ("email", "password", "language", "preferences", "profile", "phone", "security_question")
"""What people change themselves: see /api/v1/me."""
INTERESTS = tuple(key for key, purpose in PURPOSES.items() if standing.can_be_objected_to(purpose))
"""What rests on a legitimate interest, and notices with an off switch."""

# What each kind of request asks besides its text: fields that are needed, and fields that may be given.
_ASKED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    words.PORTABILITY: ((), ("recipient",)),
    words.RECTIFICATION: ((), ("field",)),
    words.UPDATE: ((), ("field",)),
    words.RESTRICTION: (("reason",), ()),
    words.OBJECTION: (("purpose",), ()),
    words.CONSENT_WITHDRAWAL: (("purpose",), ("service",)),
}
_NEED_TEXT = frozenset({words.COMPLAINT, words.QUESTION})


class RequestIn(Schema):
    """A request about your own data."""

    example = {"kind": "restriction", "reason": "accuracy"}

    kind = Choice(*words.KINDS, required=True, metadata={"description": "What you ask for."})
    text = Text(
        most=MOST_TEXT, lines=True, metadata={"description": "In your own words; a complaint or question needs it."}
    )
    purpose = Choice(
        *INTERESTS, *CONSENTS, metadata={"description": "objection: what you object to; consent_withdrawal: which one."}
    )
    service = Text(most=40, metadata={"description": "consent_withdrawal: of this service only."})
    reason = Choice(*words.RESTRICTION_REASONS, metadata={"description": "restriction: why."})
    field = Choice(
        *EDITABLE, metadata={"description": "rectification, update: what you can change yourself, if it is that."}
    )
    recipient = Text(metadata={"description": "portability: the third party you want to hand your data to."})

    @ma.validates_schema
    def _fields(self, data: dict[str, Any], **_options: Any) -> None:
        needed, possible = _ASKED.get(data["kind"], ((), ()))
        needed += ("text",) if data["kind"] in _NEED_TEXT or _own_words(data) else ()
        wrong = {name: [_MISSING] for name in needed if name not in data}
        wrong |= {name: [_NOT_ASKED] for name in data if name not in {"kind", "text", *needed, *possible}}
        if wrong:
            raise ma.ValidationError(wrong)

    @ma.post_load
    def _about(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """Put what the request is about under one name: a request has one such thing at most."""
        for name in ("purpose", "reason", "field"):
            if name in data:
                data["about"] = data.pop(name)
        return data


def _own_words(data: dict[str, Any]) -> bool:
    return data["kind"] in {words.RECTIFICATION, words.UPDATE} and "field" not in data


class InformationIn(Schema):
    """The answer to what we asked."""

    example = {"text": "The customer number on my invoice is 4711."}

    text = Text(most=MOST_TEXT, lines=True, required=True)


class RightsRequestOut(Schema):
    """A request, its state and the day by which it is answered."""

    example = {
        "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
        "kind": "restriction",
        "state": "fulfilled",
        "received_at": "2026-11-24T10:00:00.000Z",
        "due_at": "2026-12-24T10:00:00.000Z",
        "waiting_since": None,
        "closed_at": "2026-11-24T10:00:00.000Z",
        "about": "accuracy",
        "service": None,
        "text": None,
        "recipient": None,
        "question": None,
        "information": None,
        "extension": None,
        "extended_at": None,
        "refusal": None,
        "refusal_says": None,
        "fee_reason": None,
        "fee_cents": None,
        "answer": "Your data are only stored from now on.",
        "stops": None,
    }

    id = ma.fields.UUID(required=True, metadata=ID)
    kind = Choice(*words.KINDS, required=True)
    state = Choice(*words.STATES, required=True)
    received_at = Instant(required=True)
    due_at = Instant(required=True, metadata={"description": "It moves by the time in which we wait for you."})
    waiting_since = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    about = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "A purpose, a reason or a field, by its code word."}
    )
    service = ma.fields.String(required=True, allow_none=True)
    text = ma.fields.String(required=True, allow_none=True)
    recipient = ma.fields.String(required=True, allow_none=True)
    question = ma.fields.String(required=True, allow_none=True, metadata={"description": "What we asked you."})
    information = ma.fields.String(required=True, allow_none=True, metadata={"description": "What you answered."})
    extension = Choice(*words.EXTENSIONS, required=True, allow_none=True)
    extended_at = Instant(required=True, allow_none=True)
    refusal = Choice(*words.REFUSALS, required=True, allow_none=True)
    refusal_says = ma.fields.String(required=True, allow_none=True, metadata={"description": "The reason in words."})
    fee_reason = Choice(*words.CHARGEABLE, required=True, allow_none=True)
    fee_cents = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Euro cents."})
    answer = ma.fields.String(required=True, allow_none=True)
    stops = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "What no longer works without the consent."}
    )


class RightsRequestsOut(PageOut):
    """Your requests, newest first."""

    requests = ma.fields.List(ma.fields.Nested(RightsRequestOut), required=True)


class RestrictionOut(Schema):
    """Whether your data are only stored for now."""

    example = {"restricted": True, "since": "2026-11-24T10:00:00.000Z", "reason": "accuracy"}

    restricted = ma.fields.Boolean(required=True)
    since = Instant(required=True, allow_none=True)
    reason = Choice(*words.RESTRICTION_REASONS, required=True, allow_none=True)


class ObjectionOut(Schema):
    """What you objected to; while a reason that outweighs it stands on record, it goes on."""

    example = {"purpose": "traffic_statistics", "at": "2026-11-24T10:00:00.000Z", "overridden": None}

    purpose = Choice(*INTERESTS, required=True)
    at = Instant(required=True)
    overridden = ma.fields.String(required=True, allow_none=True, metadata={"description": "A code word."})


class ObjectionsOut(Schema):
    """Your objections, the oldest first."""

    objections = ma.fields.List(ma.fields.Nested(ObjectionOut), required=True)


class OutsideIn(Schema):
    """A request about data of somebody who is not signed in."""

    example = {"email": "ann@example.org", "kind": "erasure", "text": "Please erase what you hold about me."}

    email = EmailAddress(required=True)
    kind = Choice(*words.KINDS, required=True)
    text = Text(most=MOST_TEXT, lines=True, required=True)


class OutsideOut(Schema):
    """A mail is on its way, whether or not the address is known."""

    example = {"expires_at": "2026-11-25T10:00:00.000Z"}

    expires_at = Instant(required=True, metadata={"description": "Until then the mailed link works."})


class RequestLinkIn(Schema):
    """The token behind the # of the mailed link."""

    example = {"token": "Xb2F0nW8aLxk5wYIhcN3tQf1z2r6vJmPqUeGdSoHlKc"}

    token = Secret(least=20, most=100, required=True)


class ReplyIn(RequestLinkIn):
    """The answer to what we asked, with the token of the mailed link."""

    example = {"token": "Xb2F0nW8aLxk5wYIhcN3tQf1z2r6vJmPqUeGdSoHlKc", "text": "My customer number is 4711."}

    text = Text(most=MOST_TEXT, lines=True, required=True)


class ProvenOut(Schema):
    """A request whose address was proven; what is held about the person is not in it."""

    example = {
        "id": "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
        "kind": "erasure",
        "state": "received",
        "received_at": "2026-11-24T10:00:00.000Z",
        "due_at": "2026-12-24T10:05:00.000Z",
    }

    id = ma.fields.UUID(required=True, metadata=ID)
    kind = Choice(*words.KINDS, required=True)
    state = Choice(*words.STATES, required=True)
    received_at = Instant(required=True)
    due_at = Instant(required=True)
