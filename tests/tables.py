"""The tables of a test database as a whole: emptied, read, and put back."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from suite.kernel import system
from suite.kernel.db import Base, Database

Rows = Mapping[str, tuple[Any, ...]]
"""What every table holds that holds something; on PostgreSQL each row as one text."""


def empty(running: system.System) -> None:
    """Empty every table that holds something; most tests fill few."""
    _replace(running.database, _filled(running.database), {})


def rows(database: Database) -> Rows:
    """Give everything that is stored."""
    with database.reading.connect() as connection:
        if database.sqlite:
            cursor = connection.connection.cursor()
            found = {name: tuple(cursor.execute(f'SELECT * FROM "{name}"')) for name in _filled(database)}
            return {name: tuple(map(tuple, some)) for name, some in found.items()}
        texts: dict[str, list[str]] = {}
        for name, text in connection.exec_driver_sql(_everything(_tables())):
            texts.setdefault(name, []).append(text)
        return {name: tuple(sorted(some)) for name, some in texts.items()}


def put_back(database: Database, before: Rows, after: Rows) -> None:
    """Let the tables hold what they held once, in place of what they hold now."""
    _replace(database, set(before), after)


def _replace(database: Database, filled: set[str], after: Rows) -> None:
    order = _children_first(_tables())
    deletions = [f'DELETE FROM "{name}"' for name in order if name in filled]
    added = [name for name in reversed(order) if name in after]
    if not deletions and not added:
        return
    with database.engine.begin() as connection:
        if database.sqlite:
            cursor = connection.connection.cursor()
            for deletion in deletions:
                cursor.execute(deletion)
            for name in added:
                places = ", ".join("?" * len(after[name][0]))
                cursor.executemany(f'INSERT INTO "{name}" VALUES ({places})', after[name])
        else:
            script = "; ".join([*deletions, *(_insertion(name, after[name]) for name in added)])
            connection.connection.driver_connection.execute(script, prepare=False)


def _insertion(name: str, texts: tuple[str, ...]) -> str:
    values = ", ".join("('" + text.replace("'", "''") + f'\'::"{name}")' for text in texts)
    return f'INSERT INTO "{name}" SELECT (whole).* FROM (VALUES {values}) AS given (whole)'


def _filled(database: Database) -> set[str]:
    with database.reading.connect() as connection:
        return set(connection.exec_driver_sql(_which_are_filled(_tables())).scalars())


def _tables() -> tuple[str, ...]:
    return tuple(Base.metadata.tables)


@cache
def _children_first(_tables: tuple[str, ...]) -> tuple[str, ...]:
    """Give the tables in an order in which they can be emptied; worked out once for the tables there are."""
    return tuple(table.name for table in reversed(Base.metadata.sorted_tables))


@cache
def _which_are_filled(tables: tuple[str, ...]) -> str:
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)


@cache
def _everything(tables: tuple[str, ...]) -> str:
    return " UNION ALL ".join(f"SELECT '{name}', one::text FROM \"{name}\" one" for name in tables)
