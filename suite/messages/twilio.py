"""Twilio: texts leave through its Messages API, and its callbacks are known by their signature."""

import re
import threading
from typing import TYPE_CHECKING, Any
from uuid import UUID

from suite.kernel import clock
from suite.messages.contents import PROVIDERS
from suite.messages.errors import NotDelivered
from suite.messages.letters import SMS, CodeText, letter_named, phone_number
from suite.messages.models import Message
from suite.messages.rendering import Rendered
from suite.privacy import Exit, must_lead

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from suite.settings import Settings

CALLBACKS = "/api/v1/callbacks/twilio"
SID = r"^(SM|MM)[0-9a-fA-F]{32}$"
_BAD_CALLBACK = 21609
_SHORTEST, _LONGEST = 5, 36_000
"""Seconds that Twilio keeps a message at least and at most."""


class Twilio:
    """Sends text messages through the Messages API; tries once, the job tries again.

    Twilio knows no way to say that a request is a repetition: where the answer is lost, the code may come twice.
    """

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._client: Any = None
        self._lock = threading.Lock()

    def send(self, way: Exit, message: Message, to: str, rendered: Rendered) -> str:
        """Hand one text message to Twilio; give its SID."""
        must_lead(way, PROVIDERS[SMS])
        if not isinstance(letter_named(message.letter), CodeText):
            raise NotDelivered("no_security_code", final=True)
        wanted = self._wanted(message, phone_number(to), rendered)
        client = self._open()
        try:
            sent = self._create(client, wanted)
        except Exception as problem:  # noqa: BLE001 - an answer nobody foresaw may break the library anywhere
            raise _not_texted(problem, client.http_client.heard) from None
        if not isinstance(sent.sid, str) or not re.fullmatch(SID, sent.sid):
            raise NotDelivered("twilio_no_sid")
        return sent.sid

    def _wanted(self, message: Message, to: str, rendered: Rendered) -> dict[str, Any]:
        """Say what Twilio shall do: send until the code is too old, and report, where the report is encrypted."""
        sender = self._settings.twilio_from
        wanted: dict[str, Any] = {
            "to": to,
            "body": rendered.text,
            "from_" if sender.startswith("+") else "messaging_service_sid": sender,
        }
        if message.expires_at is not None:
            left = int((message.expires_at - clock.now()).total_seconds())
            wanted["validity_period"] = min(max(left, _SHORTEST), _LONGEST)
        if self._settings.https:
            wanted["status_callback"] = callback_url(self._settings, message.id)
        return wanted

    @staticmethod
    def _create(client: Any, wanted: dict[str, Any]) -> Any:
        """Create the message; a callback Twilio cannot reach is left out, for the code matters more than its report."""
        from twilio.base.exceptions import TwilioRestException  # 100 ms that no start has to wait for

        try:
            return client.messages.create(**wanted)
        except TwilioRestException as problem:
            if problem.code != _BAD_CALLBACK or "status_callback" not in wanted:
                raise
            return client.messages.create(**{key: one for key, one in wanted.items() if key != "status_callback"})

    def _open(self) -> Any:
        from twilio.rest import Client  # 100 ms that no start has to wait for

        from suite.messages.twilio_http import Http

        settings = self._settings
        with self._lock:
            if self._client is None:
                self._client = Client(
                    settings.twilio_account_sid,
                    settings.twilio_auth_token,
                    http_client=Http(settings.twilio_url, settings.twilio_timeout),
                )
        return self._client


def _not_texted(problem: Exception, heard: Any) -> NotDelivered:
    """Judge what went wrong by the status that was heard: only 400 is about this message."""
    if heard.status is None or heard.status < 300:
        return NotDelivered(f"twilio_{type(problem).__name__}")
    code = getattr(problem, "code", None)
    shown = code if isinstance(code, int) else heard.status
    return NotDelivered(f"twilio_{shown}", final=heard.status == 400, rest=heard.rest)


def callback_url(settings: "Settings", message_id: UUID) -> str:
    """Give the address to which Twilio reports what becomes of a message."""
    return f"{settings.public_url.rstrip('/')}{CALLBACKS}/{message_id}"


def is_signed(settings: "Settings", message_id: UUID, form: "MultiDict[str, str]", signature: str) -> bool:
    """Say whether Twilio signed this form for our address, whatever address the request names itself."""
    from twilio.request_validator import RequestValidator  # 20 ms that no start has to wait for

    validator = RequestValidator(settings.twilio_auth_token)
    return bool(validator.validate(callback_url(settings, message_id), form, signature))
