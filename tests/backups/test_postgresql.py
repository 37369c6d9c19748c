"""Backups of PostgreSQL: what a role that is no superuser may, other programs, what killed trials left."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from suite.backups import BackupProblem, databases, listing, postgres_programs, restore, trial
from suite.backups.create import create
from suite.kernel import db, schema, system
from suite.kernel.http import App
from tests.backups.conftest import Vault, rows
from tests.backups.systems import other
from tests.databases import server_url
from tests.people import People
from tests.privacy.rows import Rows

ROLE = f"suite_owner_{os.getpid()}"


@pytest.fixture(autouse=True)
def _only_postgresql(app: App) -> None:
    if databases.kind() != "postgresql":
        pytest.skip("This is about PostgreSQL.")


def server(*statements: str) -> list[tuple[object, ...]]:
    with psycopg.connect(str(server_url()), autocommit=True) as connection:
        for statement in statements:
            found = connection.execute(statement)  # type: ignore[call-overload]
        return found.fetchall() if found.description else []


@pytest.fixture
def owned() -> Iterator[str]:
    """Give the address of a database whose owner is no superuser."""
    server(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER PASSWORD 'geheim'", f"CREATE DATABASE {ROLE} OWNER {ROLE}")
    url = system.current().database.url.set(username=ROLE, password="geheim", database=ROLE)
    address = url.render_as_string(hide_password=False)
    schema.upgrade(address)
    yield address
    server(f"DROP DATABASE {ROLE} WITH (FORCE)", f"DROP ROLE {ROLE}")


def test_the_owner_of_a_database_needs_to_be_no_superuser(owned: str, tmp_path: Path) -> None:
    places = {name: f"file://{tmp_path}/{name}" for name in ("backups_url", "shredding_url", "files_url")}
    with other(database_url=owned, data_folder=tmp_path, **places):
        with db.transaction() as session:
            made = Rows(session)
            for service in ("business-hub", "motorsport"):
                person = made.person()
                made.add("accounts", person)
                made.add("memberships", person, service=service)
        backup = create()
        with db.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM people")

        assert restore.restore(backup, replace=True) == 0
        assert sorted(rows("SELECT service FROM memberships")) == [("business-hub",), ("motorsport",)]
        with pytest.raises(BackupProblem, match="CREATEDB"):
            trial.bring_back(backup)


def test_somebody_else_of_another_role_is_seen_by_the_owner(owned: str, tmp_path: Path) -> None:
    places = {name: f"file://{tmp_path}/{name}" for name in ("backups_url", "shredding_url", "files_url")}
    with other(database_url=owned, data_folder=tmp_path, **places):
        backup = create()
        elsewhere = str(server_url()).rsplit("/", 1)[0] + f"/{ROLE}"

        with psycopg.connect(elsewhere), pytest.raises(BackupProblem, match="Other connections"):
            restore.restore(backup, replace=True)


def test_programs_older_than_the_server_are_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_programs, "program_version", lambda: 9)

    with pytest.raises(BackupProblem, match=r"pg_dump has version 9, the server \d+: install postgresql-client-"):
        vault.make()
    assert listing.backups() == []


def test_a_trial_that_was_killed_is_dropped_by_the_next_command(people: People) -> None:
    server(f"CREATE DATABASE suite_trial_0_{os.getpid()}", f"CREATE DATABASE suite_trials_{os.getpid()}")
    with psycopg.connect(str(server_url()), autocommit=True) as running:
        alive = f"suite_trial_{running.info.backend_pid}_{os.getpid()}"
        running.execute(f"CREATE DATABASE {alive}")  # type: ignore[call-overload]
        given = {
            "SUITE_DATABASE_URL": system.current().database.url.render_as_string(hide_password=False),
            "SUITE_DATA_FOLDER": str(system.current().settings.data_folder),
            "SUITE_SECRET_KEYS": system.current().settings.secret_keys,
        }
        words = (sys.executable, "-c", "from suite.cli import main; main()", "backup", "list")

        subprocess.run(words, env=os.environ | given, check=True, capture_output=True)

        left = {str(name) for (name,) in server("SELECT datname FROM pg_database") if str(os.getpid()) in str(name)}
    mine = {alive, f"suite_trials_{os.getpid()}"}
    server(*(f"DROP DATABASE {name}" for name in mine))
    assert mine <= left
    assert f"suite_trial_0_{os.getpid()}" not in left
