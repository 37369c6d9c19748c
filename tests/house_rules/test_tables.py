"""Every table and column is declared, indexed for its sweep, and hangs on a person."""

from sqlalchemy import UniqueConstraint, inspect

from suite.app import MODULES
from suite.declarations import Keep, kind_of
from suite.kernel.db import Base
from suite.privacy.register import current, person_of, record_of


def test_every_column_of_the_real_database_is_declared(app) -> None:
    inspector = inspect(app.extensions["suite_system"].database.engine)

    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        for column in inspector.get_columns(table):
            assert kind_of(Base.metadata.tables[table].c[column["name"]]) is not None, f"{table}.{column['name']}"


def test_every_foreign_key_to_a_person_has_an_index(app) -> None:
    for table in Base.metadata.sorted_tables:
        unique = {one for one in table.constraints if isinstance(one, UniqueConstraint)}
        first = {one.columns.keys()[0] for one in (*table.indexes, *unique, table.primary_key)}
        for column in table.columns:
            if column.foreign_keys:
                assert column.name in first, f"{table.name}.{column.name} would be scanned when a person goes"


def test_every_clock_of_a_sweep_has_an_index(app) -> None:
    register = current()
    for table, record in register.tables():
        for rule in record.rules:
            if isinstance(rule, Keep):
                clock = register.clock_of(rule.after)
                leading = [index.columns.keys()[:2] for index in clock.table.indexes]
                keys = clock.table.primary_key.columns.keys()
                assert any(clock.name in columns for columns in [*leading, keys]), f"{table.name}: {clock}"


def test_whatever_is_personal_leads_to_a_person(app) -> None:
    personal = [
        table for table in Base.metadata.sorted_tables if any(kind_of(column).personal for column in table.columns)
    ]

    assert personal
    assert [table.name for table in personal if person_of(table) is None] == []


def test_every_module_and_table_carries_its_declaration() -> None:
    assert all(module.declaration.module == module.name for module in MODULES)
    assert all(record_of(table) is not None for table in Base.metadata.sorted_tables)
