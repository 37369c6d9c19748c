"""What goes in and out of the exports routes."""

import marshmallow as ma

from suite.exports.models import MADE, STATES
from suite.kernel.fields import Choice, Instant, Schema, Secret, Text
from suite.kernel.words import LANGUAGES

_EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"


class ExportIn(Schema):
    """The copy that is wanted."""

    example = {"language": "en", "recipient": None}

    language = Choice(*LANGUAGES, load_default=None, metadata={"description": "Of the page in it; else your own."})
    recipient = Text(
        most=200,
        load_default=None,
        allow_none=True,
        metadata={"description": "Whom you want to hand the copy to, if anybody."},
    )


class ExportOut(Schema):
    """A copy of your data, and how far it is."""

    example = {
        "id": _EXAMPLE_ID,
        "state": MADE,
        "done": 24,
        "of": 24,
        "recipient": None,
        "language": "en",
        "size": 48213,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "asked_at": "2026-11-24T09:02:11.482Z",
        "until": "2026-11-25T09:02:12.117Z",
    }

    id = ma.fields.UUID(required=True)
    state = Choice(*STATES, required=True)
    done = ma.fields.Integer(required=True, metadata={"description": "Steps that are done."})
    of = ma.fields.Integer(required=True, metadata={"description": "Steps there are; 0 before the first."})
    recipient = ma.fields.String(required=True, allow_none=True)
    language = ma.fields.String(required=True)
    size = ma.fields.Integer(required=True, allow_none=True, metadata={"description": "Bytes of the zip."})
    sha256 = ma.fields.String(required=True, allow_none=True, metadata={"description": "Checksum of the zip."})
    asked_at = Instant(required=True)
    until = Instant(required=True, metadata={"description": "When the copy is deleted."})


class ExportsOut(Schema):
    """The copies you asked for that are still there, newest first."""

    exports = ma.fields.List(ma.fields.Nested(ExportOut), required=True)


class ExportLinkOut(Schema):
    """A link that hands the copy over once; it is never shown again."""

    example = {
        "url": "https://accounts.example.org/export#Xw1u5s0mYq0P3n9cV7tJd2kR8hLzB4aGf6eTiUoNyCs",
        "token": "Xw1u5s0mYq0P3n9cV7tJd2kR8hLzB4aGf6eTiUoNyCs",
        "until": "2026-11-25T09:02:12.117Z",
    }

    url = ma.fields.String(required=True, metadata={"description": "A page that fetches the copy."})
    token = ma.fields.String(required=True, metadata={"description": "For programs: `redeemExportLink`."})
    until = Instant(required=True)


class HandoverIn(Schema):
    """The token of a link."""

    example = {"token": ExportLinkOut.example["token"]}

    token = Secret(most=64, required=True)


class DataPurposeOut(Schema):
    """Why, and on which legal basis."""

    key = ma.fields.String(required=True)
    says = ma.fields.String(required=True)
    basis = ma.fields.String(required=True)
    basis_says = ma.fields.String(required=True)


class DataHeldOut(Schema):
    """One thing that is held; what is not shown opens something or proves who you are."""

    says = ma.fields.String(required=True)
    category = ma.fields.String(required=True)
    shown = ma.fields.Boolean(required=True)


class DataVanishesOut(Schema):
    """When the first of these entries vanishes, and by which rule."""

    on = Instant(required=True)
    because = ma.fields.String(required=True)


class DataGroupOut(Schema):
    """One group of your data: what is held, why, who may get it, and when it vanishes."""

    service = ma.fields.String(required=True, allow_none=True, metadata={"description": "null: your account."})
    key = ma.fields.String(required=True)
    says = ma.fields.String(required=True)
    entries = ma.fields.Integer(required=True)
    holds = ma.fields.List(ma.fields.Nested(DataHeldOut), required=True)
    purposes = ma.fields.List(ma.fields.Nested(DataPurposeOut), required=True)
    recipients = ma.fields.List(ma.fields.String(), required=True)
    retention = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "The rules in words; the first that is due counts."}
    )
    vanishes = ma.fields.Nested(
        DataVanishesOut, required=True, allow_none=True, metadata={"description": "null while no clock runs."}
    )
    all_gone_by = Instant(
        required=True, allow_none=True, metadata={"description": "When the last is gone; null while a clock stands."}
    )


class DataOut(Schema):
    """Everything that is held about you, in groups."""

    groups = ma.fields.List(ma.fields.Nested(DataGroupOut), required=True)
