"""Sweeps: what the declarations say is due is deleted, in batches, with the condition asked again.

Set-based SQL written from the records; no module has a sweep of its own. A sweep that dies loses nothing: every batch
is whole, and the next sweep finds the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    any_,
    delete,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    null,
    select,
    true,
    tuple_,
)
from sqlalchemy.sql.expression import ColumnElement

from suite.kernel import audit, clock, db, metrics, system
from suite.kernel.log import log
from suite.privacy import doomed, endings, erasure, stores
from suite.privacy.due import Due, due
from suite.privacy.models import SweepStop
from suite.privacy.register import current, person_of

_BATCH, _BATCH_POSTGRESQL, _PEOPLE = 2000, 20_000, 500
"""On SQLite everybody who writes waits for a batch, so it is short; a person takes far more rows along."""
_STOP = "sweeps"


def sweep(progress: Callable[[str, int], None] = lambda _table, _rows: None, *, daily: bool = True) -> int:
    """Delete what is due now, a batch per transaction; return the number of rows.

    Any number may run at once: each takes the rows no other holds. `daily` takes along what is looked for once a day.
    """
    total, now = 0, clock.now()
    rules = [one for one in due(now) if daily or not one.daily]
    for one, found in zip(rules, _have_rows(rules), strict=True):
        # What went in this sweep may let more go by a later rule.
        for rows in _batches(one, now) if found or total else ():
            total += rows
            metrics.ERASED.labels(one.table.name).inc(rows)
            progress(one.table.name, rows)
    doomed.delete_files.run()
    for store in stores.every() if daily else ():
        store.expire(now)
    forget_freed_pages()
    return total


def _have_rows(rules: list[Due]) -> list[bool]:
    """Say of every rule whether rows are due, in one question; what is looked for once a day is not asked first."""
    asked = [
        true() if one.daily else exists(select(1).select_from(one.table).where(one.condition).correlate(None))
        for one in rules
    ]
    with db.reading() as connection:
        return list(connection.execute(select(*asked)).one())


def _batches(one: Due, now: datetime) -> Iterator[int]:
    """Delete batch after batch; give how many rows each took, until one is not full."""
    size = rows = _size(one)
    while rows >= size:
        rows = _sweep_batch(one, now)
        if rows:
            yield rows


def _size(one: Due) -> int:
    if one.ends_person or _ends_service(one):
        return _PEOPLE
    return _BATCH if system.current().database.sqlite else _BATCH_POSTGRESQL


def _sweep_batch(one: Due, now: datetime) -> int:
    with db.transaction():
        if one.stoppable(now) and _stop() is not None:
            return 0
        rows = _erase_people(one) if one.ends_person else _delete(one)
        for store in stores.every() if rows else ():
            store.swept(one.table)
        if rows and one.table.name not in _QUIET:
            audit.write("retention.swept", table=one.table.name, rule=one.why, rows=rows)
        return rows


def _erase_people(one: Due) -> int:
    person: Any = person_of(one.table)
    chosen = select(person).where(one.condition).limit(_size(one))
    found = db.session.scalars(chosen.with_for_update(skip_locked=True, of=one.table)).all()
    if not found:
        return 0
    people = current().metadata.tables["people"]
    still = select(person).where(person.in_(found), one.condition)
    return erasure.erase(found, provided=people.c.id.in_(still))


def _delete(one: Due) -> int:
    if _ends_service(one) or doomed.has_files(one.table):
        return _delete_with_what_follows(one)
    return _count(delete(one.table).where(_chosen(one), one.condition))


def _delete_with_what_follows(one: Due) -> int:
    keys, whose = list(one.table.primary_key.columns), person_of(one.table)
    due_now = select(*keys).where(one.condition).limit(_size(one)).with_for_update(skip_locked=True, of=one.table)
    found = db.session.execute(due_now).all()
    if not found:
        return 0
    among = _in(keys, found)
    files = doomed.files_under(one.table, among)
    gone = delete(one.table).where(among, one.condition).returning(null() if whose is None else whose)
    people: Any = db.session.scalars(gone).all()
    doomed.doom(files)
    if _ends_service(one):
        endings.tell(one.table, set(people), one.ends_service)
    return len(people)


def _ends_service(one: Due) -> bool:
    return bool(one.ends_service) and endings.heard(one.table)


def _chosen(one: Due) -> ColumnElement[bool]:
    """Give the condition that a row is in the next batch."""
    if system.current().database.sqlite:
        keys = list(one.table.primary_key.columns)
        return _in(keys, select(*keys).where(one.condition).limit(_size(one)))
    # Looked up again by their keys, which are random, the rows would cost ten times as much as by where they lie. The
    # array is filled once and its rows are locked; one that is moved meanwhile is left to the next sweep.
    place: ColumnElement[Any] = literal_column(f"{one.table.name}.ctid")
    due_now = select(place).select_from(one.table).where(one.condition).limit(_size(one))
    locked = due_now.with_for_update(skip_locked=True, of=one.table).correlate(None)
    return place == any_(func.array(locked.scalar_subquery()))


def _in(keys: list[Any], rows: Any) -> ColumnElement[bool]:
    """Give the condition that a row is among others, by its whole key."""
    if len(keys) > 1:
        return tuple_(*keys).in_(rows)
    among: ColumnElement[bool] = keys[0].in_(rows if isinstance(rows, Select) else [row[0] for row in rows])
    return among


def _count(statement: Any) -> int:
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


_QUIET = frozenset({"limits", "job_ticks", "idempotency_keys", "audit_entries", "people"})


def forget_freed_pages() -> None:
    """Empty the write-ahead log of SQLite, where deleted rows would otherwise stay readable.

    A reader can hold it for longer than we wait; the next sweep tries again, whether or not it deletes.
    """
    if system.current().database.sqlite:
        with db.reading() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        if busy:
            log.warning("write_ahead_log_in_use")


def next_short_limit(now: datetime, until: datetime) -> datetime | None:
    """Give the first instant after a sweep at which a limit of 24 hours or less ends for somebody's row.

    Long limits can wait for the next periodic sweep; these hold with less than an interval added.
    """
    ends = []
    for one in due(until):
        if not one.stoppable(until) and not one.daily and person_of(one.table) is not None:
            began = db.session.scalar(select(func.min(one.began)).select_from(one.table).where(one.condition))
            if began is not None:
                ends.append(max(one.period.after(began), now))
    return min(ends, default=None)


# --- the stop switch


def stop() -> None:
    """Stop every deletion but those with a limit of 24 hours or less, until `resume`."""
    database = system.current().database
    statement = database.insert(SweepStop).values(name=_STOP, since=clock.now()).on_conflict_do_nothing()
    db.session.execute(statement)
    audit.write("retention.stopped")


def resume() -> bool:
    """Lift the stop; say whether there was one."""
    lifted = db.session.execute(delete(SweepStop).where(SweepStop.name == _STOP))
    audit.write("retention.resumed")
    return bool(lifted.rowcount)  # type: ignore[attr-defined]


def stopped_since() -> datetime | None:
    """Say since when deletions are stopped; None when they are not."""
    with db.reading() as connection:
        return connection.scalar(select(SweepStop.since))


def _stop() -> datetime | None:
    return db.session.scalar(select(SweepStop.since))


# --- what a sweep would do


@dataclass(frozen=True)
class Explained:
    """A row that is due: its table and number, the rule, and the instant at which it was due."""

    table: str
    row: str
    why: str
    due_at: datetime | None


def plan(now: datetime) -> list[tuple[str, str, int]]:
    """Count what a sweep at `now` would delete: table, rule, rows; what goes along with a person is not counted."""
    found = []
    for one, condition in _in_order(now):
        count = db.session.scalar(select(func.count()).select_from(one.table).where(condition)) or 0
        if count:
            found.append((one.table.name, one.why, count))
    return found


def explain(now: datetime) -> Iterator[Explained]:
    """Give every row a sweep at `now` would delete, with its rule and the instant at which it was due."""
    for one, condition in _in_order(now):
        for row in _pages(one, condition):
            due_at = one.period.after(row.began) if row.began is not None else None
            yield Explained(one.table.name, "/".join(str(value) for value in row[:-1]), one.why, due_at)


def _pages(one: Due, condition: ColumnElement[bool]) -> Iterator[Any]:
    keys = list(one.table.primary_key.columns)
    question = select(*keys, one.began.label("began")).where(condition).order_by(*keys).limit(_BATCH)
    page = question
    while rows := db.session.execute(page).all():
        yield from rows
        last = tuple_(*(literal(value, key.type) for key, value in zip(keys, rows[-1], strict=False)))
        page = question.where(tuple_(*keys) > last)


def _in_order(now: datetime) -> Iterator[tuple[Due, ColumnElement[bool]]]:
    """Give what is due in the order of a sweep, each without what is gone by then."""
    earlier = list[Due]()
    for one in due(now):
        left = [not_(func.coalesce(gone, false())) for gone in _gone_before(one, earlier)]
        yield one, and_(one.condition, *left)
        earlier.append(one)


def _gone_before(one: Due, earlier: list[Due]) -> Iterator[ColumnElement[bool]]:
    """Give the conditions under which rows are gone by an earlier rule, or with a person who is."""
    person = person_of(one.table)
    for before in earlier:
        if before.table is one.table:
            yield before.condition
        elif before.ends_person and person is not None:
            whose: Any = person_of(before.table)
            yield person.in_(select(whose).where(before.condition))
