"""Connecting other systems, for the internal tools."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, InvalidInput
from suite.kernel.paging import PageQuery
from suite.webhooks import endpoints, replays
from suite.webhooks import schemas as s
from suite.webhooks.errors import DeliveryWaits, EndpointDisabled, SecretJustRotated
from suite.webhooks.models import Delivery, Endpoint

api = Blueprint(
    "webhooks",
    __name__,
    url_prefix="/api/v1/staff/webhooks",
    description="Tell other systems what happens to accounts, in the form of Standard Webhooks; for internal tools.",
)


@api.route("")
class Endpoints(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @api.arguments(PageQuery, location="query")
    @api.response(200, s.EndpointsOut)
    @api.refuses(InvalidCursor)
    @api.called("listWebhooks")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the connected systems"""
        found = endpoints.listed(**query)
        return {"endpoints": found.rows, "next_cursor": found.next_cursor}

    @allow(Permission.MANAGE_WEBHOOKS)
    @fresh
    @api.arguments(s.EndpointIn)
    @api.response(201, s.EndpointMadeOut)
    @api.refuses(InvalidInput)
    @api.called("createWebhook")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Connect a system

        The answer holds the secret that signs its events; keep it, it is never shown again. No Idempotency-Key is
        taken here, because a stored answer would be a second copy of the secret.
        """
        endpoint, secret = endpoints.create(**data)
        return {"endpoint": endpoint, "secret": secret}


@api.route("/<uuid:endpoint_id>")
class OneEndpoint(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @api.response(200, s.EndpointOut)
    @api.called("getWebhook")
    def get(self, endpoint_id: UUID) -> Endpoint:
        """Show a connected system"""
        return endpoints.one(endpoint_id)

    @allow(Permission.MANAGE_WEBHOOKS)
    @fresh
    @api.arguments(s.EndpointPatch)
    @api.response(200, s.EndpointOut)
    @api.refuses(InvalidInput)
    @api.called("changeWebhook")
    def patch(self, data: dict[str, Any], endpoint_id: UUID) -> Endpoint:
        """Change a connected system

        With `enabled` events begin or stop to go there. While it is disabled none are kept for it.
        """
        return endpoints.change(endpoint_id, **data)

    @allow(Permission.MANAGE_WEBHOOKS)
    @fresh
    @api.response(204)
    @api.called("deleteWebhook")
    def delete(self, endpoint_id: UUID) -> None:
        """Disconnect a system

        What still waits for it is deleted too.
        """
        endpoints.delete(endpoint_id)


@api.route("/<uuid:endpoint_id>/secret")
class Secret(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @fresh
    @api.response(200, s.EndpointMadeOut)
    @api.refuses(SecretJustRotated)
    @api.called("rotateWebhookSecret")
    def post(self, endpoint_id: UUID) -> dict[str, Any]:
        """Renew the secret

        For 24 hours events carry two signatures, one of the new secret and one of the old; then the old one ends.
        Until then the secret cannot be renewed again.
        """
        endpoint, secret = endpoints.rotate_secret(endpoint_id)
        return {"endpoint": endpoint, "secret": secret}


@api.route("/<uuid:endpoint_id>/test")
class Test(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @api.response(202, s.DeliveryOut)
    @api.refuses(EndpointDisabled)
    @api.called("testWebhook")
    def post(self, endpoint_id: UUID) -> Delivery:
        """Send a test event

        Its type is `webhook.test` and it is about nobody. The delivery log shows within a second how it went.
        """
        return endpoints.send_test(endpoint_id)


@api.route("/<uuid:endpoint_id>/deliveries")
class Deliveries(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @api.arguments(s.DeliveriesQuery, location="query")
    @api.response(200, s.DeliveriesOut)
    @api.refuses(InvalidCursor)
    @api.called("listWebhookDeliveries")
    def get(self, query: dict[str, Any], endpoint_id: UUID) -> dict[str, Any]:
        """Show what a system was told

        Kept for 30 days; the last word to a system about a closed account is deleted as soon as it arrived or was
        given up.
        """
        found = replays.listed(endpoint_id, **query)
        return {"deliveries": found.rows, "next_cursor": found.next_cursor}


@api.route("/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/replay")
class Replay(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @api.response(202, s.DeliveryOut)
    @api.refuses(EndpointDisabled, DeliveryWaits)
    @api.called("replayWebhookDelivery")
    def post(self, endpoint_id: UUID, delivery_id: UUID) -> Delivery:
        """Send an event again

        With the same `webhook-id` and the same body, whether it arrived before or was given up.
        """
        return replays.replay(endpoint_id, delivery_id)


@api.route("/<uuid:endpoint_id>/replay")
class ReplayFailed(MethodView):
    @allow(Permission.MANAGE_WEBHOOKS)
    @api.arguments(s.ReplayIn)
    @api.response(202, s.ReplayOut)
    @api.refuses(EndpointDisabled)
    @api.called("replayFailedWebhookDeliveries")
    def post(self, data: dict[str, Any], endpoint_id: UUID) -> dict[str, Any]:
        """Send failed events again

        Those written down since the given instant, the oldest first, at most 1000 at a time: ask again until the
        answer is 0.
        """
        return {"replayed": replays.replay_failed(endpoint_id, data["since"])}
