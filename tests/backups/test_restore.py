"""A backup brings back whoever lives, and nobody who was erased since."""

from datetime import timedelta

import pytest

from suite import app as application
from suite.backups import BackupTooOld, RestoreNotFinished, check_finished, listing, shredding
from suite.backups import restore as bringing
from suite.backups.errors import BackupProblem
from suite.kernel import clock, db, jobs, system
from suite.privacy import sweep
from tests.backups.conftest import Vault, number_of, rows
from tests.people import People


def test_whatever_was_there_comes_back(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    people.account("bob@example.org", "business-hub")
    before = rows("SELECT id, address FROM accounts ORDER BY id")
    backup = vault.make()
    people.account("eve@example.org")

    vault.bring_back(backup)

    assert rows("SELECT id, address FROM accounts ORDER BY id") == before
    assert people.sign_in("bob@example.org").get("/api/v1/me").status_code == 200


def test_a_living_member_of_a_service_that_must_not_come_back_does_come_back(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "motorsport")
    backup = vault.make()
    people.sign_in("ann@example.org").patch("/api/v1/me", json={"language": "de"})

    vault.bring_back(backup)

    member = people.sign_in("ann@example.org")
    assert member.get("/api/v1/me").status_code == 200
    assert rows("SELECT service, last_name FROM memberships") == [("motorsport", "Lee")]


@pytest.mark.policy("DEC-11")
def test_people_erased_since_the_backup_are_gone_before_the_first_request(people: People, vault: Vault) -> None:
    for name in ("ann", "bob", "cat"):
        people.account(f"{name}@example.org", "motorsport" if name == "bob" else "my-account")
    backup = vault.make()
    for name in ("ann", "bob"):
        people.sign_in(f"{name}@example.org").post("/api/v1/me/closure", json={"password": "four tall green bottles"})
    with clock.at(clock.now() + timedelta(hours=25)):
        sweep()

        vault.bring_back(backup)

    assert [address for (address,) in rows("SELECT address FROM accounts WHERE closed_at IS NULL")] == ["cat@example.org"]
    assert not [1 for (address,) in rows("SELECT address FROM accounts") if address == "bob@example.org"]
    assert people.stranger.post(
        "/api/v1/sessions", json={"email": "ann@example.org", "password": "four tall green bottles"}
    ).status_code == 401
