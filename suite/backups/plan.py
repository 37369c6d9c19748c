"""Which rows may stand in a backup as they are, and which only under a key of their person; read from the declarations.

People stand in the open only if every service they have is one whose data a backup may bring back, and there is such
a service. Everybody else is bundled: under the key of the person, and rows that follow a service which must not come
back under the key of person and service. Rows about people that lead to nobody yet are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Select,
    String,
    Table,
    Uuid,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    not_,
    select,
    union_all,
)
from sqlalchemy import table as named
from sqlalchemy.sql.expression import ColumnElement, CompoundSelect

from suite.declarations import ByService, kind_of
from suite.kernel.db import Base
from suite.privacy import Register, declared, person_of, record_of

OPEN_PEOPLE = named("open_people", column("person", Uuid()))
"""Filled for the length of a backup with the people whose rows may stand in the open."""


@dataclass(frozen=True)
class Held:
    """A table about people: whose a row is, and whether it needs a key of its own."""

    table: Table
    person: ColumnElement[Any]
    apart: ColumnElement[Any]
    """Names the key of a row that may go before its person; empty where there is none."""

    @property
    def in_the_open(self) -> ColumnElement[bool]:
        """The rows of people who need no key."""
        return self.person.in_(select(OPEN_PEOPLE.c.person))

    @property
    def under_key(self) -> ColumnElement[bool]:
        """The rows of everybody else, without those that lead to nobody."""
        return and_(self.person.is_not(None), not_(self.in_the_open))

    def bundled(self) -> Select[Any]:
        """Give person, name apart and the columns of the bundled rows, each person's rows together."""
        chosen = select(self.person.label("p_"), self.apart.label("a_"), *self.table.columns)
        return chosen.where(self.under_key).order_by("p_", "a_")

    def set_apart(self) -> Select[Any]:
        """Give the names of the rows that have a key of their own."""
        return select(self.apart).where(self.apart != "")


def held_tables() -> list[Held]:
    """Give every table about people, parents first."""
    closed = _closed_services(declared())
    return [
        Held(table, person, _apart(table, closed))
        for table, _ in declared().tables()
        if (person := person_of(table)) is not None
    ]


def _closed_services(register: Register) -> list[str]:
    return [key for key, service in register.services.items() if not service.restorable]


def _apart(table: Table, closed: list[str]) -> ColumnElement[Any]:
    """Name a row by table and number where the service it carries must not come back.

    Not by person and service: who leaves and joins again has two rows, and only one of them goes.
    """
    if not follows_service(table):
        return literal("", String())
    (number,) = table.primary_key.columns
    named_ = literal(f"{table.name}/", String()) + func.replace(cast(number, String), "-", "")
    return case((table.c.service.in_(closed), named_), else_="")


def follows_service(table: Table) -> bool:
    """Say whether rows of a table go with the service they carry."""
    record = record_of(table)
    return record is not None and any(isinstance(rule, ByService) and not rule.through for rule in record.rules)


def open_people() -> Select[Any]:
    """Give the people who have a service, and none that must not come back."""
    open_services = [key for key, service in declared().services.items() if service.restorable]
    carried = _carried().subquery()
    known = carried.c.service.in_(open_services)
    return (
        select(carried.c.person)
        .where(carried.c.person.is_not(None))
        .group_by(carried.c.person)
        .having(func.min(case((known, 1), else_=0)) == 1)
    )


def _carried() -> CompoundSelect[Any]:
    """Give each person with each service a row of theirs carries."""
    return union_all(
        *(
            select(held.person.label("person"), held.table.c.service.label("service")).where(
                held.table.c.service.is_not(None), held.table.c.service != ""
            )
            for held in held_tables()
            if "service" in held.table.c
        )
    )


def file_columns() -> Iterator[tuple[Column[Any], ColumnElement[Any] | None]]:
    """Give the columns that point to stored files, with the person of their row."""
    for table in Base.metadata.sorted_tables:
        # Files that are just being deleted belong into no backup.
        for one in table.columns if table.name != "doomed_files" else ():
            kind = kind_of(one)
            if kind is not None and kind.name == "file_key":
                yield one, person_of(table)


def backed_up(table: Table) -> bool:
    """Say whether the files that rows of a table name stand in backups; what can be made anew does not."""
    stores = [store for one in declared().declarations for store in one.stores]
    return all(store.backed_up for store in stores if store.key == table.name)


def references() -> list[tuple[str, str, str, str, str]]:
    """Give every foreign key: table, column, parent, its column, what happens when the parent is gone."""
    return [
        (table.name, key.parent.name, key.column.table.name, key.column.name, key.ondelete or "")
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
    ]
