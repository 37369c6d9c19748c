"""Sweeps: what the declarations say is due is deleted, in batches, with the condition asked again.

Set-based SQL written from the records; no module has a sweep of its own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, exists, false, func, not_, or_, select, tuple_
from sqlalchemy.sql.expression import ColumnElement

from suite.declarations import ByService, Keep, Period
from suite.kernel import audit, clock, db, metrics, system
from suite.kernel.log import log
from suite.privacy.register import Register, current, person_of

_BATCH = 1000


@dataclass(frozen=True)
class Due:
    """Rows of one table that one rule lets go, and why."""

    table: Table
    condition: ColumnElement[bool]
    why: str
    ends_person: bool


def due(now: datetime, register: Register | None = None) -> Iterator[Due]:
    """Give, for every rule, the condition under which rows go at `now`."""
    register = register or current()
    for table, record in register.tables():
        for rule in record.rules:
            if isinstance(rule, Keep):
                yield Due(
                    table,
                    _when(register, table, rule, rule.period, now),
                    f"{rule.period} after {rule.after.says}",
                    record.ends_person,
                )
            elif isinstance(rule, ByService):
                for key, service in register.services.items():
                    yield Due(
                        table,
                        and_(
                            _in_service(register, table, rule, key),
                            _when(register, table, rule, service.keep, now),
                        ),
                        f"{key}: {service.keep} after {rule.after.says}",
                        record.ends_person,
                    )


def plan(now: datetime) -> list[tuple[str, str, int]]:
    """Count what a sweep at `now` would delete: table, rule, rows; what goes along with a person is not counted."""
    found, earlier = [], list[Due]()
    for one in due(now):
        left = [not_(func.coalesce(gone, false())) for gone in _gone_before(one, earlier)]
        count = db.session.scalar(select(func.count()).select_from(one.table).where(one.condition, *left)) or 0
        if count:
            found.append((one.table.name, one.why, count))
        earlier.append(one)
    return found


def _gone_before(one: Due, earlier: list[Due]) -> Iterator[ColumnElement[bool]]:
    """Give the conditions under which rows are gone by an earlier rule, or with a person who is."""
    person = person_of(one.table)
    for before in earlier:
        if before.table is one.table:
            yield before.condition
        elif before.ends_person and person is not None:
            yield person.in_(select(_person(before.table)).where(before.condition))


def sweep(progress: Callable[[str, int], None] = lambda _table, _rows: None) -> int:
    """Delete what is due now, a batch per transaction; return the number of rows.

    Any number may run at once: each takes the rows no other holds.
    """
    total = 0
    for one in due(clock.now()):
        while rows := _sweep_batch(one):
            total += rows
            metrics.ERASED.labels(one.table.name).inc(rows)
            progress(one.table.name, rows)
    forget_freed_pages()
    return total


def _sweep_batch(one: Due) -> int:
    keys = list(one.table.primary_key.columns)
    with db.transaction() as session:
        chosen_rows = select(*keys).where(one.condition).order_by(*keys).limit(_BATCH)
        found = session.execute(chosen_rows.with_for_update(skip_locked=True, of=one.table)).all()
        if not found:
            return 0
        # One list, not a thousand conditions in a row: SQLite takes no expression that deep.
        chosen = tuple_(*keys).in_([tuple(row) for row in found])
        if len(keys) == 1:
            chosen = keys[0].in_([row[0] for row in found])
        if one.ends_person:
            people = current().metadata.tables["people"]
            ids = select(_person(one.table)).where(chosen, one.condition)
            result = session.execute(delete(people).where(people.c.id.in_(ids)))
        else:
            result = session.execute(delete(one.table).where(chosen, one.condition))
        rows = int(result.rowcount)  # type: ignore[attr-defined]
        if rows and one.table.name not in _QUIET:
            audit.write("retention.swept", table=one.table.name, rule=one.why, rows=rows)
        return rows


_QUIET = frozenset({"limits", "job_ticks", "idempotency_keys", "audit_entries"})


def forget_freed_pages() -> None:
    """Empty the write-ahead log of SQLite, where deleted rows would otherwise stay readable.

    A reader can hold it for longer than we wait; the next sweep tries again, whether or not it deletes.
    """
    if system.current().database.sqlite:
        with db.reading() as connection:
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        if busy:
            log.warning("write_ahead_log_in_use")


def _over(column: ColumnElement[Any], period: Period, now: datetime) -> ColumnElement[bool]:
    return or_(*(and_(column >= start, column < end) for start, end in period.over_at(now)))


def _when(
    register: Register, table: Table, rule: Keep | ByService, period: Period, now: datetime
) -> ColumnElement[bool]:
    """Ask the clock column: in the table itself, or in the announcing table of the same person."""
    column = register.clock_of(rule.after)
    if column is None:
        raise LookupError(rule.after.name)
    if column.table is table:
        return _over(column, period, now)
    return _person(table).in_(select(_person(column.table)).where(_over(column, period, now)))


def _person(table: Table) -> ColumnElement[Any]:
    """Give the person of a row; the start checks made sure that there is one."""
    found = person_of(table)
    if found is None:
        raise LookupError(table.name)
    return found


def _in_service(register: Register, table: Table, rule: ByService, key: str) -> ColumnElement[bool]:
    if not rule.through:
        return table.c.service == key
    name, _, column = rule.through.partition(".")
    listing = register.metadata.tables[name]
    found = select(1).select_from(listing).where(_person(listing) == _person(table), listing.c[column] == key)
    if rule.left:
        left, happened = listing.c[rule.left], register.clock_of(rule.after)
        found = found.where(or_(left.is_(None), left > happened))
    return exists(found.correlate(table))
