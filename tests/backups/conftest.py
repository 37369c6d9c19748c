"""Backups of the database of the round, into empty places."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from suite.backups import listing, restore, shredding
from suite.backups.create import create
from suite.backups.listing import Backup
from suite.backups.stores import _Backups
from suite.kernel import db, system
from suite.kernel.http import App
from tests import conftest
from tests.people import People


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Give an own file on SQLite: a restore wants it for itself, and other tests keep connections to theirs."""
    own = "backups" if request.param == "sqlite" else ""
    return conftest._application(request.param, tmp_path_factory, own)


@pytest.fixture(autouse=True)
def _empty_places(app: App) -> Iterator[None]:
    _clear()
    yield
    _clear()


def _clear() -> None:
    for shelf in (listing.place(), shredding.KeyStore().shelf):
        shelf.delete([entry.name for entry in shelf.entries()])
    journal = system.current().journal
    for name in list(journal.names()):
        journal.delete(name)


class Vault:
    """Makes backups and brings them back, as an operator does."""

    def make(self) -> Backup:
        return create()

    def bring_back(self, backup: Backup) -> int:
        return restore.restore(backup, replace=True)

    def readable(self) -> "Iterator[tuple[str, bytes]]":
        return _Backups().bytes()

    def holds(self, canary: str) -> bool:
        """Say whether anything readable in any backup holds a text."""
        return any(canary.encode() in content for _, content in _Backups().bytes())


@pytest.fixture
def vault(app: App) -> Vault:
    return Vault()


def number_of(people: People, email: str) -> UUID:
    """Give the number of somebody who can sign in."""
    return UUID(people.sign_in(email).get("/api/v1/me").json["id"])


def rows(statement: str) -> list[tuple[object, ...]]:
    """Ask the database."""
    with db.reading() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]
