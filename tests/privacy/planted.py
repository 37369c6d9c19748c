"""A module that did not exist when the rest was written: a table of licences with files, known to nobody else."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, ForeignKey, String, Table, Uuid

from suite.declarations import Declaration, Event, Keep, Period, Record, Store, WithParent
from suite.declarations.events import LICENSE_EXPIRED
from suite.declarations.kinds import UtcDateTime, kind_named
from suite.kernel import system
from suite.kernel.db import Base
from suite.privacy import declare, declared

FILED = Event("license_filed", "the licence was filed")


@contextmanager
def licenses() -> Iterator[Table]:
    """Plant the module: its table in the database, its declaration among the others."""
    table = Table(
        "planted_licenses",
        Base.metadata,
        _column("id", "row_id", Uuid(), primary_key=True),
        _column(
            "person_id", "person_id", Uuid(), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True
        ),
        _column("service", "label", String(40)),
        _column("file", "file_key", String(64), nullable=True),
        _column("filed_at", "moment", UtcDateTime(), nullable=True, index=True),
        _column("expires_at", "moment", UtcDateTime(), nullable=True, index=True),
        info={
            "privacy": Record(
                "your licences",
                keep=(Keep(FILED, Period(days=90)), WithParent("person_id")),
                subject="person_id",
                purposes=("provide_service",),
            )
        },
    )
    before = declared()  # ours stands first: it knows of licences instead of the product's own module
    own = Declaration(
        "licenses",
        announces={LICENSE_EXPIRED: "planted_licenses.expires_at", FILED: "planted_licenses.filed_at"},
        stores=(Store("planted_licenses", "files of licences", Period(days=90)),),
    )
    engine = system.current().database.engine
    table.create(engine)
    declare(dataclasses.replace(before, declarations=(own, *before.declarations)))
    try:
        yield table
    finally:
        declare(before)
        table.drop(engine)
        Base.metadata.remove(table)


def _column(name: str, kind: str, type_: Any, *keys: Any, **options: Any) -> Column[Any]:
    return Column(name, type_, *keys, info={"kind": kind_named(kind)}, **options)
