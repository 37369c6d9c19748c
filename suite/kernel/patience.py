"""A server that keeps work waiting in vain gets a rest, so that the threads stay free for other work."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

TRIES = 3
SLOW = 0.9
REST = 10.0
PROBE = 60.0


class Resting(Exception):
    """The server has a rest; it was not asked."""

    code = "server_rests"


class Patience:
    """Lets conversations with one server begin; after `TRIES` slow failures in a row one asks, the others wait.

    A failure is slow when it took `SLOW` seconds; a rest takes `REST` seconds, and the one that asks after it
    keeps the others waiting for at most `PROBE` seconds. A failure with a `rest` in seconds is a server that asked
    for one, and gets it. Servers can share a `turn`: those that were slow the
    last time, whether or not they failed, are then spoken to one after another and never hold several threads.
    """

    def __init__(self, turn: threading.Semaphore | None = None) -> None:
        self._turn = turn
        self._lock = threading.Lock()
        self._slow_failures = 0
        self._was_slow = False
        self._until = 0.0

    @contextmanager
    def conversation(self) -> Iterator[None]:
        """Speak to the server inside this; Resting says at once that it is not to be asked now."""
        begun = time.monotonic()
        turn = self._begin(begun)
        failed, asked = True, 0.0
        try:
            yield
            failed = False
        except BaseException as problem:
            asked = getattr(problem, "rest", 0.0)
            raise
        finally:
            self._end(begun, failed=failed, asked=asked)
            if turn is not None:
                turn.release()

    def _begin(self, now: float) -> threading.Semaphore | None:
        with self._lock:
            if now < self._until:
                raise Resting
            turn = self._turn if self._was_slow else None
            if turn is not None and not turn.acquire(blocking=False):
                raise Resting
            if self._slow_failures >= TRIES:
                self._until = now + PROBE
            return turn

    def _end(self, begun: float, *, failed: bool, asked: float) -> None:
        now = time.monotonic()
        with self._lock:
            self._was_slow = now - begun >= SLOW
            self._slow_failures = self._slow_failures + 1 if failed and self._was_slow else 0
            rest = max(asked, REST if self._slow_failures >= TRIES else 0.0)
            self._until = now + rest if rest else 0.0
