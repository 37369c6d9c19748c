"""How many requests a client network may send: counted in this process, or over machines in Redis."""

import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response
from limits import parse_many

from suite.kernel import clock, system
from suite.kernel.errors import TooManyRequests
from suite.kernel.http import App, answer, client_network

if TYPE_CHECKING:
    from flask_limiter import Limiter, RequestLimit

_ROOM = 10_000


def limit_traffic(app: App) -> None:
    """Refuse what is beyond the limit of the settings, before anything else is done for it."""
    if app.settings.redis_url:
        app.extensions["suite_limiter"] = _over_machines(app)
    else:
        app.before_request(in_memory(app.settings.request_limit))


def _over_machines(app: App) -> "Limiter":
    """Count in Redis; while it is away or does not answer within half a second, each process counts for itself."""
    from flask_limiter import Limiter  # most installations have no Redis and need not wait for its client
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    patience: Any = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    return Limiter(
        _hidden_network,
        app=app,
        application_limits=[app.settings.request_limit],
        on_breach=_too_many,
        strategy="moving-window",
        headers_enabled=False,
        key_prefix="suite",
        storage_uri=app.settings.redis_url,
        storage_options=patience,
        in_memory_fallback_enabled=True,
    )


def _hidden_network() -> str:
    """Name the caller's network by a keyed hash: what Redis writes to a disk or a backup tells nobody's address."""
    return system.current().keys.keyed_hash(client_network(), "traffic")


class _Window:
    """Counts per network in this process; a network's window begins with its first request."""

    def __init__(self, times: int, seconds: int) -> None:
        self._times, self._seconds = times, seconds
        self._counts: dict[str, tuple[float, int]] = {}
        self._lock = threading.Lock()
        self._room = _ROOM

    def take(self, network: str) -> None:
        """Count one request; refuse it when the window is full."""
        now = time.monotonic()
        with self._lock:
            ends_at, used = self._counts.get(network, (0.0, 0))
            if now >= ends_at:
                ends_at, used = now + self._seconds, 0
                self._forget(now)
            self._counts[network] = (ends_at, used + 1)
        if used >= self._times:
            raise TooManyRequests(retry_after=math.ceil(ends_at - now))

    def _forget(self, now: float) -> None:
        """Drop windows that are over once there are many, so that strangers cannot fill the memory."""
        if len(self._counts) >= self._room:
            self._counts = {network: entry for network, entry in self._counts.items() if now < entry[0]}
            self._room = max(_ROOM, 2 * len(self._counts))


def in_memory(rule: str) -> Callable[[], None]:
    """Count in this process; Flask-Limiter would spend more time on it than the rest of a small request takes."""
    windows = [_Window(limit.amount, limit.get_expiry()) for limit in parse_many(rule)]

    def count() -> None:
        network = client_network()
        for window in windows:
            window.take(network)

    return count


def _too_many(limit: "RequestLimit") -> Response:
    return answer(TooManyRequests(retry_after=math.ceil(limit.reset_at - clock.now().timestamp())))
