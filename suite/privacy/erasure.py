"""The end of a person: the row everything hangs on goes, files and other stores with it, and a receipt stays."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, literal, select, true, union_all
from sqlalchemy.sql.expression import ColumnElement

from suite.kernel import db
from suite.privacy import doomed, stores, tombstones
from suite.privacy.models import Person
from suite.privacy.register import about, current, person_of

ERASED = "person.erased"


def erase(people: Collection[UUID], *, provided: ColumnElement[bool] | None = None) -> int:
    """Delete people with everything held about them, in the present transaction; return how many went.

    `provided` is asked again by the deleting statement. Each leaves a receipt: a random number, the time, the rows per
    table and the stores cleaned.
    """
    held = _rows_of(people)
    erased = _delete(people, true() if provided is None else provided)
    if erased:
        cleaned = ["tables", *(store.key for store in stores.every())]
        tombstones.write_each(ERASED, {one: {"rows": held[one], "stores": cleaned} for one in erased})
    return len(erased)


def _rows_of(people: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Count what is held about people, by table, in one statement."""
    counted = []
    for table, _ in current().tables():
        person: Any = person_of(table)
        if person is not None and table.name != "people":
            rows = select(person.label("person"), literal(table.name), func.count())
            counted.append(rows.select_from(table).where(about(table, people)).group_by(person))
    held: dict[UUID, dict[str, int]] = defaultdict(dict)
    for who, name, count in db.session.execute(union_all(*counted)):
        held[who][name] = count
    return held


def _delete(people: Collection[UUID], provided: ColumnElement[bool]) -> list[UUID]:
    files = doomed.files_of(people)
    gone = delete(Person).where(Person.id.in_(people), provided).returning(Person.id)
    erased = list(db.session.scalars(gone.execution_options(synchronize_session=False)))
    if erased:
        doomed.doom(files)
        for store in stores.every():
            store.erase(erased)
    return erased


@tombstones.replays(ERASED)
def _erase_again(person_id: UUID, _at: datetime, _facts: dict[str, Any]) -> None:
    _delete([person_id], true())
