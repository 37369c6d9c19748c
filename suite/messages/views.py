"""Callbacks of Twilio; and the development inbox, a page and JSON, not registered in production."""

from collections.abc import Callable
from functools import wraps
from importlib.resources import files
from typing import Any, TypeVar, cast
from uuid import UUID

import orjson
from flask import Blueprint as Pages
from flask import Response, request
from flask.views import MethodView
from markupsafe import Markup
from sqlalchemy import select

from suite.kernel import db, forms, system
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.errors import NotFound
from suite.kernel.pages import page
from suite.messages import callbacks as reports
from suite.messages import twilio
from suite.messages.errors import WrongSignature
from suite.messages.models import InboxMessage
from suite.messages.schemas import TextStatusIn

F = TypeVar("F", bound=Callable[..., Any])

callbacks = Blueprint(
    "callbacks",
    __name__,
    url_prefix=twilio.CALLBACKS,
    description="What providers report; nothing for front ends.",
)
inbox_pages = Pages("inbox", __name__, url_prefix="/dev/inbox")
_SHOWN = 100
_SIGNATURE = {
    "in": "header",
    "name": "X-Twilio-Signature",
    "required": True,
    "description": "HMAC-SHA1 over the address and all parameters, with the auth token of the account.",
    "schema": {"type": "string"},
}


def signed(view: F) -> F:
    """Let only Twilio in, where Twilio is in use; stands right below the access rule."""

    @wraps(view)
    def checked(*args: Any, message_id: UUID, **kwargs: Any) -> Any:
        settings = system.current().settings
        if settings.sms != "twilio":
            raise NotFound
        signature = request.headers.get(str(_SIGNATURE["name"]), "")
        if not twilio.is_signed(settings, message_id, forms.read(request), signature):
            raise WrongSignature
        return view(*args, message_id=message_id, **kwargs)

    return cast("F", checked)


@callbacks.route("/<uuid:message_id>")
class TextStatus(MethodView):
    @public
    @signed
    @callbacks.arguments(TextStatusIn, location="form")
    @callbacks.response(204)
    @callbacks.refuses(NotFound, WrongSignature)
    @callbacks.called("reportTextStatus")
    @callbacks.doc(parameters=[_SIGNATURE])
    def post(self, data: dict[str, Any], message_id: UUID) -> None:
        """Report the status of a text message

        Twilio calls this as often as the status of a message changes. The signature is checked over the public
        address of the product; a message whose SID is another one does not exist.
        """
        reports.report(message_id, **data)


@inbox_pages.get("")
@public
def inbox() -> Response:
    """Show the newest messages; a program asks with `Accept: application/json`."""
    if request.accept_mimetypes.best == "application/json":
        return messages()
    source = files("suite.messages").joinpath("templates/inbox.html").read_text(encoding="utf-8")
    return page(source, frames=True, messages=_newest())


@inbox_pages.get("/messages")
@public
def messages() -> Response:
    """Give the newest messages as JSON."""
    shown = [
        {
            "id": str(message.id),
            "letter": message.letter,
            "channel": message.channel,
            "to": message.recipient,
            "subject": message.subject,
            "text": message.text,
            "received_at": message.received_at.isoformat(),
        }
        for message in _newest()
    ]
    return _json({"messages": shown})


@inbox_pages.get("/messages/<uuid:message_id>.html")
@public
def message_html(message_id: UUID) -> Response:
    """Show one mail as a mail program would, with no script and nothing from outside."""
    message = db.session.get(InboxMessage, message_id)
    if message is None:
        raise NotFound
    response = Response(
        message.html or Markup("<pre>{}</pre>").format(message.text), content_type="text/html; charset=utf-8"
    )
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _newest() -> list[InboxMessage]:
    return list(db.session.scalars(select(InboxMessage).order_by(InboxMessage.received_at.desc()).limit(_SHOWN)))


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), content_type="application/json")
