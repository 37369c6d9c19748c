"""What is held about a person, read from the declarations alone: a new table is in it without a word here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Table, select, tuple_
from sqlalchemy.sql.expression import ColumnElement

from suite.declarations import Kind, Record, kind_of
from suite.exports.deadlines import Deadline, Deadlines, Row, read, readable
from suite.exports.models import Export
from suite.kernel import db, sealed, system
from suite.kernel.secrets import CannotOpen
from suite.privacy import SHOWN, declared, rows_shown

_BATCH = 500
# What is no datum about a person but says when and how an entry came to be; row numbers and checksums do not.
_TELLING = frozenset({"moment", "label", "labels", "flag", "counter", "facts"})


@dataclass(frozen=True)
class Section:
    """The rows of one table under one service, or under the account."""

    service: str | None
    table: Table
    record: Record
    condition: ColumnElement[bool]


@dataclass(frozen=True)
class Entry:
    """One row: its data by column, what else tells about it, its stored files, and when it goes."""

    number: str
    data: dict[str, Any]
    about: dict[str, Any]
    files: dict[str, str]
    gone: Deadline | None


@dataclass
class Content:
    """Everything held about a person; `step` is told of every section that is done, and called in between."""

    person_id: UUID
    language: str
    step: Callable[[int], None] = field(default=lambda _sections: None)

    def sections(self) -> Iterator[Section]:
        """Go through the sections."""
        for section in self.listed():
            yield section
            self.step(1)

    def listed(self) -> list[Section]:
        """Give the tables that hold something about the person: those of the account first, then each service's."""
        with db.reading() as connection:
            found = [one for table, record in declared().tables() for one in self._split(connection, table, record)]
        services = list(declared().services)
        return sorted(found, key=lambda one: services.index(one.service) if one.service else -1)

    def _split(self, connection: Connection, table: Table, record: Record) -> Iterator[Section]:
        """Give one section per service of a table that knows services, else one."""
        condition = rows_shown(table, self.person_id)
        if condition is None:
            return
        if "service" not in table.c:
            if connection.execute(select(1).select_from(table).where(condition).limit(1)).first():
                yield Section(None, table, record, condition)
            return
        column = table.c.service
        held = set(connection.scalars(select(column).where(condition).distinct()))
        for service in sorted(held & set(declared().services)):
            yield Section(service, table, record, condition & (column == service))
        if others := held - set(declared().services):
            names = [name for name in others if name is not None]
            yield Section(None, table, record, condition & (column.in_(names) | column.is_(None)))

    def entries(self, section: Section, deadlines: Deadlines) -> Iterator[Entry]:
        """Give the rows of a section, a batch at a time."""
        keys = list(section.table.primary_key.columns)
        asked = select(*readable(section.table)).where(section.condition).order_by(*keys).limit(_BATCH)
        last: tuple[Any, ...] | None = None
        while rows := read(asked if last is None else asked.where(tuple_(*keys) > last)):
            for row in rows:
                yield _entry(section.table, row, deadlines)
            last = tuple(rows[-1][key.name] for key in keys)
            self.step(0)


def columns(table: Table) -> list[tuple[Column[Any], Kind]]:
    """Give the columns that hold something about a person, with what each is."""
    return [(column, kind) for column in table.columns if (kind := kind_of(column)) is not None and kind.personal]


def _entry(table: Table, row: Row, deadlines: Deadlines) -> Entry:
    number = [row[key.name] for key in table.primary_key.columns]
    data, about, files = {}, {}, {}
    for column in readable(table):
        kind, value = kind_of(column), row[column.name]
        if kind is None or value is None:
            continue
        if kind.personal:
            data[column.name] = _shown(table, row, column, kind)
        elif kind.name in _TELLING:
            about[column.name] = value
        elif kind.name == "file_key" and table is not Export.__table__:  # a copy holds no copies
            files[column.name] = value
    return Entry("/".join(map(str, number)), data, about, files, deadlines.of(table, row))


def _shown(table: Table, row: Row, column: Column[Any], kind: Kind) -> Any:
    """Give a value as its person is shown it: opened, and without what opens something."""
    value = row[column.name]
    if kind.name.startswith("sealed_"):
        (key,) = table.primary_key.columns
        try:
            value = system.current().keys.open(value, sealed.context(table.name, row[key.name], column.name))
        except CannotOpen:  # its key is gone, and with it the value for everybody
            return None
    shown = SHOWN.get(f"{table.name}.{column.name}")
    return shown(row, value) if shown else value
