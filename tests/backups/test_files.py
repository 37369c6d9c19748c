"""Stored files are in a backup with the rows that name them, and under keys where these are."""

from uuid import UUID

import pytest
from sqlalchemy import text

from suite.backups import plan, shredding
from suite.kernel import db, system
from suite.kernel.db import Base
from tests.backups.conftest import Vault, number_of
from tests.people import People

LARGE = b"canary report " * 200_000


@pytest.fixture(autouse=True)
def _account_names_a_file(app: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a column of accounts be the place of a file, as the columns of the kind FileKey are."""
    accounts = Base.metadata.tables["accounts"]
    monkeypatch.setattr(plan, "file_columns", lambda: iter([(accounts.c.block_reason, accounts.c.id)]))
    for key in list(system.current().files.keys()):
        system.current().files.delete(key)


def with_file(people: People, email: str, service: str, content: bytes) -> tuple[UUID, str]:
    people.account(email, service)
    person = number_of(people, email)
    key = system.current().files.put([content], most=len(content)).key
    name(person, key)
    return person, key


def name(person: UUID, key: str | None) -> None:
    accounts = Base.metadata.tables["accounts"]
    with db.transaction() as session:
        session.execute(accounts.update().where(accounts.c.id == person).values(block_reason=key))


def read(key: str) -> bytes:
    return b"".join(system.current().files.open(key))


def test_files_come_back_with_their_rows_and_strange_ones_go(people: People, vault: Vault) -> None:
    _, plain = with_file(people, "ann@example.org", "my-account", b"of ann")
    _, shredded = with_file(people, "bob@example.org", "report-parser", LARGE)
    backup = vault.make()
    for key in (plain, shredded):
        system.current().files.delete(key)
    younger = system.current().files.put([b"younger"], most=10).key

    vault.bring_back(backup)

    assert (read(plain), read(shredded)) == (b"of ann", LARGE)
    assert not system.current().files.exists(younger)


def test_a_file_nobody_names_any_more_cannot_be_read_from_a_backup(people: People, vault: Vault) -> None:
    person, key = with_file(people, "bob@example.org", "report-parser", LARGE)
    backup = vault.make()
    assert vault.holds("canary report")
    name(person, None)
    system.current().files.delete(key)
    shredding.destroy_orphans()

    assert not vault.holds("canary report")
    vault.bring_back(backup)

    assert not system.current().files.exists(key)
    with db.reading() as connection:
        assert connection.scalar(text("SELECT address FROM accounts")) == "bob@example.org"


def test_a_file_deleted_while_the_backup_is_made_is_passed_over(people: People, vault: Vault) -> None:
    _, key = with_file(people, "ann@example.org", "my-account", b"of ann")
    system.current().files.delete(key)

    vault.bring_back(vault.make())

    assert not system.current().files.exists(key)
