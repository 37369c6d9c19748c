"""The two ways out: mail by SMTP, text messages by Twilio Messages; and the development inbox."""

import smtplib
import ssl
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from suite.kernel import clock, db, system
from suite.messages.models import InboxMessage, Message
from suite.messages.rendering import Rendered

if TYPE_CHECKING:
    from suite.settings import Settings

_IDLE = 5.0


class NotDelivered(Exception):
    """The message did not leave: `final` when trying again is useless, `unsure` when it may have left."""

    def __init__(self, code: str, *, final: bool = False, unsure: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final
        self.unsure = unsure


class Smtp:
    """Sends mail; each thread keeps its connection open between messages that follow one another."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._own = threading.local()

    def send(self, message: Message, to: str, rendered: Rendered) -> str:
        """Hand one mail to the server; NotDelivered says why it did not take it."""
        mail = compose(message.id, self._settings.mail_from, to, rendered)
        sender = parseaddr(self._settings.mail_from)[1]
        try:
            connection = self._connection()
        except smtplib.SMTPAuthenticationError:
            raise NotDelivered("smtp_auth") from None
        except (smtplib.SMTPException, OSError) as problem:
            raise NotDelivered(f"smtp_{type(problem).__name__}") from None
        try:
            connection.sendmail(sender, [to], mail.as_bytes(policy=SMTP.clone(cte_type="7bit")))
        except smtplib.SMTPRecipientsRefused as problem:
            self._drop()
            code = next(iter(problem.recipients.values()))[0]
            raise NotDelivered(f"smtp_{code}", final=code >= 500) from None
        except smtplib.SMTPResponseException as problem:
            self._drop()
            raise NotDelivered(
                f"smtp_{problem.smtp_code}", final=problem.smtp_code in {550, 551, 552, 553, 554}
            ) from None
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            raise NotDelivered(f"smtp_{type(problem).__name__}", unsure=True) from None
        self._own.used = time.monotonic()
        return str(mail["Message-ID"])

    def _connection(self) -> smtplib.SMTP:
        known: smtplib.SMTP | None = getattr(self._own, "connection", None)
        if known is not None and time.monotonic() - self._own.used < _IDLE:
            return known
        self._drop()
        settings = self._settings
        options: dict[str, Any] = {"timeout": settings.smtp_timeout}
        context = ssl.create_default_context()
        if settings.smtp_security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, settings.smtp_port, context=context, **options
            )
        else:
            connection = smtplib.SMTP(settings.smtp_host, settings.smtp_port, **options)
        try:
            if settings.smtp_security == "starttls":
                connection.starttls(context=context)
            if settings.smtp_username:
                connection.login(settings.smtp_username, settings.smtp_password)
        except BaseException:
            connection.close()
            raise
        self._own.connection = connection
        self._own.used = time.monotonic()
        return connection

    def _drop(self) -> None:
        known = getattr(self._own, "connection", None)
        self._own.connection = None
        if known is not None:
            known.close()


def compose(message_id: UUID, sender: str, to: str, rendered: Rendered) -> EmailMessage:
    """Make the mail; the Message-ID is the same at every try, so that a receiver can drop a repetition."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].partition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    return mail


class Twilio:
    """Sends text messages through the Messages API; tries once, the job tries again."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._client: Any = None
        self._lock = threading.Lock()

    def send(self, message: Message, to: str, rendered: Rendered) -> str:
        """Hand one text message to Twilio; give its SID."""
        from twilio.base.exceptions import TwilioException, TwilioRestException

        try:
            options = {
                "from_"
                if self._settings.twilio_from.startswith("+")
                else "messaging_service_sid": self._settings.twilio_from
            }
            sent = self._open().messages.create(to=to, body=rendered.text, **options)
        except TwilioRestException as problem:
            final = problem.status not in {408, 429} and 400 <= problem.status < 500
            raise NotDelivered(f"twilio_{problem.code or problem.status}", final=final) from None
        except (TwilioException, OSError, ValueError) as problem:
            raise NotDelivered(f"twilio_{type(problem).__name__}", unsure=True) from None
        return str(sent.sid)

    def _open(self) -> Any:
        from twilio.http.http_client import TwilioHttpClient
        from twilio.rest import Client

        target = urlsplit(self._settings.twilio_url)
        timeout = self._settings.twilio_timeout

        class Http(TwilioHttpClient):  # type: ignore[misc]
            """Speaks to the configured address, once, with a time limit."""

            def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
                parts = urlsplit(url)._replace(scheme=target.scheme, netloc=target.netloc)
                return super().request(method, urlunsplit(parts), *args, **kwargs)

        with self._lock:
            if self._client is None:
                self._client = Client(
                    self._settings.twilio_account_sid,
                    self._settings.twilio_auth_token,
                    http_client=Http(timeout=timeout, max_retries=0),
                )
        return self._client


class Inbox:
    """Keeps messages for the page at /dev/inbox; refused in production by the settings."""

    def send(self, message: Message, to: str, rendered: Rendered) -> str:
        """Put the message into the inbox."""
        with db.transaction() as session:
            session.merge(
                InboxMessage(
                    id=message.id,
                    person_id=message.person_id,
                    letter=message.letter,
                    channel=message.channel,
                    recipient=to,
                    subject=rendered.subject,
                    text=rendered.text,
                    html=rendered.html,
                    received_at=clock.now(),
                )
            )
        return "inbox"


class Off:
    """Sends nothing."""

    def send(self, message: Message, to: str, rendered: Rendered) -> str:
        """Refuse: this channel is switched off."""
        raise NotDelivered("channel_off", final=True)


_senders: dict[tuple[int, str], Any] = {}


def sender_for(channel: str) -> Any:
    """Give the sender of a channel as the settings of the running system say."""
    settings = system.current().settings
    key = (id(settings), channel)
    if key not in _senders:
        chosen = settings.mail if channel == "mail" else settings.sms
        _senders[key] = {
            "smtp": lambda: Smtp(settings),
            "twilio": lambda: Twilio(settings),
            "inbox": Inbox,
            "off": Off,
        }[chosen]()
    return _senders[key]
