"""What the tables say, asked one by one: kinds, records, persons, clocks, statistics, stores."""

from collections.abc import Iterator

from sqlalchemy import Table, UniqueConstraint

from suite.declarations import ByService, Event, Keep, Record, Unlimited, WithParent, WithService, kind_of
from suite.declarations.kinds import UtcDateTime
from suite.privacy.register import Register, person_of, record_of
from suite.privacy.word_checks import category_sentences

_COUNTABLE = frozenset({"row_id", "label", "counter", "moment", "flag"})


def columns(register: Register) -> Iterator[str]:
    """Columns without a kind, or of a kind that is not held here."""
    for table in register.metadata.sorted_tables:
        for column in table.columns:
            kind = kind_of(column)
            if kind is None:
                yield (
                    f"{table.name}.{column.name} has no kind: write its type as one of suite.declarations.kinds, "
                    "for example Mapped[Email] or Mapped[Moment]."
                )
            else:
                yield from category_sentences(f"{table.name}.{column.name}", kind.category)


def records(register: Register) -> Iterator[str]:
    """Tables without a declaration or a retention."""
    for table in register.metadata.sorted_tables:
        record = record_of(table)
        if record is None:
            yield (
                f"{table.name} has no declaration: write __privacy__ = Record(says=..., keep=..., subject=...) "
                "in its model."
            )
        elif not record.rules:
            yield f"{table.name} has no retention: give its Record a Keep, ByService, WithParent or Unlimited."


def subjects(register: Register) -> Iterator[str]:
    """Personal tables that lead to no person, stay for ever or serve nothing."""
    for table, record in register.tables():
        kinds = {column.name: kind_of(column) for column in table.columns}
        personal = [name for name, kind in kinds.items() if kind is not None and kind.personal]
        if record.statistics:
            continue
        if personal and person_of(table) is None:
            yield (
                f"{table.name} holds personal data ({', '.join(personal)}) but has no path to a person: set "
                "subject= to a column with a foreign key that leads to people.id."
            )
        if personal and any(isinstance(rule, Unlimited) for rule in record.rules) and table.name != "people":
            yield f"{table.name} holds personal data and is kept for ever: give it a Keep, ByService or WithParent."
        if personal and not record.purposes:
            yield f"{table.name} holds personal data for no purpose: name purposes= in its Record."
        if personal and record.subject and record.subject in table.c and table.name != "people":
            yield from _left_behind(table, record)


def _left_behind(table: Table, record: Record) -> Iterator[str]:
    """Rows that stay when their person goes, or that belong to nobody and never go."""
    column = table.c[record.subject or ""]
    if column.foreign_keys and not any((key.ondelete or "").upper() == "CASCADE" for key in column.foreign_keys):
        yield (
            f"{table.name}.{column.name} leads to a person without ondelete='CASCADE': add it, so that the row "
            "goes when the person goes."
        )
    if column.nullable and not any(isinstance(rule, (Keep, ByService)) for rule in record.rules):
        yield (
            f"{table.name}.{column.name} may be empty, and such rows would stay for ever: make it NOT NULL or give "
            "the table a Keep."
        )


def retention(register: Register) -> Iterator[str]:
    """Clocks that nothing starts, and rows that outlive what they go with."""
    for table, record in register.tables():
        for rule in record.rules:
            if isinstance(rule, (Keep, ByService, WithService)):
                yield from _clock_sentences(register, table, rule.used if isinstance(rule, WithService) else rule.after)
            if isinstance(rule, (ByService, WithService)):
                yield from _service_sentences(register, table, rule)
            elif isinstance(rule, WithParent):
                keys = table.c[rule.column].foreign_keys if rule.column in table.c else ()
                if not any((key.ondelete or "").upper() == "CASCADE" for key in keys):
                    yield (
                        f"{table.name} goes with its parent through {rule.column!r}, which is no foreign key with "
                        "ondelete='CASCADE': add it, or give the table its own Keep."
                    )


