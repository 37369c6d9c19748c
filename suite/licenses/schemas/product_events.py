"""What goes in and out of the routes about products."""

from typing import Any

import marshmallow as ma

from suite.kernel.fields import Choice, Instant, Schema, Some, Text
from suite.kernel.paging import PageOut
from suite.kernel.words import marked as _
from suite.licenses.hearing import CHANGED, ENDED, KINDS, REPLACED
from suite.licenses.rights import Right

_EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"
_LICENSE = "019ab0c2-7d60-7d0e-a7a1-2f0f0c4f5b11"
_ACCOUNT = "019ab0c2-7d60-7d0e-a7a1-2f0f0c4f5b12"
_INSTANCE = r"^([A-Za-z0-9][A-Za-z0-9._:-]{0,79})?\Z"
_NEEDED, _FOREIGN = _("This event needs this field."), _("This event does not have this field.")
_FIELDS = {CHANGED: {"account", "rights"}, REPLACED: {"people"}, ENDED: set[str]()}
_WHAT = {
    "description": " ".join(
        f"`{kind}`: {says} Besides `license` and `instance` it has {' and '.join(sorted(_FIELDS[kind])) or 'nothing'}."
        for kind, says in KINDS.items()
    )
}
_SECRET = {"description": "Signs every event: `whsec_` and base64. It is never shown again."}
_RIGHTS = {"description": "`manage`: the licence and its devices. `use`: the instance. None of them: nothing."}


def _rights(**options: Any) -> Some:
    return Some(Choice(*Right), most=len(Right), metadata=_RIGHTS, **options)


class ConnectionIn(Schema):
    """A system of a product to connect."""

    example = {"product": "endpoint-security", "note": "Cloud console"}

    product = Text(most=80, required=True, metadata={"description": "A product that configures access rights."})
    note = Text(most=200, required=True, metadata={"description": "What you call the system; nobody's name."})


class ConnectionOut(Schema):
    """A connected system of a product; its secret is never shown again."""

    example = {
        "id": _EXAMPLE_ID,
        "product": "endpoint-security",
        "note": "Cloud console",
        "made_at": "2026-11-24T09:02:11.482Z",
        "ended_at": None,
        "old_secret_until": None,
    }

    id = ma.fields.UUID(required=True)
    product = ma.fields.String(required=True)
    note = ma.fields.String(required=True)
    made_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    old_secret_until = Instant(
        required=True, allow_none=True, metadata={"description": "How long the secret before the present one counts."}
    )


class ConnectionMadeOut(Schema):
    """A connected system with its secret, which is shown this once."""

    example = {"connection": ConnectionOut.example, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw5r1yYlVt0eE="}

    connection = ma.fields.Nested(ConnectionOut, required=True)
    secret = ma.fields.String(required=True, metadata=_SECRET)


class ConnectionsOut(PageOut):
    """Connected systems of products, newest first."""

    connections = ma.fields.List(ma.fields.Nested(ConnectionOut), required=True)


class PersonRights(Schema):
    """The rights of one account in an instance."""

    account = ma.fields.UUID(required=True)
    rights = _rights(required=True)


class ProductEventData(Schema):
    """What is configured in a product, as a state: which fields there are depends on the type."""

    license = ma.fields.UUID(required=True, metadata={"description": "The licence, by the id in its file."})
    instance = ma.fields.String(
        load_default="",
        validate=[ma.validate.Length(max=80), ma.validate.Regexp(_INSTANCE)],
        metadata={
            "pattern": _INSTANCE.replace(r"\Z", "$"),
            "description": "The instance, by a name of yours that is no person's; without it, every instance "
            "about which nothing else is said.",
        },
    )
    account = ma.fields.UUID(metadata={"description": "Whose rights these are, by the id of the account."})
    rights = _rights()
    people = Some(
        ma.fields.Nested(PersonRights),
        most=1000,
        metadata={"description": "Everybody who has rights in the instance; an account stands here once."},
    )


class ProductEventIn(Schema):
    """Something a product says about the access rights configured in it."""

    example = {
        "type": CHANGED,
        "timestamp": "2026-11-24T09:02:11.482Z",
        "data": {"license": _LICENSE, "instance": "console-eu-1", "account": _ACCOUNT, "rights": ["manage", "use"]},
    }

    type = Choice(*KINDS, required=True, metadata=_WHAT)
    timestamp = Instant(
        required=True,
        metadata={"maxLength": 40, "description": "When it was so in the product, at most six days ago."},
    )
    data = ma.fields.Nested(ProductEventData, required=True)

    @ma.validates_schema
    def _whole(self, data: dict[str, Any], **_options: Any) -> None:
        needed, given = _FIELDS[data["type"]], set(data["data"]) - {"license", "instance"}
        wrong = {name: [_NEEDED] for name in needed - given} | {name: [_FOREIGN] for name in given - needed}
        if wrong:
            raise ma.ValidationError({"data": wrong})


class InstanceQuery(Schema):
    """Which instance is meant."""

    instance = ma.fields.String(
        load_default=None,
        validate=[ma.validate.Length(max=80), ma.validate.Regexp(_INSTANCE)],
        metadata={
            "pattern": _INSTANCE.replace(r"\Z", "$"),
            "description": "Say of this instance whether you may use it; without it, of any.",
        },
    )


class LicenseRightOut(Schema):
    """What a product lets you do in one instance."""

    instance = ma.fields.String(required=True, metadata={"description": "Empty: every other instance."})
    rights = ma.fields.List(ma.fields.String(), required=True, metadata=_RIGHTS)
    said_at = Instant(required=True)


class LicenseRightsOut(Schema):
    """What you may do with a licence, and what its product said about it."""

    example = {
        "configured": True,
        "manage": False,
        "use": True,
        "rights": [{"instance": "console-eu-1", "rights": ["use"], "said_at": "2026-11-24T09:02:11.482Z"}],
    }

    configured = ma.fields.Boolean(
        required=True, metadata={"description": "Whether the product says who may do what; else the holder may."}
    )
    manage = ma.fields.Boolean(required=True)
    use = ma.fields.Boolean(
        required=True, metadata={"description": "Whether you may use that instance; without one, any at all."}
    )
    rights = ma.fields.List(ma.fields.Nested(LicenseRightOut), required=True)
