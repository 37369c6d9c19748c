"""What products say, and the connections over which they say it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import request
from flask.views import MethodView

from suite.kernel import strictjson
from suite.kernel.access import Permission, allow, fresh, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor
from suite.kernel.paging import PageQuery
from suite.licenses import connections as stories
from suite.licenses import hearing, voices
from suite.licenses.errors import (
    ConnectionEnded,
    ConnectionSecretJustRenewed,
    EventHeadersMissing,
    EventNotSigned,
    EventOutsideWindow,
    ProductWithoutRights,
)
from suite.licenses.schemas import product_events as s

F = TypeVar("F", bound=Callable[..., Any])

events = Blueprint(
    "product_events",
    __name__,
    url_prefix="/api/v1/products",
    description="What products say about the access rights configured in them, in the form of Standard Webhooks.",
)
connections = Blueprint(
    "product_connections",
    __name__,
    url_prefix="/api/v1/staff/product-connections",
    description="Connect products that configure who may manage and use their licences; for internal tools.",
)
_HEADERS = {
    "webhook-id": (voices.ID, "Your name of the event, the same at every try; no dot in it."),
    "webhook-timestamp": (voices.SECONDS, "Seconds since 1970 at this try; five minutes off at most."),
    "webhook-signature": (voices.SIGNATURES, "`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body."),
}
_PARAMETERS = [
    {
        "in": "header",
        "name": name,
        "required": True,
        "description": says,
        "schema": {"type": "string", "pattern": f"^{pattern}$"},
    }
    for name, (pattern, says) in _HEADERS.items()
]


def signed(view: F) -> F:
    """Let only products in that signed what they say; stands right below the access rule."""

    @wraps(view)
    def checked(*args: Any, product: str, **kwargs: Any) -> Any:
        body = strictjson.body(request)
        name, seconds, signatures = (request.headers.get(header, "") for header in _HEADERS)
        return view(*args, voice=voices.recognise(product, name, seconds, signatures, body), **kwargs)

    return cast("F", checked)


@events.route("/<product>/events")
class Events(MethodView):
    @public
    @signed
    @events.arguments(s.ProductEventIn)
    @events.response(204)
    @events.refuses(EventHeadersMissing, EventNotSigned, EventOutsideWindow)
    @events.called("tellAboutRights")
    @events.doc(parameters=_PARAMETERS)
    def post(self, data: dict[str, Any], voice: hearing.Voice) -> None:
        """Say what is configured in a product

        Once this is answered with 204 it counts. Send it again until then, with the same `webhook-id` and signed anew:
        each is taken once, and of two the one that was said later counts, in whichever order they come. An account or a
        licence that is not known here is passed over without a word.
        """
        hearing.hear(voice, hearing.Said.of(data))


@connections.route("")
class Connections(MethodView):
    @allow(Permission.MANAGE_PRODUCTS)
    @connections.arguments(PageQuery, location="query")
    @connections.response(200, s.ConnectionsOut)
    @connections.refuses(InvalidCursor)
    @connections.called("listProductConnections")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the connected systems of products"""
        found = stories.listed(**query)
        return {"connections": found.rows, "next_cursor": found.next_cursor}

    @allow(Permission.MANAGE_PRODUCTS)
    @fresh
    @connections.arguments(s.ConnectionIn)
    @connections.response(201, s.ConnectionMadeOut)
    @connections.refuses(ProductWithoutRights)
    @connections.called("connectProduct")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Connect a system of a product

        The answer holds the secret it signs with; it is never shown again. The system may speak about every licence of
        the product: connect what you run yourself, never what stands at a customer. No Idempotency-Key is taken here,
        because a stored answer would be a second copy of the secret.
        """
        made, secret = stories.create(**data)
        return {"connection": made, "secret": secret}


@connections.route("/<uuid:connection_id>")
class OneConnection(MethodView):
    @allow(Permission.MANAGE_PRODUCTS)
    @fresh
    @connections.response(204)
    @connections.called("disconnectProduct")
    def delete(self, connection_id: UUID) -> None:
        """End a connection

        Its secrets are erased at once. What was configured stays, until another connection says otherwise.
        """
        stories.end(connection_id)


@connections.route("/<uuid:connection_id>/secret")
class ConnectionSecret(MethodView):
    @allow(Permission.MANAGE_PRODUCTS)
    @fresh
    @connections.response(200, s.ConnectionMadeOut)
    @connections.refuses(ConnectionEnded, ConnectionSecretJustRenewed)
    @connections.called("renewProductSecret")
    def post(self, connection_id: UUID) -> dict[str, Any]:
        """Renew the secret of a connection

        For 24 hours the one before counts too. Until then the secret cannot be renewed again.
        """
        made, secret = stories.renew_secret(connection_id)
        return {"connection": made, "secret": secret}
