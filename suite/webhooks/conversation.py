"""One conversation: a POST to the very address that was judged, over within seconds whatever the server does.

No redirect is followed, no proxy of the environment is used, and of the answer only status and headers count.
"""

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import SplitResult

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.response import BaseHTTPResponse

from suite.kernel import clock
from suite.kernel.jobs import LONGEST_WAIT
from suite.kernel.log import log
from suite.webhooks.addresses import Address, usable
from suite.webhooks.errors import NotDelivered

LONGEST = 10.0
"""Seconds for everything: looking up the name, connecting, TLS, sending, waiting for the answer."""
_ADDRESSES = 4
_DRAINED = 16 * 1024
_WAITING = frozenset({429, 503})


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    wait: timedelta | None = None


class Conversation(threading.Thread):
    """Speaks to a server in a thread of its own, so that whoever waits for it can leave at any moment."""

    def __init__(self, target: SplitResult, headers: dict[str, str], body: bytes) -> None:
        super().__init__(name="webhook", daemon=True)
        self._target, self._headers, self._body = target, headers, body
        self._left = threading.Event()
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._answer: Answer | None = None
        self._problem: NotDelivered | None = None

    def result(self) -> Answer:
        """Wait for the answer, but no longer than `LONGEST`; what comes of leaving counts as nothing."""
        self.start()
        self.join(LONGEST)
        answer, problem = self._answer, self._problem
        self._leave()
        if answer is not None:
            return answer
        raise problem or NotDelivered("timeout")

    def run(self) -> None:
        """Speak; what goes wrong is kept for whoever waits."""
        try:
            self._speak()
        except NotDelivered as problem:
            self._problem = problem
        except Exception as problem:  # noqa: BLE001 - what servers do wrong has no end
            self._problem = NotDelivered(_code(problem))
            log.debug("webhook_conversation_failed", exc_info=problem)
        finally:
            with self._lock:
                if self._line is not None:
                    self._line.close()
                self._line = None

    def _speak(self) -> None:
        connection = self._connect()
        try:
            path = self._target.path or "/"
            query = f"?{self._target.query}" if self._target.query else ""
            connection.request(
                "POST",
                path + query,
                self._body,
                {**self._headers, "Host": self._target.netloc},
                preload_content=False,
                decode_content=False,
            )
            answer = connection.getresponse()
            self._answer = Answer(answer.status, _wait(answer))
            # Servers that still write would otherwise see the connection break; what they say is not looked at.
            with contextlib.suppress(Exception):
                answer.read(_DRAINED)
        finally:
            connection.close()

    def _connect(self) -> HTTPConnection:
        """Connect to the first judged address that takes us; none of them is looked up again."""
        addresses = judged(self._target)
        for number, address in enumerate(addresses, 1):
            connection = _open(self._target, address, self._keep)
            connection.timeout = LONGEST / len(addresses)
            try:
                connection.connect()
                connection.timeout = LONGEST
                return connection
            except Exception:
                connection.close()
                if number == len(addresses) or self._left.is_set() or self._line is not None:
                    raise
        raise NotDelivered("dns")

    def _keep(self, line: socket.socket) -> None:
        """Keep a second handle of the connection, to end it from outside even in the middle of a TLS handshake."""
        with self._lock:
            self._line = line.dup()
        if self._left.is_set():
            self._leave()

    def _leave(self) -> None:
        """End the connection if there is one; the lock keeps its number from becoming another's meanwhile."""
        self._left.set()
        with self._lock:
            if self._line is not None:
                with contextlib.suppress(OSError):
                    self._line.shutdown(socket.SHUT_RDWR)


def judged(target: SplitResult) -> list[Address]:
    """Look the host up once; NotDelivered when one of its addresses is not for webhooks."""
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(target.hostname, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise NotDelivered("dns") from None
    addresses = list(dict.fromkeys(ipaddress.ip_address(one[4][0]) for one in found))
    if not all(usable(address, scheme=target.scheme) for address in addresses):
        raise NotDelivered("address_refused")
    return addresses[:_ADDRESSES]


class _Kept:
    """A connection that shows its socket to somebody as soon as there is one."""

    shown: Callable[[socket.socket], None]

    def _new_conn(self) -> socket.socket:
        line: socket.socket = super()._new_conn()  # type: ignore[misc]
        self.shown(line)
        return line


class _Plain(_Kept, HTTPConnection):
    pass


class _Tls(_Kept, HTTPSConnection):
    pass


def _open(target: SplitResult, address: Address, shown: Callable[[socket.socket], None]) -> HTTPConnection:
    """Make a connection to the address; the certificate must be for the name, which is also told to the server."""
    place: dict[str, Any] = {"host": str(address), "port": target.port}
    made: _Plain | _Tls
    if target.scheme == "https":
        made = _Tls(**place, ssl_context=_trust(), server_hostname=target.hostname)
    else:
        made = _Plain(**place)
    made.shown = shown
    return made


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _code(problem: Exception) -> str:
    """Name what went wrong by a stable word."""
    match problem:
        case NewConnectionError():
            return "connect"
        case TimeoutError() | ConnectTimeoutError():
            return "timeout"
        case ssl.SSLError():
            return "tls"
        case OSError():
            return "cut"
        case _:
            return "no_http"


def _wait(answer: BaseHTTPResponse) -> timedelta | None:
    """Give how long the server wants to be left alone, at most an hour: seconds or a date in Retry-After."""
    said = answer.headers.get("Retry-After", "").strip()
    if answer.status not in _WAITING:
        return None
    if said.isascii() and said.isdigit() and len(said) < 10:
        return min(timedelta(seconds=int(said)), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
        left = (until if until.tzinfo else until.replace(tzinfo=UTC)) - clock.now()
    except (ValueError, OverflowError):
        return None
    return max(timedelta(), min(left, LONGEST_WAIT))
