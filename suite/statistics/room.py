"""How many different values an hour tells apart: made-up pages and sites fill neither the table nor the memory."""

import threading
from datetime import datetime
from typing import Final

MOST: Final = 500
"""Values of one dimension of one service in an hour, in each process; more stand under `other`."""

OTHER: Final = "other"


class Room:
    """Knows the values of the present hour."""

    def __init__(self) -> None:
        self._hour: datetime | None = None
        self._known: dict[tuple[str, str], set[str]] = {}
        self._lock = threading.Lock()

    def placed(self, hour: datetime, service: str, dimension: str, value: str) -> str:
        """Give the value, or `other` where the hour has no room for one more."""
        with self._lock:
            if hour != self._hour:
                self._hour, self._known = hour, {}
            known = self._known.setdefault((service, dimension), set())
            if value not in known and len(known) >= MOST:
                return OTHER
            known.add(value)
        return value
