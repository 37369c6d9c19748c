"""A real receiver on this machine, which can misbehave, and checks signatures as a stranger would write it."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Taken:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def signed_with(self, secret: str) -> bool:
        """Verify as Standard Webhooks says; no code of the product is used."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        content = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return expected in self.headers["webhook-signature"].split(" ")


class Receiver(ThreadingHTTPServer):
    """Keeps what it is given; `status`, `answers` and `behaviour` decide what it says and how."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, 0), _Handler)
        self.taken: list[Taken] = []
        self.asked = 0
        self.status = 204
        self.answers: dict[str, str] = {}
        self.body = b""
        self.behaviour = "answer"
        self.pause = 0.0
        self.released = threading.Event()
        self.scheme = "https" if context else "http"
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks"

    @property
    def events(self) -> list[str]:
        return [one.event["type"] for one in self.taken]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client went away."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        server = self.server
        server.asked += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        taken = Taken("POST", self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        match server.behaviour:
            case "hang":
                server.released.wait(20)
                return
            case "take and hang":
                server.taken.append(taken)
                server.released.wait(20)
                return
            case "cut":
                server.taken.append(taken)
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            case "drip":
                self._drip(b"HTTP/1.1 200 OK\r\nX-Filler: " + b"a" * 10_000)
                return
            case "drip body":
                server.taken.append(taken)
                self._drip(b"", head=b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
                return
            case "nonsense":
                self.wfile.write(b"hello\r\n\r\n")
                return
        server.released.wait(server.pause)
        if server.status // 100 == 2:
            server.taken.append(taken)
        self.send_response(server.status)
        for name, value in server.answers.items():
            self.send_header(name, value)
        if server.status != 204:
            self.send_header("Content-Length", str(len(server.body)))
        self.end_headers()
        self.wfile.write(server.body)

    def do_GET(self) -> None:
        """A redirect that was followed would end here."""
        self.server.taken.append(Taken("GET", self.path, {}, b""))
        self.send_response(200)
        self.end_headers()

    def _drip(self, content: bytes, head: bytes = b"") -> None:
        """Say one byte after another and never come to an end."""
        with contextlib.suppress(OSError):
            self.wfile.write(head)
            for byte in content or b"x" * 10_000:
                self.wfile.write(bytes([byte]))
                if self.server.released.wait(0.05):
                    return

    def log_message(self, *_args: Any) -> None:
        """Write nothing."""


@contextmanager
def running(address: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver."""
    server = Receiver(address, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
