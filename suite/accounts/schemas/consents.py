"""What goes in and out of the routes for consents and notices."""

import marshmallow as ma

from suite.kernel.fields import Instant, Schema, YesNo


class ConsentIn(Schema):
    """Yes or no to one question of one service."""

    example = {"given": True}

    given = YesNo(required=True)


class ConsentOut(Schema):
    """A question a service asks and the answer; the box is empty until the person says yes."""

    example = {
        "service": "business-hub",
        "purpose": "news_by_email",
        "text": "Send me news about products and services by e-mail.",
        "version": "1",
        "given": False,
        "renewal_needed": False,
        "since": None,
        "receipt": None,
        "stops": "You get no more news by e-mail; your account works as before.",
        "unavailable": ["news about products and services by e-mail"],
    }

    service = ma.fields.String(required=True)
    purpose = ma.fields.String(required=True)
    text = ma.fields.String(required=True, metadata={"description": "What the person says yes to."})
    version = ma.fields.String(required=True, metadata={"description": "Version of the text."})
    given = ma.fields.Boolean(required=True)
    renewal_needed = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether there was a yes to an earlier version of the text, which counts no more."},
    )
    since = Instant(required=True, allow_none=True, metadata={"description": "The last choice; null before any."})
    receipt = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Names the receipt of the last choice."}
    )
    stops = ma.fields.String(required=True, metadata={"description": "What stops without a yes."})
    unavailable = ma.fields.List(
        ma.fields.String(),
        required=True,
        metadata={"description": "What of the service does not work as long as there is no yes."},
    )


class ConsentsOut(Schema):
    """Everything the services of a person ask consent for."""

    consents = ma.fields.List(ma.fields.Nested(ConsentOut), required=True)


class NoticeIn(Schema):
    """Whether a kind of notice is sent."""

    example = {"on": False}

    on = YesNo(required=True)


class NoticeOut(Schema):
    """A kind of notice that needs no consent and has an off switch."""

    example = {
        "purpose": "license_notices",
        "says": "tell you by e-mail that a licence of yours is about to expire, until you switch it off",
        "on": False,
    }

    purpose = ma.fields.String(required=True)
    says = ma.fields.String(required=True, metadata={"description": "What we use your data for."})
    on = ma.fields.Boolean(required=True)


class NoticesOut(Schema):
    """Everything the services of a person send until it is switched off."""

    notices = ma.fields.List(ma.fields.Nested(NoticeOut), required=True)
