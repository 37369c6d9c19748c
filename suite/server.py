"""The server: gunicorn with threads, and in embedded use the worker in the same process."""

import contextlib
import os
import socket
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from suite.app import create_app
from suite.kernel import system
from suite.kernel.http import App
from suite.kernel.log import log
from suite.kernel.worker import Worker
from suite.settings import Settings


class CannotListen(Exception):
    """The address is taken or may not be used."""


class Log(Logger):  # type: ignore[misc]
    """gunicorn's log without its callers: where it names one, only what happened is kept."""

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Say that a request could not be read, but not whose it was nor what it held."""
        said, found, _ = msg.partition(" from ip=")
        if found:
            log.warning("unreadable_request")
        else:
            super().warning(said, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Say where a problem outside the application arose; gunicorn would add the address that was asked for."""
        log.error("server_problem", exc_info=True)


class Server(BaseApplication):  # type: ignore[misc]
    """Runs the application; settings come from the caller, never from a gunicorn file."""

    def __init__(self, app: App, options: dict[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        """Take the options."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> App:
        """Give the application, made before the fork so that workers share its memory."""
        return self._app


def serve(settings: Settings, *, host: str, port: int, workers: int, threads: int, with_jobs: bool) -> None:
    """Serve until told to stop; what runs is finished first."""
    check_port(host, port)
    app = create_app(settings)
    running: list[Worker] = []

    def begin(_server: Any, _worker: Any = None) -> None:
        system.current().database.engine.dispose(close=False)
        if with_jobs:
            running.append(Worker(settings.worker_threads))
            running[0].start()

    def end(_server: Any, _worker: Any) -> None:
        for worker in running:
            worker.stop()
        system.current().database.close()

    Server(app, options(host, port, workers, threads) | {"post_fork": begin, "worker_exit": end}).run()


def options(host: str, port: int, workers: int, threads: int) -> dict[str, Any]:
    """Give the options of gunicorn; the benchmarks run what they compare with under the same ones."""
    return {
        "bind": f"{host}:{port}",
        "workers": workers,
        "threads": threads,
        "worker_class": "gthread",
        "preload_app": True,
        "graceful_timeout": 30,
        "timeout": 60,
        "keepalive": 75,
        "accesslog": None,
        "loglevel": "warning",
        "logger_class": Log,
        "control_socket_disable": True,
        "limit_request_line": 4094,
        "limit_request_fields": 60,
        "limit_request_field_size": 8190,
        "forwarded_allow_ips": "",
        "max_requests": 0,
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108, PTH112
    }


def check_port(host: str, port: int) -> None:
    """Say clearly when the port is taken, instead of trying again and again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            raise CannotListen(
                f"Cannot listen on {host}:{port}: {problem.strerror}. Choose another port with --port, or end "
                "the program that uses it."
            ) from problem
