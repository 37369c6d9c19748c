"""An archive of an older release is brought back and upgraded."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from sqlalchemy import inspect

from suite.backups import BackupProblem, plan, trial
from suite.backups import create as making
from suite.kernel import clock, schema, system
from suite.privacy import declared
from tests.backups.conftest import Vault, rows
from tests.people import People

OLDER = "0013"


@contextmanager
def older_release(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the database and what is known of it be those of an older release."""
    running = system.current()
    url = running.database.url.render_as_string(hide_password=False)
    running.database.close()
    schema.downgrade(url, OLDER)
    try:
        # A table that got columns since cannot be read with the models of today: it is left out, and empty here.
        then = inspect(running.database.engine)
        today = {table.name: set(table.columns.keys()) for table, _ in declared().tables()}
        names = set(then.get_table_names())
        there = {name for name in names if today.get(name) == {one["name"] for one in then.get_columns(name)}}
        held = [one for one in plan.held_tables() if one.table.name in there]
        tables = [one for one in declared().tables() if one[0].name in there]
        references = [one for one in plan.references() if {one[0], one[2]} <= there]
        with monkeypatch.context() as patch:
            patch.setattr(plan, "held_tables", lambda: held)
            patch.setattr(plan, "references", lambda: references)
            patch.setattr(making, "declared", lambda: SimpleNamespace(tables=lambda: tables))
            yield
    finally:
        running.database.close()
        schema.upgrade(url)


def test_an_archive_of_an_older_revision_is_upgraded(
    people: People, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.account("ann@example.org")
    people.account("bob@example.org", "motorsport")
    with older_release(monkeypatch):
        backup = vault.make()

    assert trial.verify(backup)["revision"] == OLDER
    assert trial.bring_back(backup) == 2
    vault.bring_back(backup)

    assert schema.present(system.current().database.engine) == schema.newest()
    assert rows("SELECT count(*) FROM legal_disclosures") == [(0,)]
    assert people.sign_in("bob@example.org").get("/api/v1/me").status_code == 200


def test_an_archive_of_a_newer_release_is_refused(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = vault.make()
    monkeypatch.setattr(schema, "newest", lambda: OLDER)

    with clock.at(clock.now()), pytest.raises(BackupProblem, match="made by a newer release"):
        vault.bring_back(backup)
