"""Rows of any table, made from its declaration: for tests that ask every table the same question."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, String, Table, Uuid, func, insert, select
from sqlalchemy.orm import Session

from suite.declarations import ByService, Keep
from suite.declarations.kinds import UtcDateTime
from suite.kernel.ids import new_id
from suite.privacy import declared
from suite.privacy.register import person_of, record_of

AHEAD = datetime(2090, 1, 1, tzinfo=UTC)
LAWFUL: dict[str, dict[str, Any]] = {
    "company_members": {"role": "employee"},
    "contracts": {"begins_at": datetime(1990, 1, 1, tzinfo=UTC)},
    "license_activations": {"seat": 1},
    "license_holdings": {"company_id": None},
    "licenses": {"seats": 1},
}
"""Values that the constraints of a table want, where those of the column's type will not do."""


def personal_tables() -> list[Table]:
    """Give every table that leads to a person, parents first."""
    return [table for table, _ in declared().tables() if person_of(table) is not None]


class Rows:
    """Writes rows of tables with their parents; what is not given is filled by the column's type."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._made: dict[tuple[str, UUID], dict[str, Any]] = {}

    def person(self) -> UUID:
        """Make a person."""
        person = new_id()
        self._session.execute(insert(declared().metadata.tables["people"]).values(id=person))
        return person

    def add(self, table: Table | str, person: UUID, **given: Any) -> dict[str, Any]:
        """Write a row about a person, and the parent rows it needs."""
        found = declared().metadata.tables[table] if isinstance(table, str) else table
        if found.name == "people":
            return {"id": person}
        given = LAWFUL.get(found.name, {}) | given
        values = {
            column.name: given[column.name] if column.name in given else self._value(column, person)
            for column in found.columns
        }
        self._session.execute(insert(found).values(**values))
        self._made.setdefault((found.name, person), values)
        return values

    def _value(self, column: Column[Any], person: UUID) -> Any:
        for key in column.foreign_keys:
            parent = key.column.table
            if parent.name == "people":
                return person
            return (self._made.get((parent.name, person)) or self.add(parent, person))[key.column.name]
        if column.nullable or column.name == "service":
            return None if column.name != "service" else "my-account"
        return _filled(column)


def _filled(column: Column[Any]) -> Any:
    if isinstance(column.type, Uuid):
        return new_id()
    if isinstance(column.type, UtcDateTime):
        return AHEAD
    if isinstance(column.type, String):
        return new_id().hex[-(column.type.length or 32) :]
    return {Boolean: False, Integer: 0, LargeBinary: b"sealed", JSON: {}}[type(column.type)]


def clock_of(table: Table, rule: Keep | ByService) -> Column[Any]:
    """Give the column that starts the clock of a rule; these tests know only clocks in the table itself."""
    clock = declared().clock_of(rule.after)
    assert clock is not None
    assert clock.table is table, f"{table.name} has its clock in {clock.table.name}: teach these tests about it."
    return clock


def count(session: Session, table: Table | str, person: UUID | None = None) -> int:
    """Count the rows of a table, or those about one person."""
    found = declared().metadata.tables[table] if isinstance(table, str) else table
    question = select(func.count()).select_from(found)
    if person is not None:
        question = question.where(person_of(found) == person)
    return session.scalar(question) or 0


def with_clock() -> list[tuple[str, int]]:
    """Name every rule with a clock, as table and number; usable before the program starts."""
    from suite.app import MODULES  # noqa: F401 - makes every table known
    from suite.kernel.db import Base

    return [
        (table.name, at)
        for table in Base.metadata.sorted_tables
        for at, rule in enumerate(record_of(table).rules)  # type: ignore[union-attr]
        if isinstance(rule, (Keep, ByService))
    ]
