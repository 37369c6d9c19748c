"""Real peers on this machine: a mail server and a server that speaks like Twilio, both of which can misbehave."""

import asyncio
import base64
import datetime
import email
import email.policy
import gc
import hashlib
import hmac
import ipaddress
import json
import logging
import socket
import ssl
import threading
import urllib.parse
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from suite.kernel import clock

logging.getLogger("mail.log").setLevel(logging.CRITICAL)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class MailServer:
    """Keeps what it is given; `answer` and `to_recipient` decide what it says, `pause` how slowly."""

    def __init__(self, port: int | None = None, **options: Any) -> None:
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer = "250 OK"
        self.to_recipient: Callable[[str], str] = lambda _address: "250 OK"
        self.pause = 0.0
        self.asked = 0
        self.port = port or free_port()
        self._tls = "tls_context" in options
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        self.asked += 1
        answer = self.to_recipient(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.taken.append(mail)  # type: ignore[arg-type]
            self.recipients += envelope.rcpt_tos
        await asyncio.sleep(self.pause)
        return self.answer

    def start(self) -> None:
        self._controller.start()

    def stop(self) -> None:
        """Stop; connections whose TLS failed are left to the collector by the server's library."""
        self._controller.stop(no_assert=True)
        if not self._tls:
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Run a mail server."""
    server = MailServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def knows(user: str, password: str) -> Callable[..., AuthResult]:
    """Make a mail server accept one user."""

    def judge(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (
            user.encode(),
            password.encode(),
        )
        return AuthResult(success=right, handled=right)

    return judge


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; give its file, to be trusted, and the server's side of TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    today = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def signature(url: str, form: dict[str, str], token: str = "secret") -> str:
    """Sign like Twilio: the address and every parameter, sorted by name, under the auth token of the account."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def status_form(sid: str, status: str, **others: str) -> dict[str, str]:
    """Give what Twilio says when the status of a text changes."""
    return {
        "AccountSid": "AC1",
        "ApiVersion": "2010-04-01",
        "From": "+15005550006",
        "MessageSid": sid,
        "MessageStatus": status,
        "SmsSid": sid,
        "SmsStatus": status,
        "To": "+4915112345678",
    } | others


def report(client: FlaskClient, url: str, form: dict[str, str], **headers: str) -> TestResponse:
    """Call back like Twilio, at the address that a text was sent with."""
    return client.post(
        urllib.parse.urlsplit(url).path,
        data=urllib.parse.urlencode(form),
        content_type="application/x-www-form-urlencoded; charset=UTF-8",
        headers={"X-Twilio-Signature": signature(url, form), "User-Agent": "TwilioProxy/1.1"} | headers,
    )


class TextServer(ThreadingHTTPServer):
    """Answers like Twilio's Messages; `status`, `body`, `headers` and `behaviour` decide how.

    It calls back when it is told to; `before_answer` is called once it has a text, while the product still waits.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TextHandler)
        self.taken: list[dict[str, str]] = []
        self.sids: list[str] = []
        self.before_answer: Callable[[], object] = lambda: None
        self.headers: dict[str, str] = {}
        self.reaches_callbacks = True
        self.paths: list[str] = []
        self.asked = 0
        self.status = 201
        self.body: str | None = None
        self.behaviour = "answer"
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def call_back(self, client: FlaskClient, status: str, **others: str) -> TestResponse:
        """Report on the newest text."""
        return report(client, self.taken[-1]["StatusCallback"], status_form(self.sids[-1], status, **others))

    def take(self, form: dict[str, str]) -> None:
        """Keep a text under a name of its own."""
        self.taken.append(form)
        self.sids.append(f"SM{self.asked:032d}")
        self.before_answer()

    def answer_to(self, form: dict[str, str]) -> tuple[int, str]:
        """Give status and body."""
        if "StatusCallback" in form and not self.reaches_callbacks:
            return 400, json.dumps({"code": 21609, "message": "The StatusCallback URL is not valid.", "status": 400})
        if self.body is not None:
            return self.status, self.body
        known = {
            201: {"sid": f"SM{self.asked:032d}", "status": "queued"},
            400: {"code": 21211, "message": f"The 'To' number {form.get('To')} is not valid.", "status": 400},
        }
        return self.status, json.dumps(known.get(self.status, {"code": 20000 + self.status, "status": self.status}))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client went away."""


class _TextHandler(BaseHTTPRequestHandler):
    server: TextServer

    def do_POST(self) -> None:
        server = self.server
        server.asked += 1
        server.paths.append(self.path)
        length = int(self.headers["Content-Length"])
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        if server.behaviour == "slow":
            server.released.wait(10)
            return
        if server.behaviour == "cut":
            server.take(form)
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, body = server.answer_to(form)
        if status == 201:
            server.take(form)
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if server.body is None else "text/html")
        for name, value in server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        pieces = body if server.behaviour == "drip" else [body]
        for piece in pieces:
            self.wfile.write(piece.encode())
            if len(pieces) > 1 and server.released.wait(0.05):
                return

    def log_message(self, *_args: Any) -> None:
        """Write nothing."""


@contextmanager
def text_server() -> Iterator[TextServer]:
    """Run a server for text messages."""
    server = TextServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
