"""Planning: what is due within a day becomes rows, by set-based SQL in batches; no row passes through Python.

A mark says for each kind of thing, service and distance up to which end everything is planned. A run begins a day and
an hour before its mark, so that what was added or committed meanwhile is found, and the unique key keeps what is there
already. Mark and rows are written together: a run that dies loses nothing and does nothing twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, literal, select, update

from suite.declarations import Period
from suite.kernel import clock, db, system
from suite.kernel.ids import ids_in_sql
from suite.privacy import Person, declared
from suite.reminders.distances import due_in_sql, first_later, first_worth_planning
from suite.reminders.models import Reminder, ReminderMark
from suite.reminders.sources import Source, every_source

AHEAD: Final = timedelta(days=1)
LATE_COMMITS: Final = timedelta(hours=1)
LONGEST_AWAY: Final = timedelta(days=31)
_BATCH, _BATCH_POSTGRESQL = 10_000, 20_000
_TOGETHER: Final = 0.1
"""Seconds after which a transaction takes no more."""
_STEP: Final = timedelta(microseconds=1)
_COLUMNS: Final = ("id", "person_id", "about", "item", "service", "ends_at", "kind", "due_at")
_ONCE: Final = ("person_id", "about", "item", "ends_at", "kind")


@dataclass(frozen=True)
class Line:
    """One kind of thing, service and distance, planned on its own; `reached` is the end where the next batch begins."""

    source: Source
    service: str
    before: Period
    distances: tuple[Period, ...]
    reached: datetime | None = None

    @property
    def key(self) -> dict[str, str]:
        """What the mark of this line is found by."""
        return {"about": self.source.about, "service": self.service, "kind": self.before.iso()}


def plan(step: Callable[[], None] = lambda: None) -> int:
    """Plan whatever is due within a day; return how many rows are new. `step` is called in every transaction."""
    now, waiting, planned = clock.now(), lines(), 0
    while waiting:
        planned += _plan_some(waiting, now, step)
    return planned


def lines() -> list[Line]:
    """Give what is planned: every source in every service that reminds, at every distance the service declares."""
    return [
        Line(source, service.key, before, service.remind)
        for source in every_source().values()
        for service in declared().services.values()
        if source.letter(service) is not None
        for before in service.remind
    ]


def _plan_some(waiting: list[Line], now: datetime, step: Callable[[], None]) -> int:
    """Plan one batch, with other lines that are done at once: most have little to plan, and a commit costs time."""
    planned, began = 0, time.monotonic()
    with db.transaction():
        step()
        for line in [*waiting]:
            last = first_later(line.before, now + AHEAD)
            begin = _locked_mark(line, now, last)
            first = line.reached or begin
            until, some = _batch(line, first, last)
            planned += _insert(line, first, until) if some else 0
            _move_mark(line, until)
            waiting[:1] = [] if until >= last else [replace(line, reached=until)]
            if until < last or time.monotonic() - began >= _TOGETHER:
                break
    return planned


def _locked_mark(line: Line, now: datetime, last: datetime) -> datetime:
    """Hold the mark of a line, so that two planners go one after the other; give where a run begins."""
    found = select(ReminderMark.ends_until).filter_by(**line.key).with_for_update()
    mark = db.session.scalar(found)
    if mark is not None:
        earliest = first_later(line.before, now - LONGEST_AWAY)
        return max(min(mark, last) - AHEAD - LATE_COMMITS, earliest)
    begin = first_worth_planning(line.before, line.distances, now)
    new = system.current().database.insert(ReminderMark).values(**line.key, ends_until=begin)
    db.session.execute(new.on_conflict_do_nothing())
    db.session.scalar(found)
    return begin


def _batch(line: Line, first: datetime, last: datetime) -> tuple[datetime, bool]:
    """Give the end before which about one batch of rows lies, and whether there is any; one instant stays together."""
    size = _BATCH if system.current().database.sqlite else _BATCH_POSTGRESQL
    rows = _between(line, first, last)
    ends_at = rows.selected_columns["ends_at"]
    ends = rows.with_only_columns(ends_at).order_by(ends_at).limit(1)
    earliest, full = db.session.execute(select(ends.scalar_subquery(), ends.offset(size - 1).scalar_subquery())).one()
    return last if full is None else min(full + _STEP, last), earliest is not None


def _insert(line: Line, first: datetime, until: datetime) -> int:
    database, rows = system.current().database, _between(line, first, until)
    given = rows.selected_columns
    chosen = rows.with_only_columns(
        ids_in_sql(clock.now(), sqlite=database.sqlite),
        given["person_id"],
        literal(line.source.about),
        given["item"],
        literal(line.service),
        given["ends_at"],
        literal(line.before.iso()),
        due_in_sql(line.before, given["ends_at"], sqlite=database.sqlite),
    )
    if not database.sqlite:
        chosen = _without_the_erased(chosen, given["person_id"])
    in_order = chosen.order_by(given["person_id"], given["item"])  # of the unique index, so that no page comes twice
    insert = database.insert(Reminder).from_select(_COLUMNS, in_order, include_defaults=False)
    once = insert.on_conflict_do_nothing(index_elements=_ONCE).execution_options(preserve_rowcount=True)
    return int(db.session.execute(once).rowcount)  # type: ignore[attr-defined]


def _without_the_erased(chosen: Select[Any], person: Any) -> Select[Any]:
    """Hold the people meanwhile and leave out whoever is being erased, so that neither waits for the other.

    Where the erasure is undone, the next run plans the row.
    """
    held = chosen.join(Person, Person.id == person)
    return held.with_for_update(read=True, key_share=True, of=Person, skip_locked=True)


def _between(line: Line, first: datetime, until: datetime) -> Select[Any]:
    rows = line.source.rows(line.service)
    ends_at = rows.selected_columns["ends_at"]
    return rows.where(ends_at >= first, ends_at < until)


def _move_mark(line: Line, until: datetime) -> None:
    mine = update(ReminderMark).filter_by(**line.key).where(ReminderMark.ends_until < until)
    db.session.execute(mine.values(ends_until=until))
