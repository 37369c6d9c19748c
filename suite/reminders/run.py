"""One run: plan what is due within a day, then send what is due now."""

from collections.abc import Callable
from dataclasses import dataclass

from suite.reminders import planning, sending

MOST = 20_000
"""How many a run settles before it lets others have their turn."""


@dataclass(frozen=True)
class Ran:
    """What a run did; with `more`, there is more to send."""

    planned: int
    settled: sending.Settled
    more: bool


def run(step: Callable[[], None] = lambda: None) -> Ran:
    """Plan and send; `step` is called in every transaction."""
    planned = planning.plan(step)
    settled = sending.send(MOST, step)
    return Ran(planned, settled, settled.total() >= MOST)
