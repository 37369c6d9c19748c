"""The journal of tombstones: one file per copy, in a folder per day of the tombstones in it."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

import orjson

from suite.kernel import system
from suite.kernel.ids import new_id
from suite.privacy import stores
from suite.privacy.models import STONES_LAST
from suite.privacy.stones import Stone

_FOLDER = "tombstones"


def write(stones: Iterable[Stone]) -> None:
    """Copy tombstones into the journal; copying one again does no harm."""
    for day, some in groupby(sorted(stones, key=lambda one: one.at), key=lambda one: one.at.date()):
        content = b"".join(orjson.dumps(stone) + b"\n" for stone in some)
        system.current().journal.write(f"{_FOLDER}/{day}/{new_id()}.jsonl", content)


def read(since: datetime) -> Iterator[Stone]:
    """Give the tombstones since an instant, oldest first, also those of a clock that ran ahead; one may come twice.

    A day of them is held at a time.
    """
    journal, days = system.current().journal, dict[str, list[str]]()
    for name in journal.names(_FOLDER):
        days.setdefault(name.split("/")[1], []).append(name)
    for day in sorted(days):
        if day >= str(since.date()):
            found = [_stone(line) for name in days[day] for line in journal.read(name).splitlines()]
            yield from sorted((stone for stone in found if stone.at >= since), key=lambda one: (one.at, one.id))


class _Journal(stores.Store):
    key = "journal"

    def expire(self, now: datetime) -> int:
        """Delete the days whose tombstones are gone from the database too."""
        journal = system.current().journal
        last = max(end for _, end in STONES_LAST.over_at(now)).date()
        old = [name for name in journal.names(_FOLDER) if date.fromisoformat(name.split("/")[1]) < last]
        for name in old:
            journal.delete(name)
        return len(old)

    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Give every file."""
        journal = system.current().journal
        return ((name, journal.read(name)) for name in journal.names())


stores.add(_Journal())


def _stone(line: bytes) -> Stone:
    found = orjson.loads(line)
    return Stone(
        UUID(found["id"]), found["kind"], found["subject"], found["facts"], datetime.fromisoformat(found["at"])
    )
