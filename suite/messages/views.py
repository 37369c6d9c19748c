"""The development inbox: a page and JSON; not registered in production."""

from importlib.resources import files
from typing import Any
from uuid import UUID

import orjson
from flask import Blueprint, Response, request
from markupsafe import Markup
from sqlalchemy import select

from suite.kernel import db
from suite.kernel.access import public
from suite.kernel.errors import NotFound
from suite.kernel.pages import page
from suite.messages.models import InboxMessage

inbox_pages = Blueprint("inbox", __name__, url_prefix="/dev/inbox")
_SHOWN = 100


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
