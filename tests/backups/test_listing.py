"""How long backups stay, and when they are made."""

from datetime import UTC, datetime, timedelta

import pytest

from suite.backups import create_backup, listing, prune_job
from suite.backups.work import clear, room
from suite.declarations import Period
from suite.kernel import clock, db, jobs, system
from suite.privacy import catalogue
from tests.backups.conftest import Vault
from tests.people import People

SECOND = timedelta(seconds=1)


@pytest.mark.policy("DEC-11", "BUS-35", "SCC-37")
@pytest.mark.parametrize("day", [datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)])
def test_a_backup_is_there_until_its_age_and_gone_at_it(vault: Vault, day: datetime) -> None:
    with clock.at(day):
        backup = vault.make()

    with clock.at(backup.expires_at - SECOND):
        assert listing.prune() == []
        assert listing.backups() == [backup]
    with clock.at(backup.expires_at):
        assert listing.prune() == [backup]
        assert listing.backups() == []
    assert backup.expires_at <= Period(months=1).after(day)


def test_the_worker_deletes_backups_at_their_age(vault: Vault) -> None:
    backup = vault.make()

    with clock.at(backup.expires_at):
        with db.transaction():
            jobs.defer(prune_job)
        jobs.run_due()

    assert listing.backups() == []


def test_the_worker_makes_backups(people: People) -> None:
    people.account("ann@example.org")
    with db.transaction():
        jobs.defer(create_backup)

    jobs.run_due()

    assert len(listing.backups()) == 1


def test_the_age_of_backups_stands_in_the_catalogue() -> None:
    (said,) = [store for store in catalogue()["stores"] if store["key"] == "backups"]

    assert listing.expiry(datetime(2027, 3, 1, tzinfo=UTC)) == datetime(2027, 3, 28, tzinfo=UTC)
    assert said["keep"] == "P27D"


def test_temporary_files_are_private_and_those_of_the_dead_go(app: object) -> None:
    with room() as work:
        (work / "copy.db").touch()
        clear()
        assert (work / "copy.db").exists()
        assert work.stat().st_mode & 0o077 == 0
    left = system.current().settings.data_folder / "backup-work" / "dead"
    left.mkdir()
    (left / "held").touch()

    with room():
        assert not left.exists()


def test_only_the_owner_can_look_into_the_folders(vault: Vault) -> None:
    vault.make()

    folder = system.current().settings.data_folder
    assert [(folder / name).stat().st_mode & 0o077 for name in ("backups", "shredding")] == [0, 0]
