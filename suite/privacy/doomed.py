"""Stored files whose rows went: named in the deleting transaction and deleted after it, whoever dies in between."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, delete, select, true
from sqlalchemy.sql.expression import ColumnElement

from suite.declarations import kind_of
from suite.kernel import clock, db, jobs, system
from suite.privacy import stores
from suite.privacy.models import DoomedFile
from suite.privacy.register import about, current, person_of

_BATCH = 500
_UNCLAIMED = timedelta(hours=24)


def files_of(people: Collection[UUID]) -> set[str]:
    """Give the files of people."""
    found: set[str] = set()
    for column in _columns():
        if person_of(column.table) is not None:
            found |= _keys(column, about(column.table, people))
    return found


def has_files(table: Table) -> bool:
    """Say whether rows of a table name files, or take along rows that do."""
    return any(any(True for _ in _path(column.table, table, true())) for column in _columns())


def files_under(table: Table, chosen: ColumnElement[bool]) -> set[str]:
    """Give the files of rows, and of the rows that go with them."""
    return {
        key for column in _columns() for within in _path(column.table, table, chosen) for key in _keys(column, within)
    }


def _keys(column: Column[Any], condition: ColumnElement[bool]) -> set[str]:
    return {key for key in db.session.scalars(select(column).where(condition)) if key}


def _columns() -> Iterator[Column[Any]]:
    for table in current().metadata.tables.values():
        for column in table.columns:
            kind = kind_of(column)
            if kind is not None and kind.name == "file_key" and table is not DoomedFile.__table__:
                yield column


def _path(table: Table, above: Table, chosen: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    """Give the conditions under which rows of a table are chosen, or go with rows of a table above that are."""
    if table is above:
        yield chosen
        return
    for key in table.foreign_keys:
        if (key.ondelete or "").upper() == "CASCADE" and key.column.table is not table:
            for within in _path(key.column.table, above, chosen):
                yield key.parent.in_(select(key.column).where(within))


def doom(keys: Collection[str]) -> int:
    """Name files for deletion in the present transaction, unless a row still names them; return how many."""
    gone = set(keys)
    for column in _columns() if gone else ():
        gone -= _keys(column, column.in_(gone))
    if gone:
        now = clock.now()
        statement = system.current().database.insert(DoomedFile).on_conflict_do_nothing()
        db.session.execute(statement, [{"key": key, "at": now} for key in sorted(gone)])
        jobs.defer(delete_files)
    return len(gone)


@jobs.job("files.delete", lane=jobs.BULK, own_transactions=True)
def delete_files() -> None:
    """Delete the files named for it, then their names: whoever dies in between leaves the name to the next."""
    while keys := _waiting():
        for key in keys:
            system.current().files.delete(key)
        with db.transaction() as session:
            session.execute(delete(DoomedFile).where(DoomedFile.key.in_(keys)))


def _waiting() -> list[str]:
    with db.reading() as connection:
        return list(connection.scalars(select(DoomedFile.key).order_by(DoomedFile.at).limit(_BATCH)))


def _doom_unclaimed(keys: Collection[str]) -> int:
    with db.transaction():
        return doom(keys)


class _Files(stores.Store):
    key = "files"

    def of(self, person_id: UUID) -> Iterator[str]:
        """Give the keys of the files of a person."""
        return iter(sorted(files_of([person_id])))

    def expire(self, now: datetime) -> int:
        """Delete files that no row names a day after they were written: their upload or its transaction died."""
        files, before = system.current().files, now - _UNCLAIMED
        old, went = files.keys(before=before), files.forget_begun(before=before)
        while batch := list(islice(old, _BATCH)):
            went += _doom_unclaimed(batch)
        delete_files.run()
        return went

    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Give every file."""
        files = system.current().files
        return ((key, b"".join(files.open(key))) for key in files.keys())  # noqa: SIM118 - no dictionary


stores.add(_Files())
