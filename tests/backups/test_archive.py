"""A backup that cannot be opened, or is not what was written, says so."""

import dataclasses
from typing import Any

import pytest

from suite.backups import BackupProblem, BrokenBackup, NoBackupKey, databases, keys, listing, trial
from suite.backups import create as making
from suite.kernel import system
from tests.backups.conftest import Vault
from tests.people import People


def with_key(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    running = system.current()
    other = dataclasses.replace(running, settings=dataclasses.replace(running.settings, **changed))
    monkeypatch.setattr(system, "_system", other)


def test_another_key_does_not_open_it(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = vault.make()
    with_key(monkeypatch, backup_key=keys.new_key())

    with pytest.raises(NoBackupKey, match="SUITE_BACKUP_KEY does not open this backup"):
        vault.bring_back(backup)


def test_an_older_key_behind_the_newest_still_opens_it(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    (older,) = keys.identities()
    backup = vault.make()
    with_key(monkeypatch, backup_key=f"{keys.new_key()},{older}")

    assert trial.verify(backup)["name"] == backup.name


def test_production_makes_no_backup_without_a_key(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    with_key(monkeypatch, environment="production")

    with pytest.raises(NoBackupKey, match="suite backup key"):
        vault.make()
    assert listing.backups() == []


@pytest.mark.parametrize("how", ["changed", "cut off", "empty"])
def test_a_damaged_archive_is_refused(people: People, vault: Vault, how: str) -> None:
    people.account("ann@example.org")
    backup = vault.make()
    whole = b"".join(listing.place().open(backup.name))
    middle = len(whole) // 2
    damaged = {
        "changed": whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        "cut off": whole[: middle * 2 - 100],
        "empty": b"",
    }[how]
    listing.place().put(backup.name, damaged)

    with pytest.raises(BrokenBackup, match="use another backup"):
        vault.bring_back(backup)


def test_a_backup_that_breaks_off_is_not_listed(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "_write_files", full)

    with pytest.raises(BackupProblem, match="no room left"):
        vault.make()
    assert listing.backups() == []
    assert list((system.current().settings.data_folder / "backup-work").iterdir()) == []


def test_postgresql_without_its_programs_says_what_to_install(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    if databases.kind() == "sqlite":
        assert vault.make().size
        return
    monkeypatch.setenv("PATH", "/nowhere")

    with pytest.raises(BackupProblem, match="postgresql-client"):
        vault.make()
