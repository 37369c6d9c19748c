"""A load client in a process of its own: request bytes made beforehand, over raw keep-alive connections to loopback.

The parent writes a job as JSON to standard input and reads the result from standard output. Bounded in time
and count; it says how busy it was itself, so that nobody measures the client.
"""

import json
import re
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
MOST = 2_000_000


@dataclass(frozen=True)
class Result:
    """What came back: answers by status, seconds, latencies in milliseconds, share of time the client computed."""

    statuses: dict[str, int]
    seconds: float
    p50: float
    p99: float
    busy: float

    @property
    def rate(self) -> float:
        """Good answers per second."""
        return sum(count for status, count in self.statuses.items() if status < "400") / self.seconds

    def must_be_good(self) -> "Result":
        """Refuse to count refusals as speed."""
        bad = {status: count for status, count in self.statuses.items() if status >= "400"}
        if bad or not self.statuses:
            raise RuntimeError(f"The server answered {bad or 'nothing'}: this measures nothing.")
        return self


def request(method: str, path: str, body: Any = None, **headers: str) -> str:
    """Make the bytes of a request, as latin-1 text."""
    payload = "" if body is None else json.dumps(body)
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
    ]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join(lines) + "\r\n\r\n" + payload


def load(port: int, requests: list[str], *, seconds: float, connections: int = 8, pause: float = 0.0) -> Result:
    """Send the requests in turn, over and over, for so many seconds."""
    return start(port, requests, seconds=seconds, connections=connections, pause=pause).result()


@dataclass
class Running:
    """A load client at work."""

    process: subprocess.Popen[bytes]

    def result(self) -> Result:
        """Wait for the end."""
        printed, _ = self.process.communicate(timeout=300)
        if self.process.returncode:
            raise RuntimeError("The load client failed.")
        return Result(**json.loads(printed))


def start(
    port: int, requests: list[str], *, seconds: float, connections: int = 8, pause: float = 0.0, once: bool = False
) -> Running:
    """Start a client; with `once`, no request is sent twice."""
    job = {
        "port": port,
        "requests": requests,
        "seconds": seconds,
        "connections": connections,
        "pause": pause,
        "once": once,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(job).encode())
    process.stdin.close()
    process.stdin = None
    return Running(process)


def drive(job: dict[str, Any]) -> dict[str, Any]:
    """Keep every connection busy with one request at a time until the time is over."""
    waiting = [text.encode("latin-1") for text in job["requests"]]
    upcoming = iter(waiting) if job["once"] else cycle(waiting)
    statuses: Counter[str] = Counter()
    latencies: list[float] = []
    selector = selectors.DefaultSelector()
    sent_at: dict[socket.socket, float] = {}
    buffers: dict[socket.socket, bytes] = {}

    def send(connection: socket.socket) -> None:
        following = next(upcoming, None)
        if following is None:
            selector.unregister(connection)
            return
        sent_at[connection] = time.perf_counter()
        connection.sendall(following)

    began, computed = time.perf_counter(), time.process_time()
    until = began + job["seconds"]
    for _ in range(job["connections"]):
        connection = socket.create_connection(("127.0.0.1", job["port"]))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ)
        buffers[connection] = b""
        send(connection)
    while selector.get_map() and time.perf_counter() < until and len(latencies) < MOST:
        for key, _ in selector.select(timeout=1.0):
            connection = key.fileobj
            piece = connection.recv(262144)
            if not piece:
                raise ConnectionError("The server closed a connection.")
            whole = buffers[connection] + piece
            if not _complete(whole):
                buffers[connection] = whole
                continue
            buffers[connection] = b""
            latencies.append(time.perf_counter() - sent_at[connection])
            statuses[whole[9:12].decode()] += 1
            if job["pause"]:
                time.sleep(job["pause"])
            send(connection)
    took = time.perf_counter() - began
    ordered = sorted(latencies) or [0.0]
    return {
        "statuses": statuses,
        "seconds": took,
        "p50": ordered[len(ordered) // 2] * 1000,
        "p99": ordered[int(len(ordered) * 0.99)] * 1000,
        "busy": (time.process_time() - computed) / took,
    }


def _complete(answer: bytes) -> bool:
    head, separator, body = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    length = _LENGTH.search(head)
    return len(body) >= int(length[1]) if length else True


if __name__ == "__main__":
    print(json.dumps(drive(json.load(sys.stdin))))
