"""What a database hands on to the one that replaces it: through the journal, which no restore reaches."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from suite.privacy import journal, suppression, tombstones
from suite.privacy.stones import Stone

_BATCH = 1000


def hand_on(since: datetime) -> None:
    """Put the tombstones since an instant into the journal that are not there yet, and the whole suppression list."""
    there = {stone.id for stone in journal.read(since)}
    _write(stone for stone in tombstones.read(since) if stone.id not in there)
    _write(suppression.as_stones())


def _write(stones: Iterable[Stone]) -> None:
    coming = iter(stones)
    while batch := [*islice(coming, _BATCH)]:
        journal.write(batch)
