"""A server that keeps messages waiting in vain gets a rest, so that the threads stay free for other work."""

import threading
import time
from typing import Any

from suite.messages.errors import NotDelivered
from suite.messages.models import Message
from suite.messages.rendering import Rendered

TRIES = 3
SLOW = 0.9
REST = 10.0
PROBE = 60.0


class Patient:
    """Hands messages to a sender; after `TRIES` slow failures in a row one message asks, the others wait.

    A failure is slow when it took `SLOW` seconds; a rest takes `REST` seconds, and the one that asks after it
    keeps the others waiting for at most `PROBE` seconds. A server that asks for a rest gets it at once.
    """

    def __init__(self, sender: Any) -> None:
        self.sender = sender
        self._lock = threading.Lock()
        self._slow = 0
        self._until = 0.0

    def send(self, message: Message, to: str, rendered: Rendered) -> str:
        """Hand over one message, or say at once that the server rests."""
        begun = time.monotonic()
        self._ask(begun)
        try:
            provider_id = self.sender.send(message, to, rendered)
        except BaseException as problem:
            self._failed(begun, getattr(problem, "rest", 0.0))
            raise
        with self._lock:
            self._slow, self._until = 0, 0.0
        return str(provider_id)

    def _ask(self, now: float) -> None:
        with self._lock:
            if now < self._until:
                raise NotDelivered("server_rests")
            if self._slow >= TRIES:
                self._until = now + PROBE

    def _failed(self, begun: float, asked: float) -> None:
        now = time.monotonic()
        with self._lock:
            self._slow = self._slow + 1 if now - begun >= SLOW else 0
            rest = max(asked, REST if self._slow >= TRIES else 0.0)
            self._until = now + rest if rest else 0.0
