"""The file of an embedded database, and questions that are asked at every request."""

import os
from pathlib import Path

from sqlalchemy import bindparam, select

from suite.accounts.models import Account
from suite.kernel import db, schema, system
from suite.kernel.db import Database
from suite.kernel.http import App
from tests.people import People


def test_the_embedded_database_and_its_logs_are_for_their_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "suite.db"
    before = os.umask(0o022)

    try:
        schema.upgrade(f"sqlite:///{file}")
        database = Database(f"sqlite:///{file}")
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM jobs")
            modes = {one.name: one.stat().st_mode & 0o777 for one in file.parent.iterdir()}
        database.close()
    finally:
        os.umask(before)

    assert modes == {"suite.db": 0o600, "suite.db-shm": 0o600, "suite.db-wal": 0o600}


def test_a_prepared_question_gives_what_the_same_question_gives_elsewhere(app: App, people: People) -> None:
    people.account()
    question = select(Account.id, Account.address, Account.created_at, Account.closed_at).where(
        Account.email_key == bindparam("key")
    )
    prepared = db.Prepared(question)

    with db.reading() as connection:
        elsewhere = connection.execute(question, {"key": "ann@example.org"}).first()

    assert prepared.first(key="ann@example.org") == elsewhere
    assert prepared.first(key="ann@example.org").address == "ann@example.org"
    assert prepared.first(key="nobody@example.org") is None


def test_a_prepared_question_on_a_broken_connection_is_asked_again(app: App, people: People) -> None:
    people.account()
    prepared = db.Prepared(select(Account.address).where(Account.email_key == bindparam("key")))
    database = system.current().database
    broken = database.reading.raw_connection()
    driver = broken.driver_connection
    broken.close()
    driver.close()

    try:
        answers = {prepared.first(key="ann@example.org").address for _ in range(50)}
    finally:
        database.engine.dispose()  # the pool is shared by the tests that follow

    assert answers == {"ann@example.org"}