def _clock_sentences(register: Register, table: Table, event: Event) -> Iterator[str]:
    clock = register.clock_of(event)
    if clock is None:
        yield (
            f"{table.name} is kept until after {event.name!r}, an event that no module announces: "
            "add it to announces= of a Declaration with the column that holds its time."
        )
    elif not isinstance(clock.type, UtcDateTime):
        yield (
            f"The event {event.name!r} is announced by {clock.table.name}.{clock.name}, which holds no time: "
            "name a Moment column in announces=."
        )
    elif clock.table is not table and any(person_of(one) is None for one in (table, clock.table)):
        yield (
            f"{table.name} is kept until after {event.name!r}, which stands in {clock.table.name}, and the two "
            "are not about the same person: set subject= on both, or announce the event by a column of its own."
        )


def clocks(register: Register) -> Iterator[str]:
    """Clocks of services in columns that do not say when, whose or which service's they are."""
    events = {clock.after for service in register.services.values() for clock in service.clocks}
    for event in sorted(events):
        column = register.clock_of(event)
        if column is None:
            continue  # the module that will announce it is not here yet; the catalogue says so
        table = column.table
        if not isinstance(column.type, UtcDateTime) or "service" not in table.c or person_of(table) is None:
            yield (
                f"A service ends after {event.name!r}, which is announced by {table.name}.{column.name}: announce it "
                f"by a Moment column, and give {table.name} a service column and a subject= that leads to a person."
            )


def _service_sentences(register: Register, table: Table, rule: ByService | WithService) -> Iterator[str]:
    if not rule.through and "service" not in table.c:
        yield (
            f"{table.name} follows its service but has no service column: add one, or name "
            f"through='table.column' in {type(rule).__name__}."
        )
    if rule.through and register.column(rule.through) is None:
        yield f"{table.name} follows the services in {rule.through!r}, which is no column: name one in through=."
    elif rule.left:
        yield from _left_sentences(register, table, rule)


def _left_sentences(register: Register, table: Table, rule: ByService | WithService) -> Iterator[str]:
    """Give what is wrong with the column that says when a service was left."""
    column = register.column(f"{rule.through.partition('.')[0]}.{rule.left}") if rule.through else None
    happened = register.clock_of(rule.after) if isinstance(rule, ByService) else None
    if column is None or not isinstance(column.type, UtcDateTime):
        yield f"{table.name} leaves out services left by {rule.left!r}, which holds no time: name a Moment in left=."
    elif happened is not None and happened.table is not table:
        yield f"{table.name} compares {rule.left!r} with an event of another table: announce the event by its own."


def statistics(register: Register) -> Iterator[str]:
    """Statistics tables that could be joined to a person."""
    counted = {table for table, record in register.tables() if record.statistics}
    for table, record in register.tables():
        for key in table.foreign_keys:
            if table not in counted and key.column.table in counted:
                yield f"{table.name} leads into the statistics table {key.column.table.name}: remove the foreign key."
        if table not in counted:
            continue
        if record.subject is not None or table.foreign_keys:
            yield f"{table.name} is a statistics table and leads to a person: remove subject= and its foreign keys."
        unique = any(isinstance(one, UniqueConstraint) for one in table.constraints)
        if unique or any(index.unique for index in table.indexes):
            yield f"{table.name} is a statistics table with a unique column, which could join it to a person."
        for column in table.columns:
            kind = kind_of(column)
            if kind is not None and kind.name not in _COUNTABLE:
                yield (
                    f"{table.name}.{column.name} is in a statistics table and is free text or personal: use Label, "
                    "Counter or Moment."
                )


def stores(register: Register) -> Iterator[str]:
    """File stores that nobody declared."""
    declared = {store.key for declaration in register.declarations for store in declaration.stores}
    for table in register.metadata.sorted_tables:
        for column in table.columns:
            kind = kind_of(column)
            if kind is not None and kind.name == "file_key" and table.name not in declared:
                yield (
                    f"{table.name}.{column.name} points into the file store, which is undeclared: add "
                    f"Store({table.name!r}, ...) to stores= of its module."
                )
