"""Migrations: up and down, the same as the models, and safe for data of the previous release."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from suite.app import MODULES
from suite.kernel import schema
from suite.kernel.db import Base, Database
from suite.kernel.schema import WrongSchema
from tests import databases

assert MODULES


@pytest.fixture(params=["sqlite", "postgresql"])
def scratch(request: pytest.FixtureRequest, tmp_path: Path):
    """Give the address of an empty database."""
    if request.config.getoption("--only") not in {None, request.param}:
        pytest.skip("not asked for")
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'scratch.db'}"
        return
    with databases.empty_postgresql() as url:
        if url is None:
            pytest.skip(databases.MISSING)
        yield url


def test_every_migration_goes_up_and_down_again(scratch: str) -> None:
    database = Database(scratch, pool=1)
    revisions = [one.revision for one in ScriptDirectory.from_config(schema.configuration(scratch)).walk_revisions()]

    for revision in reversed(revisions):
        schema.upgrade(scratch, revision)
    for _ in revisions:
        schema.downgrade(scratch, "-1")

    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    database.close()


def test_the_migrated_schema_is_what_the_models_say(scratch: str) -> None:
    schema.upgrade(scratch)
    database = Database(scratch, pool=1)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []
    database.close()


def test_file_names_tell_the_newest_revision(tmp_path: Path) -> None:
    script = ScriptDirectory.from_config(schema.configuration(f"sqlite:///{tmp_path / 'x.db'}"))

    assert script.get_heads() == [schema.newest()]


def test_rows_survive_every_later_migration_and_its_way_back(scratch: str) -> None:
    schema.upgrade(scratch, "0001")
    database = Database(scratch, pool=1)
    person = "01a20a05a78370b0a3807a9d00dca3ef"
    with database.engine.begin() as connection:
        connection.execute(text("INSERT INTO people (id) VALUES (:id)"), {"id": person})
        connection.execute(
            text(
                "INSERT INTO accounts (id, address, email_key, password_hash, language, created_at) "
                "VALUES (:id, 'ann@example.org', 'ann@example.org', 'x', 'en', '2026-01-31 12:00:00')"
            ),
            {"id": person},
        )

    schema.upgrade(scratch)
    schema.downgrade(scratch, "0001")
    schema.upgrade(scratch)

    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT address FROM accounts")).scalars().all() == ["ann@example.org"]
    database.close()


def test_an_old_schema_is_refused_with_what_to_do(scratch: str) -> None:
    database = Database(scratch, pool=1)

    with pytest.raises(WrongSchema, match="run `suite db upgrade`"):
        schema.check(database.engine)
    schema.upgrade(scratch)
    schema.check(database.engine)

    database.close()


def test_the_newest_migration_can_be_written_from_the_models(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'scratch.db'}"
    schema.upgrade(url)

    command.check(schema.configuration(url))
