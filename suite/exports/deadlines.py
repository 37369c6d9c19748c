"""When a row will be gone, and by which rule: the same declarations as the sweeps, read for one person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Executable, Table, select

from suite.declarations import ByService, Event, Keep, Period, WithParent, WithService, kind_of
from suite.exports import wording
from suite.kernel import db
from suite.privacy import declared, record_of, rows_shown

Row = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Deadline:
    """The instant a row is due, and the rule in words."""

    on: datetime
    because: str


def readable(table: Table) -> list[Column[Any]]:
    """Give the columns whose values may be read at all."""
    return [column for column in table.columns if (kind := kind_of(column)) is not None and not kind.secret]


def read(asked: Executable) -> list[Row]:
    """Give the rows of a SELECT that stands alone."""
    with db.reading() as connection:
        return [dict(row) for row in connection.execute(asked).mappings()]


class Deadlines:
    """Deadlines of the rows of one person; tables are asked parents first."""

    def __init__(self, person_id: UUID, language: str) -> None:
        self._person_id, self._language = person_id, language
        self._read: dict[str, list[Row]] = {}
        self._of_parents: dict[tuple[str, Any], Deadline | None] = {}
        self._parents = {
            _parent(table, rule.column).name
            for table, record in declared().tables()
            for rule in record.rules
            if isinstance(rule, WithParent)
        }
        self._of_person = min(self._ends(), default=None)

    def of(self, table: Table, row: Row) -> Deadline | None:
        """Give when a row will be gone as far as the clocks run now; None while none does."""
        found = [*self._own(table, row), *([self._of_person] if self._of_person else [])]
        soonest = min(found, default=None)
        if table.name in self._parents:
            self._of_parents[table.name, row.get(table.primary_key.columns.keys()[0])] = soonest
        return soonest

    def _ends(self) -> Iterator[Deadline]:
        """Give the deadlines of the rows with which everything goes."""
        for table, record in declared().tables():
            if record.ends_person:
                for row in self._rows(table):
                    yield from self._own(table, row)

    def _own(self, table: Table, row: Row) -> Iterator[Deadline]:
        record = record_of(table)
        for rule in record.rules if record else ():
            if isinstance(rule, (Keep, ByService)):
                for started in self._started(rule.after, table, row):
                    for length in [rule.period] if isinstance(rule, Keep) else self._lengths(rule, row, started):
                        words = wording.period_after(length, rule.after.says, self._language)
                        yield Deadline(length.after(started), words)
            elif isinstance(rule, WithService) and not rule.through:
                service = declared().services.get(row["service"])
                if service is not None and service.inactivity is not None:
                    for started in self._started(rule.used, table, row):
                        words = wording.period_after(service.inactivity, rule.used.says, self._language)
                        yield Deadline(service.inactivity.after(started), words)
            elif isinstance(rule, WithParent):
                known = self._of_parents.get((_parent(table, rule.column).name, row.get(rule.column)))
                yield from [known] if known else []

    def _started(self, event: Event, table: Table, row: Row) -> list[datetime]:
        """Give when a clock started: in the row, or in the announcing table of the same person."""
        clock = declared().clock_of(event)
        if clock is None:
            return []
        rows = [row] if clock.table is table else self._rows(clock.table)
        return [one[clock.name] for one in rows if one[clock.name] is not None]

    def _lengths(self, rule: ByService, row: Row, started: datetime) -> Iterator[Period]:
        """Give the periods of the services a row follows."""
        name, _, column = rule.through.partition(".")
        listed = self._rows(declared().metadata.tables[name]) if name else [row]
        for one in listed:
            service = declared().services.get(one[column or "service"])
            if service is not None and (not rule.left or one[rule.left] is None or one[rule.left] > started):
                yield service.keep

    def _rows(self, table: Table) -> list[Row]:
        """Give the rows of the person in a table that holds clocks or lists services."""
        if table.name not in self._read:
            condition = rows_shown(table, self._person_id)
            self._read[table.name] = [] if condition is None else read(select(*readable(table)).where(condition))
        return self._read[table.name]


def _parent(table: Table, column: str) -> Table:
    """Give the table a row goes with."""
    return next(iter(table.c[column].foreign_keys)).column.table
