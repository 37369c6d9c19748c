"""A backup while others write, two at once, keys that end meanwhile, clocks that jump, a disk that becomes full."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from suite.backups import BackupProblem, keys, listing, shredding, trial
from suite.backups import create as making
from suite.backups import restore as bringing
from suite.kernel import clock, db
from suite.privacy import Person, erase
from tests.backups.conftest import Vault, number_of, rows
from tests.backups.systems import other
from tests.failures.crowd import at_once
from tests.people import People
from tests.privacy.rows import Rows


def join(service: str) -> None:
    with db.transaction() as session:
        made = Rows(session)
        person = made.person()
        made.add("accounts", person)
        made.add("memberships", person, service=service)


def test_a_backup_made_while_others_write_is_of_one_instant(people: People, vault: Vault) -> None:
    join("motorsport")
    ended, written = threading.Event(), [0]

    def write(which: int) -> Any:
        if which == 0:
            backups = [vault.make() for _ in range(2)]
            ended.set()
            return backups
        while not ended.is_set():
            join(("motorsport", "business-hub")[which % 2])
            written[0] += 1
        return None

    backups = at_once(3, write)[0]

    assert written[0] > 2
    for backup in backups:
        vault.bring_back(backup)
        accounts, memberships = rows("SELECT count(*) FROM accounts")[0], rows("SELECT count(*) FROM memberships")[0]
        assert accounts == memberships
        assert rows("SELECT 1 FROM memberships WHERE account_id NOT IN (SELECT id FROM accounts)") == []
        assert rows("SELECT 1 FROM accounts WHERE id NOT IN (SELECT id FROM people)") == []


def test_two_backups_at_once_share_their_keys_and_both_come_back(people: People, vault: Vault) -> None:
    for _ in range(20):
        join("motorsport")

    backups = at_once(2, lambda _which: vault.make())

    assert {one.name for one in listing.backups()} == {one.name for one in backups}
    for backup in backups:
        assert trial.verify(backup)["closed"] == 0
        vault.bring_back(backup)
        assert rows("SELECT count(*) FROM memberships") == [(20,)]


def test_keys_that_are_pruned_while_a_backup_is_made_are_those_of_the_dead(
    people: People, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob"):
        people.account(f"{name}@example.org", "motorsport")
    ann, bob = (number_of(people, f"{name}@example.org") for name in ("ann", "bob"))
    write = making._write_files

    def meanwhile(*given: Any) -> Any:
        with db.transaction():
            erase([ann])
        listing.prune()
        shredding.destroy_orphans()
        return write(*given)

    monkeypatch.setattr(making, "_write_files", meanwhile)
    backup = vault.make()
    vault.bring_back(backup)

    assert rows("SELECT address FROM accounts") == [("bob@example.org",)]
    assert shredding.KeyStore().get(shredding.of_person(ann)) is None
    assert shredding.KeyStore().get(shredding.of_person(bob)) is not None


def test_a_prune_while_a_restore_runs_takes_no_key_of_whoever_comes_back(
    people: People, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.account("ann@example.org", "motorsport")
    backup = vault.make()
    bring = bringing._bring_files

    def meanwhile(*given: Any) -> Any:
        listing.prune()
        assert shredding.destroy_orphans() == 0
        return bring(*given)

    monkeypatch.setattr(bringing, "_bring_files", meanwhile)
    vault.bring_back(backup)

    assert rows("SELECT address FROM accounts") == [("ann@example.org",)]
    assert trial.verify(backup)["closed"] == 0


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_clock_that_jumps_while_people_go_brings_nobody_back(people: People, vault: Vault, hours: int) -> None:
    people.account("ann@example.org", "motorsport")
    people.account("bob@example.org")
    ann, bob = (number_of(people, f"{name}@example.org") for name in ("ann", "bob"))
    backup = vault.make()
    with clock.at(clock.now() + timedelta(hours=hours)), db.transaction():
        erase([ann, bob])

    vault.bring_back(backup)

    with db.reading() as connection:
        assert connection.scalars(select(Person.id).where(Person.id.in_([ann, bob]))).all() == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of a few megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk))
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("Only root can make a small disk.")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, leave: int = 0) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while filler.write(bytes(4096)):
            continue
    os.truncate(disk / "filler", max((disk / "filler").stat().st_size - leave, 0))


def test_a_full_disk_keeps_no_half_of_a_backup_and_says_what_to_do(
    people: People, vault: Vault, small_disk: Path
) -> None:
    people.account("ann@example.org", "motorsport")
    with other(backups_url=f"file://{small_disk}/backups"):
        first = vault.make()
        fill(small_disk, leave=first.size // 2)

        with pytest.raises(BackupProblem, match="no room left"):
            vault.make()

        listed, there = listing.backups(), [one.name for one in (small_disk / "backups").rglob("*") if one.is_file()]
        (small_disk / "filler").unlink()
        again = vault.make()
        assert (listed, there) == ([first], [first.name])
        assert again in listing.backups()


def test_a_full_disk_under_the_temporary_files_is_said_too(people: People, vault: Vault, small_disk: Path) -> None:
    people.account("ann@example.org", "motorsport")
    with other(data_folder=small_disk, backup_key=keys.new_key()):
        fill(small_disk)

        with pytest.raises(BackupProblem, match="no room left"):
            vault.make()

        assert listing.backups() == []
        assert list((small_disk / "backup-work").iterdir()) == []
