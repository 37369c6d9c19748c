"""The your-data clock: what is held, why, and when it vanishes, by one statement per table."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, func, select

from suite.declarations import ByService, Keep, Record, WithService
from suite.exports import facts
from suite.exports.content import columns
from suite.exports.deadlines import Deadlines, read
from suite.kernel.words import in_language
from suite.privacy import declared, rows_shown


def overview(person_id: UUID, language: str) -> list[dict[str, Any]]:
    """Give every kind of data held about a person: those of the account first, then each service's."""
    deadlines = Deadlines(person_id, language)
    services = list(declared().services)
    found = [
        _group(table, record, row, deadlines, language)
        for table, record in declared().tables()
        for row in _counted(table, record, person_id)
    ]
    return sorted(found, key=lambda one: services.index(one["service"]) if one["service"] else -1)


def _counted(table: Table, record: Record, person_id: UUID) -> Iterator[dict[str, Any]]:
    """Give, per service, how many rows there are and between which instants their clocks started."""
    condition = rows_shown(table, person_id)
    if condition is None:
        return
    clocks = _clocks(table, record)
    asked = [func.count().label("rows")]
    for column in clocks:
        asked += [find(column).label(f"{name}:{column.name}") for name, find in _FOUND.items()]
    by = [table.c.service] if "service" in table.c else []
    yield from (dict(row) for row in read(select(*by, *asked).where(condition).group_by(*by)) if row["rows"])


_FOUND: dict[str, Callable[..., ColumnElement[Any]]] = {"first": func.min, "last": func.max, "started": func.count}


def _clocks(table: Table, record: Record) -> list[Column[Any]]:
    """Give the columns of a table that start the clocks of its own rules."""
    events = [rule.after for rule in record.rules if isinstance(rule, (Keep, ByService))]
    events += [rule.used for rule in record.rules if isinstance(rule, WithService)]
    found = dict.fromkeys(declared().clock_of(event) for event in events)
    return [column for column in found if column is not None and column.table is table]


def _group(table: Table, record: Record, row: dict[str, Any], deadlines: Deadlines, language: str) -> dict[str, Any]:
    service = row.get("service")
    first = {column.name: row[f"first:{column.name}"] for column in _clocks(table, record)}
    last = {
        column.name: row[f"last:{column.name}"] if row[f"started:{column.name}"] == row["rows"] else None
        for column in _clocks(table, record)
    }
    soonest, latest = (deadlines.of(table, {"service": service, **clocks}) for clocks in (first, last))
    return {
        "service": service if service in declared().services else None,
        "key": table.name,
        "says": in_language(record.says, language),
        "entries": row["rows"],
        "holds": [
            {"says": in_language(kind.says, language), "category": kind.category, "shown": not kind.secret}
            for kind in dict.fromkeys(kind for _, kind in columns(table))
        ],
        "purposes": facts.purposes(record, language),
        "recipients": sorted({one.key for _, kind in columns(table) for one in facts.recipients(kind, record)}),
        "retention": facts.rules(service, table, record, language),
        "vanishes": {"on": soonest.on, "because": soonest.because} if soonest else None,
        "all_gone_by": latest.on if latest else None,
    }
