"""A backup brings back whoever lives, and nobody who was erased since."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from suite.backups import BackupProblem, BackupTooOld, RestoreNotFinished, check_finished, listing, trial
from suite.backups import restore as bringing
from suite.backups.listing import Backup
from suite.backups.models import RESTORING, BackupMark
from suite.declarations.purposes import CONSENTS
from suite.kernel import clock, db, system
from suite.privacy import give_consent, may, sweep, withdraw_consent
from tests.backups.conftest import Vault, number_of, rows
from tests.people import PASSWORD, People


def test_whatever_was_there_comes_back_and_what_is_younger_does_not(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    people.account("bob@example.org", "business-hub")
    before = rows("SELECT id, address FROM accounts ORDER BY id")
    backup = vault.make()
    people.account("eve@example.org")

    vault.bring_back(backup)

    assert rows("SELECT id, address FROM accounts ORDER BY id") == before
    assert people.sign_in("bob@example.org").get("/api/v1/me").status_code == 200


def test_a_living_member_of_a_service_that_must_not_come_back_comes_back_whole(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "motorsport")
    backup = vault.make()
    with db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE memberships SET last_name = 'Changed'")

    vault.bring_back(backup)

    assert people.sign_in("ann@example.org").get("/api/v1/me").status_code == 200
    assert rows("SELECT service, last_name FROM memberships") == [("motorsport", "Lee")]


@pytest.mark.policy("DEC-11")
def test_people_erased_or_gone_since_the_backup_are_so_before_the_first_request(people: People, vault: Vault) -> None:
    for name in ("ann", "bob", "cat"):
        people.account(f"{name}@example.org", "motorsport" if name == "bob" else "my-account")
    backup = vault.make()
    for name in ("ann", "bob"):
        people.sign_in(f"{name}@example.org").post("/api/v1/me/closure")
    with clock.at(clock.now() + timedelta(hours=25)):
        sweep()
        left = sorted(rows("SELECT address FROM accounts"))

        vault.bring_back(backup)

    assert sorted(rows("SELECT address FROM accounts")) == left
    assert rows("SELECT address FROM accounts WHERE closed_at IS NULL") == [("cat@example.org",)]
    assert ("bob@example.org",) not in left
    answer = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})
    assert answer.status_code == 401


@pytest.mark.policy("DEC-11")
def test_an_erasure_is_repeated_though_the_present_database_is_lost(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    backup = vault.make()
    people.sign_in("ann@example.org").post("/api/v1/me/closure")
    people._outbox.deliver()  # the journal is written by a job
    with db.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM tombstones")

    vault.bring_back(backup)

    assert rows("SELECT 1 FROM accounts WHERE closed_at IS NULL") == []


def test_until_a_restore_is_finished_nothing_starts(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    backup = vault.make()
    with db.transaction() as session:
        session.add(BackupMark(name=RESTORING, facts={"backup": backup.name}))

    with pytest.raises(RestoreNotFinished, match="--resume"):
        check_finished()
    bringing.finish()

    check_finished()
    with pytest.raises(BackupProblem, match="No restore waits"):
        bringing.finish()


@pytest.mark.policy("DEC-11", "BUS-35", "SCC-37")
def test_a_backup_that_reached_its_age_is_refused_whatever_its_name_says(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    backup = vault.make()
    younger = f"{clock.now() + timedelta(days=20):%Y-%m-%dT%H-%M-%S}Z-00000000.age"
    listing.place().put(younger, b"".join(listing.place().open(backup.name)))

    with clock.at(backup.expires_at), pytest.raises(BackupTooOld, match="must not be brought back"):
        vault.bring_back(backup)
    with pytest.raises(BackupProblem, match="renamed"):
        vault.bring_back(Backup(younger, clock.now(), backup.size))


def test_people_in_the_database_are_not_overwritten_unasked(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    backup = vault.make()

    with pytest.raises(BackupProblem, match="--replace"):
        bringing.restore(backup)


def test_a_database_in_use_is_left_alone(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    backup = vault.make()
    url = system.current().database.url
    with db.Database(url.render_as_string(hide_password=False), pool=1).engine.connect() as other:
        other.exec_driver_sql("SELECT 1 FROM accounts")

        with pytest.raises(BackupProblem, match="suite worker"):
            vault.bring_back(backup)
        other.invalidate()
        other.engine.dispose()

    assert rows("SELECT address FROM accounts") == [("ann@example.org",)]
    check_finished()


def test_a_file_that_is_no_database_any_more_is_replaced(people: People, vault: Vault) -> None:
    running = system.current()
    if not running.database.sqlite:
        return
    people.account("ann@example.org")
    backup = vault.make()
    running.database.close()
    file = Path(str(running.database.url.database))
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    file.write_bytes(b"no database " * 10_000)

    bringing.restore(backup)

    assert rows("SELECT address FROM accounts") == [("ann@example.org",)]
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.policy("DEC-11")
def test_a_withdrawn_consent_stays_withdrawn(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    ann, consent = number_of(people, "ann@example.org"), CONSENTS["news_by_email"]
    with db.transaction():
        give_consent(ann, consent, service="my-account", language="en", method="settings")
    backup = vault.make()
    with clock.at(clock.now() + timedelta(seconds=1)), db.transaction():
        withdraw_consent(ann, consent, service="my-account", language="en", method="settings")

    with clock.at(clock.now() + timedelta(seconds=2)):
        vault.bring_back(backup)

    with db.transaction(reading=True):
        assert not may(ann, "news_by_email", "my-account")


def test_copies_of_peoples_data_stay_out_of_backups_and_are_made_anew(people: People, vault: Vault) -> None:
    member = people.member("ann@example.org")
    export = member.post("/api/v1/me/exports", json={}).json["id"]
    people._outbox.deliver()
    assert member.get(f"/api/v1/me/exports/{export}/download").status_code == 200
    backup = vault.make()
    for key in list(system.current().files.keys()):
        system.current().files.delete(key)

    vault.bring_back(backup)

    assert trial.verify(backup)["files"] == 0
    assert list(system.current().files.keys()) == []
    member = people.sign_in("ann@example.org")
    assert member.get(f"/api/v1/me/exports/{export}/download").status_code == 404
    again = member.post("/api/v1/me/exports", json={}).json["id"]
    people._outbox.deliver()
    assert member.get(f"/api/v1/me/exports/{again}/download").status_code == 200


def test_a_worker_that_runs_elsewhere_stops_a_restore(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    backup = vault.make()
    running = system.current()
    running.database.close()
    given = {
        "SUITE_DATABASE_URL": running.database.url.render_as_string(hide_password=False),
        "SUITE_DATA_FOLDER": str(running.settings.data_folder),
        "SUITE_SECRET_KEYS": running.settings.secret_keys,
    }
    words = (sys.executable, "-c", "from suite.cli import main; main()", "worker")
    worker = subprocess.Popen(words, env=os.environ | given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert worker.stdout is not None
        worker.stdout.readline()

        with pytest.raises(BackupProblem, match="suite worker"):
            vault.bring_back(backup)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)

    vault.bring_back(backup)
    assert rows("SELECT address FROM accounts") == [("ann@example.org",)]
