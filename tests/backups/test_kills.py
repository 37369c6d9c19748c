"""Killed at any step, a backup is whole or not there, and a restore comes to its end or was never begun."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from suite.backups import RestoreNotFinished, check_finished, listing
from suite.kernel import clock, system
from suite.privacy import sweep
from tests.backups.conftest import Vault, rows
from tests.people import People


def run(what: str, name: str = "", point: str = "") -> int:
    """Run a step in a process of its own, against the database of the round."""
    running = system.current()
    running.database.close()
    given = {
        "SUITE_DATABASE_URL": running.database.url.render_as_string(hide_password=False),
        "SUITE_DATA_FOLDER": str(running.settings.data_folder),
        "SUITE_SECRET_KEYS": running.settings.secret_keys,
        "SUITE_LOG_LEVEL": "error",
    }
    words = (sys.executable, "-m", "tests.backups.killed", what, name, point)
    done = subprocess.run(words, env=os.environ | given, cwd=Path(__file__).parents[2], check=False)
    return done.returncode


@pytest.mark.parametrize("point", ["copied", "written", "storing"])
def test_a_backup_that_is_killed_is_never_listed_and_leaves_nothing(people: People, vault: Vault, point: str) -> None:
    people.account("ann@example.org", "motorsport")

    assert run("create", point=point) == -9

    assert listing.backups() == []
    backup = vault.make()
    assert list((system.current().settings.data_folder / "backup-work").iterdir()) == []
    assert listing.backups() == [backup]


@pytest.mark.policy("DEC-11")
@pytest.mark.parametrize("point", ["loading", "taking place", "loaded", "files", "repeated", "swept"])
def test_a_restore_that_is_killed_is_finished_or_was_never_begun(people: People, vault: Vault, point: str) -> None:
    people.account("ann@example.org")
    people.account("bob@example.org", "motorsport")
    people.account("cat@example.org", "motorsport")
    backup = vault.make()
    people.sign_in("bob@example.org").post("/api/v1/me/closure")
    people.account("dan@example.org")
    with clock.at(clock.now() + timedelta(hours=24)):
        sweep()

    assert run("restore", backup.name, point) == -9

    if point in {"loading", "taking place"}:
        assert ("dan@example.org",) in rows("SELECT address FROM accounts")
        check_finished()
        vault.bring_back(backup)
    else:
        with pytest.raises(RestoreNotFinished):
            check_finished()
        assert run("resume") == 0
    check_finished()
    assert sorted(rows("SELECT address FROM accounts")) == [("ann@example.org",), ("cat@example.org",)]
    assert people.sign_in("cat@example.org").get("/api/v1/me").status_code == 200
