"""What is due: the conditions under which rows go, written from the records, one per rule and service."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, exists, func, literal, not_, or_, select
from sqlalchemy.sql.expression import ColumnElement, FromClause

from suite.declarations import ByService, Event, Keep, LeftOver, Period, Service, WithService
from suite.kernel.ids import first_id
from suite.privacy.register import Register, current, person_of

_ALWAYS = timedelta(hours=24)


@dataclass(frozen=True)
class Due:
    """Rows of one table that one rule lets go, and why; `began` is the instant from which `period` runs.

    `ends_service` names the service that is over for the person of such a row, though nobody left it.
    """

    table: Table
    condition: ColumnElement[bool]
    began: ColumnElement[Any]
    period: Period
    why: str
    ends_person: bool
    ends_service: str = ""
    daily: bool = False

    def stoppable(self, now: datetime) -> bool:
        """Say whether the stop switch holds it; limits of 24 hours and less hold whatever happens."""
        return self.period.after(now) - now > _ALWAYS


def due(now: datetime, register: Register | None = None) -> Iterator[Due]:
    """Give, for every rule, the condition under which rows go at `now`."""
    register = register or current()
    for table, record in register.tables():
        for rule in record.rules:
            if isinstance(rule, Keep):
                yield _due(register, table, rule.after, rule.period, now)
            elif isinstance(rule, ByService):
                for key, service in register.services.items():
                    yield _due(
                        register, table, rule.after, service.keep, now, key, _in_service(register, table, rule, key)
                    )
            elif isinstance(rule, WithService):
                yield from _with_service(register, table, rule, now)
            elif isinstance(rule, LeftOver):
                yield _left_over(register, table, rule, now)


def _due(
    register: Register,
    table: Table,
    event: Event,
    period: Period,
    now: datetime,
    key: str = "",
    member: ColumnElement[bool] | None = None,
) -> Due:
    column = _clock(register, event)
    began: ColumnElement[Any] = column
    over = _over(column, period, now)
    if column.table is not table:
        person = _person(table)
        over = person.in_(select(_person(column.table)).where(over))
        began = _first(column, person, table)
    condition = over if member is None else and_(member, over)
    why = f"{period} after {event.says}"
    return Due(table, condition, began, period, f"{key}: {why}" if key else why, _ends_person(table))


def _left_over(register: Register, table: Table, rule: LeftOver, now: datetime) -> Due:
    """Give the rows that no other row leads to; all were made before the newest start of the period that is over."""
    (number,) = table.primary_key.columns
    until = max(end for _, end in rule.period.over_at(now))
    hanging = [
        exists(select(1).select_from(key.parent.table).where(key.parent == number).correlate(table))
        for other in register.metadata.sorted_tables
        for key in other.foreign_keys
        if key.column is number
    ]
    condition = and_(number < first_id(until), *(not_(one) for one in hanging))
    why = f"{rule.period} after it was made, if nothing hangs on it any more"
    return Due(table, condition, literal(None), rule.period, why, ends_person=False, daily=True)


def _ends_person(table: Table) -> bool:
    return bool(table.info["privacy"].ends_person)


def _over(column: ColumnElement[Any], period: Period, now: datetime) -> ColumnElement[bool]:
    return or_(*(and_(column >= start, column < end) for start, end in period.over_at(now)))


def _clock(register: Register, event: Event) -> Any:
    column = register.clock_of(event)
    if column is None:
        raise LookupError(event.name)
    return column


def _first(column: Any, person: ColumnElement[Any], table: Table) -> ColumnElement[Any]:
    found = select(func.min(column)).where(_person(column.table) == person)
    return found.correlate(table).scalar_subquery()


def _person(table: FromClause) -> ColumnElement[Any]:
    """Give the person of a row; the start checks made sure that there is one."""
    found = person_of(table) if isinstance(table, Table) else None
    if found is None:
        raise LookupError(str(table))
    return found


def _in_service(register: Register, table: Table, rule: ByService, key: str) -> ColumnElement[bool]:
    if not rule.through:
        return table.c.service == key
    listing, column, left = _listing(register, rule)
    found = select(1).select_from(listing).where(_person(listing) == _person(table), column == key)
    if left is not None:
        found = found.where(or_(left.is_(None), left > _clock(register, rule.after)))
    return exists(found.correlate(table))


def _listing(register: Register, rule: ByService | WithService) -> tuple[Table, Any, Any]:
    """Give the table that lists the services of a person, its column of services and the one of leaving."""
    name, _, column = rule.through.partition(".")
    listing = register.metadata.tables[name]
    return listing, listing.c[column], listing.c[rule.left] if rule.left else None


# --- services that end without being left


@dataclass(frozen=True)
class _End:
    """One way in which a service ends for a person: idle, or with the last of a clock that other rows hold."""

    key: str
    event: Event
    column: Any
    period: Period
    of_service: bool

    def over(self, person: ColumnElement[Any], table: Table, now: datetime) -> ColumnElement[bool]:
        """Say that it is over for a person; where rows list the event, for every one of them."""
        holder = self.column.table
        there = [self.column.table.c.service == self.key] if self.of_service else []
        over = _over(self.column, self.period, now)
        ended = person.in_(select(_person(holder)).where(*there, over))
        if not self.of_service:
            return ended
        if holder is table:
            goes_on = select(_person(holder)).where(*there, not_(func.coalesce(over, False)))
            return and_(ended, person.not_in(goes_on))
        runs = select(1).where(_person(holder) == person, *there, not_(func.coalesce(over, False)))
        return and_(ended, not_(exists(runs.select_from(holder).correlate(table))))

    def began(self, person: ColumnElement[Any], table: Table) -> Any:
        """Give the instant from which the period runs."""
        if self.column.table is table:
            return self.column
        there = [self.column.table.c.service == self.key] if self.of_service else []
        found = select(func.max(self.column)).where(_person(self.column.table) == person, *there)
        return found.correlate(table).scalar_subquery()


def ends_of(register: Register, service: Service, used: Event) -> Iterator[_End]:
    """Give the ways in which a service ends without being left, as far as a module announces when."""
    if service.inactivity is not None:
        yield _End(service.key, used, _clock(register, used), service.inactivity, of_service=False)
    for clock in service.clocks:
        column = register.clock_of(clock.after)
        if column is not None:
            yield _End(service.key, clock.after, column, clock.period, of_service=True)


def _with_service(register: Register, table: Table, rule: WithService, now: datetime) -> Iterator[Due]:
    """Give the rows of services that are over; a person goes with the last service."""
    person = _person(table)
    ends = [end for service in register.services.values() for end in ends_of(register, service, rule.used)]
    for end in ends:
        over = end.over(person, table, now)
        member = _only_ended(register, table, rule, end, ends, now) if rule.through else table.c.service == end.key
        yield Due(
            table,
            and_(member, over),
            end.began(person, table),
            end.period,
            f"{end.key}: {end.period} after {end.event.says}",
            _ends_person(table),
            "" if rule.through else end.key,
        )


def _only_ended(
    register: Register, table: Table, rule: WithService, end: _End, ends: list[_End], now: datetime
) -> ColumnElement[bool]:
    """Say that the person has this service, and none that goes on."""
    person = _person(table)
    listing, column, left = _listing(register, rule)
    has = [_person(listing) == person] + ([left.is_(None)] if left is not None else [])
    ended = or_(*(and_(column == other.key, other.over(person, table, now)) for other in ends))
    mine = select(1).select_from(listing).where(*has, column == end.key)
    goes_on = select(1).select_from(listing).where(*has, not_(ended))
    return and_(exists(mine.correlate(table)), not_(exists(goes_on.correlate(table))))
