"""People who were made a moment ago are made again from their rows: most tests begin with the same ones.

Only where nothing can tell the difference: the tables hold exactly what they held then, the same is asked for, the
settings are those of all tests, nothing is patched, the clock is the real one, and it shows the same ten seconds. What
is put back are the rows that the product wrote, as if the test had begun some seconds earlier.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from suite.kernel import access, clock, system
from suite.kernel.http import App
from suite.privacy import declared
from tests import tables

SECONDS = 10
"""A whole part of the half minute of one code of an authenticator app, and shorter than whatever the product waits for."""


@dataclass(frozen=True)
class Made:
    """What making somebody left behind."""

    call: str
    register: Any
    before: tables.Rows
    after: tables.Rows
    given: Any
    caller: tuple[Any, Any]


class Memory:
    """Remembers what building calls gave and left in the tables of one application."""

    def __init__(self, app: App) -> None:
        self._running: system.System = app.extensions["suite_system"]
        self._patched: Callable[[], bool] = lambda: True
        self._made: list[Made] = []
        self._slot, self._busy = 0, False

    def of_test(self, monkeypatch: pytest.MonkeyPatch) -> "Memory":
        """Begin a test; it patches nothing but the network, or nothing is taken from memory."""
        self._patched = lambda: len(monkeypatch._setattr) + len(monkeypatch._setitem) > 1
        return self

    def again(self, call: str, make: Callable[[], Any], copy: Callable[[Any], Any]) -> Any:
        """Give what `make` gives, from memory where nothing can tell the difference."""
        if self._busy or not self._is_ordinary():
            return make()
        before, register = tables.rows(self._running.database), declared()
        for made in self._made:
            if made.call == call and made.register is register and made.before == before:
                tables.put_back(self._running.database, before, made.after)
                access.begin(*made.caller)
                return copy(made.given)
        slot, self._busy = self._slot, True
        try:
            given = make()
        finally:
            self._busy = False
        if self._is_ordinary() and self._slot == slot:
            caller = access._actor.get(), access._request_id.get()
            after = tables.rows(self._running.database)
            self._made.append(Made(call, register, before, after, copy(given), caller))
        return given

    def _is_ordinary(self) -> bool:
        """Say whether this is a test like others; forget what another ten seconds brought."""
        if clock._fixed is not None:
            return False
        slot = int(clock.now().timestamp() / SECONDS)
        if slot != self._slot:
            self._slot, self._made = slot, []
        return (
            system.current() is self._running
            and not self._patched()
            and not any(one.name.startswith("worker-") for one in threading.enumerate())
        )
