"""The shape of the catalogue, of the versions of the notice and of an authority."""

from typing import Any

import marshmallow as ma

from suite.declarations.countries import COUNTRIES
from suite.kernel.fields import Instant, Schema
from suite.kernel.paging import PageOut


def _texts(*names: str) -> dict[str, ma.fields.Field[Any]]:
    return {name: ma.fields.String(required=True) for name in names}


def _lists(*names: str) -> dict[str, ma.fields.Field[Any]]:
    return {name: ma.fields.List(ma.fields.String(), required=True) for name in names}


def _many(name: str, fields: dict[str, ma.fields.Field[Any]]) -> ma.fields.Field[Any]:
    return ma.fields.List(ma.fields.Nested(Schema.from_dict(fields, name=name)), required=True)


_ASK = _texts("field", "category", "says", "purpose") | {
    "required": ma.fields.Boolean(required=True),
    "available": ma.fields.Boolean(required=True),
}
_FEATURE = (
    _texts("key", "says")
    | _lists("needs", "needs_says")
    | {
        "consent": ma.fields.String(required=True, allow_none=True),
        "available": ma.fields.Boolean(required=True),
    }
)
_FORM = _texts("key", "says") | {
    "asks": _many("CatalogueFormAsk", _ASK),
    "takes": _many("CatalogueTaken", _texts("category", "says")),
    "consent": ma.fields.String(required=True, allow_none=True),
    "available": ma.fields.Boolean(required=True),
}
_SERVICE = (
    _texts("key", "title", "says", "policy", "notice", "reminders", "subject")
    | _texts("keep_after_closure", "keep_after_closure_says", "backups", "backups_says")
    | _lists("siblings", "purposes", "consents", "links", "measures", "remind_before")
    | {
        "open": ma.fields.Boolean(required=True),
        "has_accounts": ma.fields.Boolean(required=True),
        "restorable": ma.fields.Boolean(required=True),
        "grace": ma.fields.String(required=True, allow_none=True),
        "grace_says": ma.fields.String(required=True, allow_none=True),
        "inactivity": ma.fields.String(required=True, allow_none=True),
        "inactivity_says": ma.fields.String(required=True, allow_none=True),
        "inactivity_announced": ma.fields.Boolean(required=True),
        "asks": _many("CatalogueAsk", _ASK),
        "offers": _many("CatalogueFeature", _FEATURE),
        "forms": _many("CatalogueForm", _FORM),
        "clocks": _many(
            "CatalogueClock",
            _texts("event", "period", "after", "says") | {"announced": ma.fields.Boolean(required=True)},
        ),
    }
)
ServiceOut = Schema.from_dict(_SERVICE, name="CatalogueService")

CatalogueOut = Schema.from_dict(
    {
        "version": ma.fields.String(required=True, metadata={"description": "Hash of everything the notice shows."}),
        "services": ma.fields.List(ma.fields.Nested(ServiceOut), required=True),
        "records": _many(
            "CatalogueRecord",
            _texts("table", "says")
            | _lists("purposes")
            | {
                "about_people": ma.fields.Boolean(required=True),
                "holds": _many("CatalogueDatum", _texts("category", "says")),
                "retention": _many(
                    "CatalogueRetention",
                    _texts("rule", "says") | {name: ma.fields.String() for name in ("period", "after", "parent")},
                ),
            },
        ),
        "purposes": _many("CataloguePurpose", _texts("key", "says", "use", "basis", "balance")),
        "consents": _many("CatalogueConsent", _texts("purpose", "text", "version", "text_sha256", "stops")),
        "recipients": _many(
            "CatalogueRecipient",
            _texts("key", "says", "category", "country", "safeguard", "reason", "rules")
            | _lists("receives", "receives_says", "purposes")
            | {"keeps": ma.fields.Boolean(required=True)},
        ),
        "access": _many("CatalogueAccess", _texts("role", "permission", "purpose")),
        "cookies": _many("CatalogueCookie", _texts("name", "category", "says", "lasts", "lasts_says")),
        "stores": _many("CatalogueStore", _texts("key", "says", "keep", "keep_says")),
    },
    name="Catalogue",
)


class ServicesOut(Schema):
    """The services of this installation."""

    services = ma.fields.List(ma.fields.Nested(ServiceOut), required=True)


class DisclosureOut(Schema):
    """That a recipient got certain kinds of data for a purpose."""

    recipient = ma.fields.String(required=True, metadata={"description": "Its key in the catalogue."})
    says = ma.fields.String(required=True)
    recipient_category = ma.fields.String(required=True)
    country = ma.fields.String(required=True, metadata={"description": "Where the data went, by ISO 3166."})
    purpose = ma.fields.String(required=True)
    purpose_says = ma.fields.String(required=True)
    categories = ma.fields.List(
        ma.fields.String(), required=True, metadata={"description": "Kinds of data, as in the catalogue."}
    )
    first_at = Instant(required=True)
    last_at = Instant(required=True)
    times = ma.fields.Integer(required=True, metadata={"description": "How often."})


class DisclosuresOut(PageOut):
    """Who received data about you, the newest recipient first."""

    disclosures = ma.fields.List(ma.fields.Nested(DisclosureOut), required=True)


class VersionOut(Schema):
    """One version of the notice."""

    id = ma.fields.String(required=True, attribute="hash", metadata={"description": "Hash of all the notice shows."})
    since = Instant(required=True, metadata={"description": "When it was first published."})


class VersionsOut(PageOut):
    """Versions of the notice, newest first."""

    versions = ma.fields.List(ma.fields.Nested(VersionOut), required=True)


class VersionContentOut(VersionOut):
    """Everything one version of the notice showed."""

    content = ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        metadata={"description": "Catalogue, facts of the vendor and sentences of the page, as they were then."},
    )


class AuthorityQuery(Schema):
    """Where somebody lives."""

    country = ma.fields.String(required=True, validate=ma.validate.OneOf(COUNTRIES))


class AuthorityOut(Schema):
    """The supervisory authority a person can complain to."""

    country = ma.fields.String(required=True)
    name = ma.fields.String(required=True)
    web = ma.fields.String(required=True)
