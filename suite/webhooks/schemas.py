"""What goes in and out of the webhooks routes."""

import marshmallow as ma

from suite.kernel.fields import Choice, CountryCode, Instant, Schema, Some, Text, YesNo
from suite.kernel.paging import PageOut, PageQuery
from suite.webhooks.events import EVENTS
from suite.webhooks.models import BY_OPERATOR, FAILING, GONE, STATES
from suite.webhooks.privacy import CONNECTED, OURS, SAFEGUARDS

_ID = {"description": "Row number (UUID version 7)."}
_EXAMPLE_ID = "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d"
_URL = {"description": "https:// address without credentials and fragment; http:// where private networks are allowed."}
_EVENTS = {"description": " ".join(f"`{event}`: {says}" for event, says in EVENTS.items())}
_COUNTRY = {"description": "Where the system stands, by ISO 3166; a country in which data may be processed."}
_SAFEGUARD = {
    "description": "The contract on record with whoever runs the system. A country that does not protect data "
    "adequately needs standard_contractual_clauses."
}
_SECRET = {"description": "Signs every event: `whsec_` and base64. It is never shown again."}


class EndpointIn(Schema):
    """A system to connect: where its events go and which it wants."""

    example = {
        "url": "https://billing.example.com/hooks/accounts",
        "description": "Billing",
        "events": ["account.closed", "service.joined", "service.left"],
    }

    url = Text(most=500, required=True, metadata=_URL)
    description = Text(least=0, most=200, load_default="")
    events = Some(Choice(*EVENTS), least=1, most=len(EVENTS), required=True, metadata=_EVENTS)
    country = CountryCode(load_default=CONNECTED.country, metadata=_COUNTRY)
    safeguard = Choice(*SAFEGUARDS, load_default=OURS, metadata=_SAFEGUARD)


class EndpointPatch(Schema):
    """What to change; whatever is left out stays."""

    example = {"events": ["account.closed"], "enabled": True}

    url = Text(most=500, metadata=_URL)
    description = Text(least=0, most=200)
    events = Some(Choice(*EVENTS), least=1, most=len(EVENTS), metadata=_EVENTS)
    country = CountryCode(metadata=_COUNTRY)
    safeguard = Choice(*SAFEGUARDS, metadata=_SAFEGUARD)
    enabled = YesNo(metadata={"description": "Whether events go there."})


class EndpointOut(Schema):
    """A connected system; its secret is never shown again."""

    example = {
        "id": _EXAMPLE_ID,
        "url": "https://billing.example.com/hooks/accounts",
        "description": "Billing",
        "events": ["account.closed"],
        "country": "DE",
        "safeguard": "processor_contract",
        "enabled": True,
        "disabled_at": None,
        "disabled_because": None,
        "failing_since": None,
        "old_secret_until": None,
        "created_at": "2026-11-24T09:02:11.482Z",
    }

    id = ma.fields.UUID(required=True, metadata=_ID)
    url = ma.fields.String(required=True)
    description = ma.fields.String(required=True)
    events = ma.fields.List(ma.fields.String(), required=True)
    country = ma.fields.String(required=True, metadata=_COUNTRY)
    safeguard = ma.fields.String(required=True, metadata=_SAFEGUARD)
    enabled = ma.fields.Boolean(required=True)
    disabled_at = Instant(required=True, allow_none=True)
    disabled_because = Choice(
        BY_OPERATOR,
        GONE,
        FAILING,
        required=True,
        allow_none=True,
        metadata={
            "description": "operator: by a person; gone: it answered 410; failing: nothing reached it for three days."
        },
    )
    failing_since = Instant(
        required=True, allow_none=True, metadata={"description": "Since when nothing has reached it."}
    )
    old_secret_until = Instant(
        required=True, allow_none=True, metadata={"description": "How long the secret before the present one signs."}
    )
    created_at = Instant(required=True)


class EndpointMadeOut(Schema):
    """A connected system with its secret, which is shown this once."""

    example = {"endpoint": EndpointOut.example, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw5r1yYlVt0eE="}

    endpoint = ma.fields.Nested(EndpointOut, required=True)
    secret = ma.fields.String(required=True, metadata=_SECRET)


class EndpointsOut(PageOut):
    """Connected systems, newest first."""

    endpoints = ma.fields.List(ma.fields.Nested(EndpointOut), required=True)


class DeliveriesQuery(PageQuery):
    """Which part of the delivery log is wanted."""

    state = Choice(*STATES, load_default=None, metadata={"description": "Only events in this state."})


class DeliveryOut(Schema):
    """One event on its way to one endpoint; what it says is not shown."""

    example = {
        "id": _EXAMPLE_ID,
        "event": "account.closed",
        "state": "failed",
        "tries": 36,
        "status": 500,
        "problem": "http_500",
        "created_at": "2026-11-24T09:02:11.482Z",
        "tried_at": "2026-11-25T10:41:02.117Z",
        "delivered_at": None,
    }

    id = ma.fields.UUID(required=True, metadata={"description": "The `webhook-id`, the same at every try."})
    event = ma.fields.String(required=True)
    state = Choice(*STATES, required=True)
    tries = ma.fields.Integer(required=True)
    status = ma.fields.Integer(
        required=True, allow_none=True, metadata={"description": "HTTP status of the last try; null without an answer."}
    )
    problem = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Why the last try did not succeed."}
    )
    created_at = Instant(required=True)
    tried_at = Instant(required=True, allow_none=True)
    delivered_at = Instant(required=True, allow_none=True, metadata={"description": "When it last arrived."})


class DeliveriesOut(PageOut):
    """What an endpoint was told in the last 30 days, newest first."""

    deliveries = ma.fields.List(ma.fields.Nested(DeliveryOut), required=True)


class ReplayIn(Schema):
    """Since when failed events are sent again."""

    example = {"since": "2026-11-24T00:00:00Z"}

    since = Instant(required=True, metadata={"maxLength": 40})


class ReplayOut(Schema):
    """How many events are on their way again."""

    example = {"replayed": 12}

    replayed = ma.fields.Integer(required=True)
