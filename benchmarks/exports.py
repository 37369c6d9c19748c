"""How long a copy of a full person takes: 50 rows in each table about people, and 20 MiB of stored files."""

import time
from uuid import UUID

from sqlalchemy import Column, ForeignKeyConstraint, Table, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from benchmarks.ground import grounds, inside
from benchmarks.table import Row, show
from suite import exports
from suite.declarations import Record, WithParent, kind_of
from suite.exports.models import Export
from suite.kernel import db, jobs, sealed, system
from suite.kernel.db import Base
from suite.kernel.ids import new_id
from tests.privacy.rows import Rows, personal_tables

ROWS, FILES, SIZE, ROUNDS, AIM = 50, 20, 1 << 20, 5, 2.0


def main() -> list[Row]:
    """Measure on SQLite and on PostgreSQL."""
    rows = []
    with grounds() as found:
        for ground in found:
            with inside(ground) as running:
                planted = plant(running)
                with db.transaction() as session:
                    person, filled = fill(session, planted)
                times = sorted(copied(person) for _ in range(ROUNDS))
                planted.drop(running.database.engine)
                Base.metadata.remove(planted)
            middle = times[ROUNDS // 2]
            what = f"{ground.name}: {filled} rows, {FILES} files of 1 MiB"
            rows.append(Row(what, f"{middle:.2f} s", aim=f"{AIM:.0f} s", reached=middle < AIM))
    show(f"A copy of everything about a full person, median of {ROUNDS}", rows)
    return rows


def plant(running: system.System) -> Table:
    """Make a table with files, as services have them."""
    exports_table = Export.__table__
    table = Table(
        "planted_files",
        Base.metadata,
        *(
            Column(name, exports_table.c[name].type, info=exports_table.c[name].info, primary_key=name == "id")
            for name in ("id", "person_id", "file")
        ),
        ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        info={"privacy": Record("files", WithParent("person_id"), "person_id", ("provide_service",))},
    )
    table.create(running.database.engine)
    return table


def fill(session: Session, planted: Table) -> tuple[UUID, int]:
    """Make a person with rows in every table, as many as its keys allow; sealed values can be opened."""
    rows = Rows(session)
    person, filled = rows.person(), 0
    for table in personal_tables():
        for _ in range(ROWS if table is not planted else 0):
            try:
                with session.begin_nested():
                    rows.add(table, person, **given(table))
            except IntegrityError:  # the person has only one of these
                break
            filled += 1
    piece = bytes(range(256)) * (SIZE // 256)
    for _ in range(FILES):
        stored = system.current().files.put([piece], most=SIZE)
        session.execute(insert(planted).values(id=new_id(), person_id=person, file=stored.key))
    return person, filled + FILES


def given(table: Table) -> dict[str, object]:
    """Give the sealed values of a row, and an address that is one."""
    values: dict[str, object] = {"state": "ready"} if table.name == "exports" else {}
    (key,) = list(table.primary_key.columns)[:1]
    if key.name == "id" and not key.foreign_keys:
        values["id"] = new_id()
    for column in table.columns:
        kind = kind_of(column)
        if kind is not None and kind.name == "email":
            values[column.name] = "ann@example.org"
        elif kind is not None and kind.name.startswith("sealed_") and not kind.secret and key.name in values:
            cell = sealed.context(table.name, values[key.name], column.name)
            values[column.name] = system.current().keys.seal('{"time": "2026-11-24 09:02 UTC"}', cell)
    return values


def copied(person: UUID) -> float:
    """Have a copy made; give the seconds it took."""
    with db.transaction():
        export = exports.begin(person, language="en")
    began = time.perf_counter()
    jobs.run_due()
    took = time.perf_counter() - began
    with db.transaction(reading=True) as session:
        assert session.get_one(Export, export).state == "ready"
    return took
