"""The ways out: mail by SMTP, the development inbox, nothing at all; text messages leave by `twilio.py`."""

import smtplib
import ssl
import threading
import time
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING, Any
from uuid import UUID

from suite.kernel import clock, db, system
from suite.kernel.fields import mailable
from suite.messages.contents import PROVIDERS
from suite.messages.errors import NotDelivered
from suite.messages.letters import MAIL, letter_named
from suite.messages.models import InboxMessage, Message
from suite.messages.patience import Patient
from suite.messages.rendering import Rendered
from suite.messages.twilio import Twilio
from suite.privacy import Exit, Person, must_lead

if TYPE_CHECKING:
    from suite.settings import Settings

_IDLE = 5.0
_CLOSING = 421
_REFUSED = frozenset({550, 551, 552, 553, 554})
LONGEST = 25.0
"""Seconds one conversation with a server may take, twice if a kept one has to be opened again: less than a lease."""


SIGNED = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
)
"""What a DKIM signature (h=) should cover: every header of our mails. All are there before the mail leaves us, and
RFC 8058 counts an unsubscribe link only when both its headers are signed."""


class _Wire(EmailPolicy):
    """Writes a mail as it leaves; an unsubscribe address is never broken into encoded words, which no program calls."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == "List-Unsubscribe":
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


WIRE = _Wire(linesep="\r\n", cte_type="7bit")


class _Hurried:
    """Ends a conversation at `until`, however busily the server goes on answering."""

    sock: Any
    timeout: float

    def __init__(self, until: float, *args: Any, **options: Any) -> None:
        self.until = until
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        """Wait for one answer, never longer than is left of the whole."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(min(self.timeout, left))
        return super().getreply()  # type: ignore[misc,no-any-return]


class _Plain(_Hurried, smtplib.SMTP):
    pass


class _Tls(_Hurried, smtplib.SMTP_SSL):
    pass


class Smtp:
    """Sends mail; each thread keeps its connection open between messages that follow one another."""

    def __init__(self, settings: "Settings") -> None:
        self._settings = settings
        self._own = threading.local()

    def send(self, way: Exit, message: Message, to: str, rendered: Rendered) -> str:
        """Hand one mail to the server; NotDelivered says why it did not take it."""
        must_lead(way, PROVIDERS[MAIL])
        to = mailable(to)
        mail = compose(message.id, self._settings.mail_from, to, rendered)
        content = mail.as_bytes(policy=WIRE)
        offered = False
        try:
            connection = self._offer(to)
            offered = True
            code, _ = connection.data(content)
            if code != 250:
                raise smtplib.SMTPDataError(code, b"")
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            raise _not_delivered(problem, offered=offered) from None
        self._own.used = time.monotonic()
        return str(mail["Message-ID"])

    def check(self) -> str:
        """Connect, sign in and say NOOP; give the TLS version, empty without. NotDelivered when that fails."""
        try:
            connection = self._connect()
            code, answer = connection.noop()
            if code != 250:
                raise smtplib.SMTPResponseException(code, answer)
            return getattr(connection.sock, "version", lambda: "")() or ""
        except (smtplib.SMTPException, OSError) as problem:
            raise _not_delivered(problem, offered=False) from None
        finally:
            self._drop()

    def _offer(self, to: str) -> smtplib.SMTP:
        """Name sender and recipient; a kept connection that the server closed meanwhile is opened again."""
        kept = self._kept()
        if kept is not None:
            try:
                return self._envelope(kept, to)
            except (smtplib.SMTPServerDisconnected, OSError):
                self._drop()
            except smtplib.SMTPResponseException as problem:
                if problem.smtp_code != _CLOSING:
                    raise
                self._drop()
        return self._envelope(self._connect(), to)

    def _envelope(self, connection: "_Plain | _Tls", to: str) -> smtplib.SMTP:
        connection.until = time.monotonic() + LONGEST
        sender = parseaddr(self._settings.mail_from)[1]
        code, answer = connection.mail(sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, answer, sender)
        code, answer = connection.rcpt(to)
        if code not in {250, 251}:
            raise smtplib.SMTPRecipientsRefused({to: (code, answer)})
        return connection

    def _kept(self) -> "_Plain | _Tls | None":
        known: _Plain | _Tls | None = getattr(self._own, "connection", None)
        if known is not None and time.monotonic() - self._own.used < _IDLE:
            return known
        self._drop()
        return None

    def _connect(self) -> "_Plain | _Tls":
        settings = self._settings
        until = time.monotonic() + LONGEST
        context = ssl.create_default_context()
        address: dict[str, Any] = {
            "host": settings.smtp_host,
            "port": settings.smtp_port,
            "timeout": min(settings.smtp_timeout, LONGEST),
        }
        tls = settings.smtp_security == "tls"
        connection = _Tls(until, context=context, **address) if tls else _Plain(until, **address)
        try:
            if settings.smtp_security == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
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


def _not_delivered(problem: smtplib.SMTPException | OSError, *, offered: bool) -> NotDelivered:
    """Judge what went wrong: what concerns only this message may be final, what concerns the server never is.

    Without an answer after the content was `offered`, the server may have taken the mail.
    """
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        code = next(iter(problem.recipients.values()))[0]
        return NotDelivered(f"smtp_{code}", final=code in _REFUSED)
    if isinstance(problem, smtplib.SMTPDataError):
        return NotDelivered(f"smtp_{problem.smtp_code}", final=problem.smtp_code in _REFUSED)
    if isinstance(problem, smtplib.SMTPAuthenticationError):
        return NotDelivered("smtp_auth")
    if isinstance(problem, smtplib.SMTPResponseException):
        return NotDelivered(f"smtp_{problem.smtp_code}")
    return NotDelivered(f"smtp_{type(problem).__name__}", unsure=offered)


def compose(message_id: UUID, sender: str, to: str, rendered: Rendered) -> EmailMessage:
    """Make the mail; the Message-ID is the same at every try, so that a receiver can drop a repetition."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = rendered.subject
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{message_id}@{parseaddr(sender)[1].partition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    if rendered.unsubscribe:
        mail["List-Unsubscribe"] = f"<{rendered.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(rendered.text)
    mail.add_alternative(rendered.html, subtype="html")
    return mail


class Inbox:
    """Keeps messages for the page at /dev/inbox; refused in production by the settings.

    The copy of a farewell has a person of its own, so that the last letter can still be read for some days.
    """

    def send(self, way: Exit, message: Message, to: str, rendered: Rendered) -> str:
        """Put the message into the inbox."""
        must_lead(way, PROVIDERS[message.channel])
        with db.transaction() as session:
            person_id = message.id if letter_named(message.letter).farewell else message.person_id
            session.merge(Person(id=person_id))
            session.flush()
            session.merge(
                InboxMessage(
                    id=message.id,
                    person_id=person_id,
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

    def send(self, way: Exit, message: Message, to: str, rendered: Rendered) -> str:
        """Refuse: this channel is switched off."""
        raise NotDelivered("channel_off", final=True)


_senders: dict[tuple["Settings", str], Any] = {}


def sender_for(channel: str) -> Any:
    """Give the sender of a channel as the settings of the running system say."""
    settings = system.current().settings
    key = (settings, channel)
    if key not in _senders:
        chosen = settings.mail if channel == MAIL else settings.sms
        made = {
            "smtp": lambda: Patient(Smtp(settings)),
            "twilio": lambda: Patient(Twilio(settings)),
            "inbox": Inbox,
            "off": Off,
        }[chosen]()
        _senders.setdefault(key, made)
    return _senders[key]
