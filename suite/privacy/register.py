"""What the running program declared: filled once at the start, read by everything in this module."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, MetaData, Table
from sqlalchemy.sql.expression import ColumnElement, select

from suite.declarations import Declaration, Event, Part, Record, Service
from suite.kernel.db import Base


@dataclass(frozen=True)
class Register:
    """All declarations of a program: its tables, modules, services, and the names its vendor gives."""

    declarations: tuple[Declaration, ...]
    services: Mapping[str, Service]
    parts: frozenset[Part] = frozenset()
    vendor: Mapping[str, Any] = field(default_factory=dict)
    metadata: MetaData = field(default_factory=lambda: Base.metadata)

    def tables(self) -> Iterable[tuple[Table, Record]]:
        """Give every declared table, parents first."""
        for table in self.metadata.sorted_tables:
            record = record_of(table)
            if record is not None:
                yield table, record

    def clock_of(self, event: Event) -> Column[object] | None:
        """Give the column that holds when an event happened, None when no module announces it."""
        for declaration in self.declarations:
            place = (declaration.announces or {}).get(event)
            if place is not None:
                return self.column(place)
        return None

    def column(self, place: str) -> Column[object] | None:
        """Give the column written as `table.column`, None when there is none."""
        table, _, column = place.partition(".")
        return self.metadata.tables[table].columns.get(column) if table in self.metadata.tables else None


_register: Register | None = None


def use(register: Register) -> None:
    """Make these the declarations of the process."""
    global _register  # noqa: PLW0603 - one process runs one program
    _register = register


def current() -> Register:
    """Give the declarations of the process."""
    if _register is None:
        raise RuntimeError("The declarations were not read: call create_app or suite.app.start first.")
    return _register


def record_of(table: Table) -> Record | None:
    """Give the declaration of a table."""
    record = table.info.get("privacy")
    return record if isinstance(record, Record) else None


def person_of(table: Table, passed: frozenset[Table] = frozenset()) -> ColumnElement[object] | None:
    """Give an expression for the person a row is about, following foreign keys; None when there is none."""
    if table.name == "people":
        return table.c.id
    record = record_of(table)
    if record is None or record.subject is None or record.subject not in table.c:
        return None
    column = table.c[record.subject]
    for key in column.foreign_keys:
        parent = key.column.table
        if parent.name == "people":
            return column
        above = None if parent in passed else person_of(parent, passed | {table})
        if above is key.column:
            return column
        if above is not None:
            return select(above).where(key.column == column).correlate(table).scalar_subquery()
    return None


def about(table: Table, people: Collection[object], passed: frozenset[Table] = frozenset()) -> ColumnElement[bool]:
    """Give the condition that a row is about one of these people, in a form that indexes answer."""
    if table.name == "people":
        return table.c.id.in_(people)
    record = record_of(table)
    column = table.c[(record.subject if record else None) or ""]
    if person_of(table) is column:
        return column.in_(people)
    key = next(
        key for key in column.foreign_keys if key.column.table not in passed and person_of(key.column.table) is not None
    )
    return column.in_(select(key.column).where(about(key.column.table, people, passed | {table})))
