"""Every datum of a person in any store is in that person's copy, and nobody else's is.

Rows of every table are made from its declaration, with a value in each personal column that exists once in the world.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Column, ForeignKeyConstraint, LargeBinary, String, Table, insert, select
from sqlalchemy.orm import Session

from suite.declarations import Record, WithParent, kind_of
from suite.declarations.kinds import FileKey, Note, PersonId, RowId, UserName, UtcDateTime
from suite.kernel import db, sealed, system
from suite.kernel.db import Base
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.privacy import declared
from tests.people import PHONE, Outbox, People
from tests.privacy.copies import copy_of
from tests.privacy.rows import LAWFUL, Rows, personal_tables

EXAMPLES = int(os.environ.get("CANARIES", "6"))
SERVICES = ("my-account", "motorsport", "no service of this program")
_numbers = count(1)
# What a row must say so that its content is one the product can have written.
SOUND: dict[str, dict[str, Any]] = {
    "messages": {"letter": "password_changed"},
    "legal_disclosures": {"told_at": datetime(2026, 1, 1, tzinfo=UTC)},
}


@dataclass
class Canaries:
    """Values that exist once, as they would stand in a document: those to find, and those never to find."""

    shown: list[str] = field(default_factory=list)
    secret: list[str] = field(default_factory=list)

    def value(self, table: Table, column: Column[Any], row: UUID | str) -> Any:
        """Make a value of the column's type."""
        kind, number = kind_of(column), next(_numbers)
        assert kind is not None
        word = f"canary{number:06d}"
        if kind.name in {"email", "email_key"}:
            word = f"{word}@example.org"
        length = getattr(column.type, "length", None) or len(word)
        if isinstance(column.type, String) and length < len(word):
            word = f"q{number:05x}z" if length >= 7 else chr(65 + number // 26 % 26) + chr(65 + number % 26)
        found: Any = word
        if isinstance(column.type, UtcDateTime):
            found = datetime(2031, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
            word = f"{found:%Y-%m-%dT%H:%M}"
        elif isinstance(column.type, JSON):
            found = {"colour": word} if kind.name == "preferences" else [word]
        elif isinstance(column.type, LargeBinary):
            text, cell = orjson.dumps({"time": word}).decode(), sealed.context(table.name, row, column.name)
            found = system.current().keys.seal(text, cell)
        (self.secret if kind.secret else self.shown).append(word if len(word) >= 6 else f'"{word}"')
        return found


def fill(rows: Rows, tables: list[Table], service: str) -> tuple[UUID, Canaries]:
    """Make a person with a row in each of these tables."""
    person, canaries = rows.person(), Canaries()
    for table in tables:
        keys = [column.name for column in table.primary_key.columns]
        given_values: dict[str, Any] = LAWFUL.get(table.name, {}) | SOUND.get(table.name, {})
        if keys == ["id"] and not table.c.id.foreign_keys:
            given_values["id"] = new_id()
        elif keys == ["key"]:
            given_values["key"] = new_id().hex
        row = given_values.get(keys[0], person)
        for column in table.columns:
            kind = kind_of(column)
            if kind is None or not kind.personal or column.foreign_keys or column.name in given_values:
                continue
            given_values[column.name] = service if column.name == "service" else canaries.value(table, column, row)
        rows.add(table, person, **given_values)
    return person, canaries


@pytest.mark.policy("RIG-2", "DEC-7", "RIG-25")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_every_datum_in_any_table_is_in_the_copy_and_nobody_elses(app: App, data: st.DataObject) -> None:
    every = [table for table in personal_tables() if table.name not in {"people", "inbox_messages"}]
    names = [table.name for table in every if table.name != "accounts"]  # its address has to be one
    left_out = data.draw(st.sets(st.sampled_from(names), max_size=len(names) // 2))
    service = data.draw(st.sampled_from(SERVICES))
    with db.transaction() as session:
        rows = Rows(session)
        ann, of_ann = fill(rows, [table for table in every if table.name not in left_out], service)
        _, of_ben = fill(rows, every, service)

    copy = copy_of(ann)

    assert [canary for canary in of_ann.shown if canary not in copy] == []
    assert [canary for canary in (*of_ann.secret, *of_ben.shown, *of_ben.secret) if canary in copy] == []


@pytest.mark.policy("RIG-2", "DEC-7")
def test_what_a_person_typed_anywhere_is_in_the_copy(people: People, outbox: Outbox) -> None:
    typed = {"user_name": "canary-user", "first_name": "canary-first", "last_name": "canary-last"}
    member = people.member("canary-mail@example.org", "motorsport", profile=typed)
    member.headers["User-Agent"] = "canary-browser"
    member.post("/api/v1/me/services", json={"service": "partner-portal", "profile": {"full_name": "canary-full"}})
    people.with_phone(member)
    version = member.get("/api/v1/me/settings").headers["ETag"]
    changed = member.patch(
        "/api/v1/me/settings", json={"preferences": {"theme": "dark"}}, headers={"If-Match": version}
    )
    member.post("/api/v1/me/email", json={"email": "canary-new@example.org"})
    person = UUID(member.get("/api/v1/me").json["id"])
    other = people.account("canary-other@example.org", "motorsport", profile=typed | {"user_name": "canary-stranger"})

    copy = copy_of(person)

    with db.transaction(reading=True) as session:
        stored = everything(session)
    wanted = [*typed.values(), "canary-full", "canary-mail@example.org", "canary-new@example.org"]
    assert changed.status_code == 200, changed.json
    assert [one for one in wanted if one in stored] == wanted
    assert [one for one in (*wanted, PHONE, "my phone") if one not in copy] == []
    assert [one for one in ("canary-stranger", "canary-other@example.org", other["id"]) if one in copy] == []


@pytest.mark.policy("PRI-2")
@pytest.mark.parametrize("told_at", [None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_what_a_law_demands_is_in_the_copy_from_when_the_person_was_told(app: App, told_at: datetime | None) -> None:
    with db.transaction() as session:
        rows = Rows(session)
        ann = rows.person()
        rows.add("legal_disclosures", ann, law="canary-law", authority="canary-court", told_at=told_at)

    copy = copy_of(ann)

    assert {"canary-law" in copy, "canary-court" in copy} == {told_at is not None}


def everything(session: Session) -> str:
    """Give every value of every table as text."""
    return "\n".join(
        repr(tuple(row)) for table in Base.metadata.sorted_tables for row in session.execute(select(table))
    )


@pytest.mark.policy("DEC-7")
def test_a_new_table_and_its_files_are_in_the_copy_without_a_word_anywhere(app: App) -> None:
    def kind(annotation: Any) -> dict[str, Any]:
        made = annotation.__metadata__[0].column
        return {"type_": made.type, "info": made.info}

    table = Table(
        "planted_files",
        Base.metadata,
        Column("id", **kind(RowId), primary_key=True),
        Column("person_id", **kind(PersonId), nullable=False),
        Column("title", **kind(UserName)),
        Column("file", **kind(FileKey)),
        Column("note", **kind(Note)),
        ForeignKeyConstraint(["person_id"], ["people.id"], ondelete="CASCADE"),
        info={
            "privacy": Record(
                "planted files", keep=WithParent("person_id"), subject="person_id", purposes=("provide_service",)
            )
        },
    )
    engine = system.current().database.engine
    try:
        table.create(engine)
        stored = system.current().files.put([b"canary-in-a-file"], most=100)
        with db.transaction() as session:
            ann = Rows(session).person()
            session.execute(
                insert(table).values(id=new_id(), person_id=ann, title="canary-title", file=stored.key, note="n")
            )

        copy = copy_of(ann)
    finally:
        Base.metadata.remove(table)
        table.drop(engine)

    assert "canary-title" in copy
    assert "canary-in-a-file" in copy
    assert stored.key not in copy
    assert declared().metadata is Base.metadata
