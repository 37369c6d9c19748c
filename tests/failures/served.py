"""The product as people run it: `suite serve` as a process of its own, spoken to over HTTP."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.failures.peers import free_port


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""


class Served:
    """A server on a folder of its own; it can be asked, stopped, killed and started again."""

    def __init__(self, folder: Path, *, program: str = "suite.cli", threads: int = 16, **settings: object) -> None:
        self.port = free_port()
        self.folder = folder
        self._program, self._threads = program, threads
        self.settings = {
            "SUITE_DATA_FOLDER": str(folder / "var"),
            "SUITE_TRUSTED_PROXIES": "1",
            "SUITE_REQUEST_LIMIT": "1000000/minute",
            "SUITE_LOG_LEVEL": "warning",
            **{f"SUITE_{name.upper()}": str(value) for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Served":
        """Start, and wait until it answers."""
        given = {name: value for name, value in os.environ.items() if not name.startswith("SUITE_")}
        command = [sys.executable, "-m", self._program, "serve", "--migrate", "--quiet"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self.port), "--threads", str(self._threads)],
                env=given | self.settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(600):
            if self._process.poll() is not None:
                raise AssertionError(f"The server did not start:\n{self.log()}")
            try:
                if self.ask("GET", "/healthz").status == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        raise AssertionError("The server does not answer.")

    def ask(self, method: str, path: str, body: Any = None, *, network: str = "10.0.0.1", **headers: str) -> Answer:
        """Send a request as a client of some network does; OSError when no whole answer came."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        given = {"X-Forwarded-For": network, "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, given)
            answer = connection.getresponse()
            content = answer.read()
            return Answer(answer.status, json.loads(content) if content else None, dict(answer.getheaders()))
        except (OSError, EOFError, ValueError) as problem:
            raise OSError(str(problem)) from problem
        except Exception as problem:  # http.client's own exceptions are no OSError
            raise OSError(type(problem).__name__) from problem
        finally:
            connection.close()

    def kill(self) -> None:
        """Kill -9 the server with all its processes."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    def terminate(self) -> None:
        """Ask the server to end, as a service manager does."""
        assert self._process is not None
        self._process.terminate()

    def ended(self, seconds: float) -> int:
        """Wait for the end; give the exit status."""
        assert self._process is not None
        return self._process.wait(seconds)

    def close(self) -> None:
        """Kill what is still there."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def log(self) -> str:
        """Give everything the server wrote."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")
