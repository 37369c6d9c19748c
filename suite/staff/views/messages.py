"""Messages that failed or hang, and further codes for registrations."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import desk
from suite.kernel.access import Permission, allow
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.messages import troubled
from suite.staff import looks
from suite.staff.errors import NothingToRetry
from suite.staff.schemas import desk as s

blp = Blueprint(
    "staff-messages",
    __name__,
    url_prefix="/api/v1/staff",
    description="Internal tools: messages that did not arrive.",
)


@blp.route("/messages")
class TroubledMessages(MethodView):
    @allow(Permission.VIEW_MESSAGES)
    @blp.arguments(s.TroubledQuery, location="query")
    @blp.response(200, s.StaffMessagesOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listTroubledMessages")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the messages that failed or hang

        Without persons, addresses and contents.
        """
        found = troubled(query.pop("state"), **query)
        return {"messages": found.rows, "next_cursor": found.next_cursor}


@blp.route("/messages/<uuid:message_id>/retry")
class MessageRetry(MethodView):
    @allow(Permission.RETRY_MESSAGES)
    @blp.response(204)
    @blp.refuses(NotFound, NothingToRetry)
    @blp.called("retryMessage")
    def post(self, message_id: UUID) -> None:
        """Send a message again that failed or hangs"""
        looks.retry_message(message_id)


@blp.route("/registrations/resend")
class RegistrationResend(MethodView):
    @allow(Permission.RESEND_MESSAGES)
    @blp.arguments(s.ResendIn)
    @blp.response(204)
    @blp.called("resendRegistrationCode")
    def post(self, data: dict[str, str]) -> None:
        """Send another code to somebody who registers

        To the newest registration of the address, within the limits of registering. The answer is the same whether
        or not one waits.
        """
        desk.resend_code(data["email"])
