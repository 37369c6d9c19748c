"""Really running servers for tests: `suite serve` as its users start it, on a port of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = Path(sys.executable).parent / "suite"


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """Give the environment of a server that keeps everything in `folder`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SUITE_")}
    return clean | {"SUITE_DATA_FOLDER": str(folder), "SUITE_LOG_LEVEL": "warning"} | settings


def start(folder: Path, port: int, *options: str, **settings: str) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers."""
    settings.setdefault("SUITE_PUBLIC_URL", f"http://127.0.0.1:{port}")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [str(COMMAND), "serve", "--migrate", "--port", str(port), *options],
            env=environment(folder, **settings),
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    wait_until_it_answers(process, port, folder)
    return process


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Ask for its health until it answers; at most 30 seconds."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError((folder / "server.log").read_text(encoding="utf-8"))
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError("The server did not answer within 30 seconds.")


@contextmanager
def running_server(folder: Path, *options: str, **settings: str) -> Iterator[str]:
    """Run a server for a test; give its address."""
    port = free_port()
    process = start(folder, port, *options, **settings)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
