"""How many requests a client network may send: counted in this process, or over machines in Redis."""

import math
from collections.abc import Callable
from typing import Any

from flask import Response
from flask_limiter import Limiter, RequestLimit
from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from suite.kernel import clock
from suite.kernel.errors import TooManyRequests
from suite.kernel.http import App, answer, client_network


def limit_traffic(app: App) -> None:
    """Refuse what is beyond the limit of the settings, before anything else is done for it."""
    if app.settings.redis_url:
        app.extensions["suite_limiter"] = _over_machines(app)
    else:
        app.before_request(_in_memory(app.settings.request_limit))


def _over_machines(app: App) -> Limiter:
    """Count in Redis; while it is away or does not answer within half a second, each process counts for itself."""
    from redis.backoff import NoBackoff  # most installations have no Redis and need not wait for its client
    from redis.retry import Retry

    patience: Any = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    return Limiter(
        client_network,
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


def _in_memory(rule: str) -> Callable[[], None]:
    """Count in this process with Flask-Limiter's own counter, without its search for limits and exemptions."""
    allowed, counter = parse_many(rule), FixedWindowRateLimiter(MemoryStorage())

    def count() -> None:
        network = client_network()
        for limit in allowed:
            if not counter.hit(limit, network):
                raise TooManyRequests(retry_after=_wait(counter.get_window_stats(limit, network).reset_time))

    return count


def _too_many(limit: RequestLimit) -> Response:
    return answer(TooManyRequests(retry_after=_wait(limit.reset_at)))


def _wait(reset_at: float) -> int:
    return math.ceil(reset_at - clock.now().timestamp())
