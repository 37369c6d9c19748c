"""What must not come back is in a backup only under keys that go with it."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from suite.backups import BackupProblem, archive, bundles, keys, listing, shredding
from suite.backups.create import PEOPLE
from suite.backups.listing import Backup
from suite.kernel import clock, db, jobs
from suite.kernel.ids import new_id
from suite.kernel.shelf import Shelf
from suite.privacy import erase, sweep
from tests.backups.conftest import Vault, number_of, rows
from tests.people import PROFILES, People, SignedIn

CANARY = "Canaryfeather"


def in_the_open(backup: Backup) -> bytes:
    """Give everything in a backup that needs no key of its own."""
    whole = BytesIO()
    archive.decrypt(listing.place().open(backup.name), keys.identities(), whole)
    return b"".join(content.read() for name, content in archive.parts(whole) if name != PEOPLE)


def member(people: People, service: str, field: str) -> str:
    address = f"{CANARY}@example.org".lower()
    people.account(address, service, profile=PROFILES[service] | {field: CANARY})
    return address


@pytest.mark.policy("MOT-17", "PAR-22")
@pytest.mark.parametrize(
    ("service", "field", "hours"), [("motorsport", "last_name", 24), ("partner-portal", "full_name", 0)]
)
def test_who_leaves_for_good_cannot_be_read_from_any_backup(
    people: People, vault: Vault, service: str, field: str, hours: int
) -> None:
    address = member(people, service, field)
    people._outbox.empty()
    backup = vault.make()
    assert vault.holds(CANARY)
    assert vault.holds(address)

    people.sign_in(address).post("/api/v1/me/closure")
    people._outbox.empty()
    with clock.at(clock.now() + timedelta(hours=hours)):
        sweep()

    assert rows("SELECT 1 FROM accounts") == rows("SELECT 1 FROM memberships") == []
    assert not vault.holds(CANARY)
    assert not vault.holds(address)
    whole = in_the_open(backup)
    assert CANARY.encode() not in whole
    assert address.encode() not in whole


def test_nobody_but_people_of_restorable_services_stands_in_the_open(people: People, vault: Vault) -> None:
    people.account("hub@example.org", "business-hub")
    people.account("race@example.org", "motorsport")
    people.register("waiting@example.org", "report-parser")
    people.invite("staff@example.org")

    whole = in_the_open(vault.make())

    found = [name for name in ("hub", "race", "waiting", "staff") if f"{name}@example.org".encode() in whole]
    assert found == ["hub"]


def join(person: SignedIn, last_name: str) -> None:
    profile = PROFILES["motorsport"] | {"last_name": last_name}
    joined = person.post("/api/v1/me/services", json={"service": "motorsport", "profile": profile})
    assert joined.status_code == 201, joined.json


@pytest.mark.policy("MOT-17")
def test_whoever_leaves_one_service_keeps_the_rest_and_what_was_left_cannot_be_read_a_day_later(
    people: People, vault: Vault
) -> None:
    people.account("ann@example.org", "business-hub")
    ann = people.sign_in("ann@example.org")
    join(ann, CANARY)
    people._outbox.empty()
    backup = vault.make()
    left = clock.now()
    with clock.at(left):
        ann.delete("/api/v1/me/services/motorsport")
        people._outbox.empty()

    with clock.at(left + timedelta(hours=24) - timedelta(seconds=1)):
        jobs.run_due()
        assert vault.holds(CANARY)
    with clock.at(left + timedelta(hours=24)):
        jobs.run_due()  # the sweep of that instant, and what follows from it

        assert not vault.holds(CANARY)
        vault.bring_back(backup)

    assert rows("SELECT service FROM memberships") == [("business-hub",)]
    assert people.sign_in("ann@example.org").get("/api/v1/me").status_code == 200


@pytest.mark.policy("MOT-17")
def test_whoever_joins_again_keeps_the_new_membership_and_not_the_old_one(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "business-hub")
    ann = people.sign_in("ann@example.org")
    join(ann, CANARY)
    people._outbox.empty()
    ann.delete("/api/v1/me/services/motorsport")
    join(ann, "Newname")
    people._outbox.empty()
    backup = vault.make()
    with clock.at(clock.now() + timedelta(hours=24)):
        jobs.run_due()

        assert not vault.holds(CANARY)
        vault.bring_back(backup)

    assert ("motorsport", "Newname") in rows("SELECT service, last_name FROM memberships")


def test_the_ledger_of_consents_is_bundled_too_and_still_cannot_be_changed(people: People, vault: Vault) -> None:
    for name in ("ann", "bob"):
        people.account(f"{name}@example.org", "motorsport", consents=["motorsport_news"])
    backup = vault.make()
    people.sign_in("bob@example.org").post("/api/v1/me/closure")
    with clock.at(clock.now() + timedelta(hours=24)):
        sweep()

        vault.bring_back(backup)

    assert [state for (state,) in rows("SELECT state FROM consent_entries")] == ["given"]
    with pytest.raises(DBAPIError), db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE consent_entries SET state = 'withdrawn'")


def test_a_key_made_anew_opens_nothing_older(people: People, vault: Vault) -> None:
    address = member(people, "motorsport", "last_name")
    people._outbox.empty()
    vault.make()
    shredding.destroy(number_of(people, address))

    vault.make()

    assert len([1 for _, content in vault.readable() if CANARY.encode() in content]) == 1


def test_keys_of_whoever_is_no_more_are_destroyed(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "motorsport")
    people.account("bob@example.org", "motorsport")
    ann = number_of(people, "ann@example.org")
    vault.make()
    with db.transaction() as session:
        session.connection().exec_driver_sql(
            "DELETE FROM people WHERE id IN (SELECT id FROM accounts WHERE address = 'ann@example.org')"
        )

    assert shredding.destroy_orphans() >= 2

    assert shredding.KeyStore().get(shredding.of_person(ann)) is None
    assert shredding.KeyStore().get(shredding.of_person(number_of(people, "bob@example.org"))) is not None


def test_an_erasure_that_is_rolled_back_destroys_no_key(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "motorsport")
    ann = number_of(people, "ann@example.org")
    vault.make()

    with pytest.raises(ZeroDivisionError), db.transaction():
        erase([ann])
        _ = 1 / 0

    assert shredding.KeyStore().get(shredding.of_person(ann)) is not None


def test_keys_of_another_database_are_left_alone(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "motorsport")
    vault.make()
    with db.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM backup_marks")
        session.connection().exec_driver_sql("DELETE FROM people")

    assert shredding.destroy_orphans() == 0
    with pytest.raises(BackupProblem, match="another database"):
        vault.make()


def test_a_file_under_a_key_of_its_own_comes_back_until_the_key_goes(app: Any) -> None:
    person, file = new_id(), "ab/" + "c" * 30
    store, out = shredding.KeyStore(), BytesIO()
    store.get_or_make(shredding.of_person(person))
    bundles.write_file(out, person, file, pieces(), store)

    def opened() -> bytes:
        out.seek(0)
        return b"".join(record.content for record in bundles.Opener(store).open(out))

    assert opened() == b"".join(pieces())
    assert b"report" not in out.getvalue()
    store.shelf.delete([shredding.of_file(file)])
    assert opened() == b""


def pieces() -> Iterator[bytes]:
    yield b"report" * 100
    yield b"x" * (3 << 20)


def test_a_key_that_lost_its_content_with_the_power_is_made_anew(people: People, vault: Vault) -> None:
    people.account("ann@example.org", "motorsport")
    vault.make()
    shelf = shredding.KeyStore().shelf
    for name in shredding.KeyStore().names():
        shelf.put(name, b"")

    backup = vault.make()
    vault.bring_back(backup)

    assert rows("SELECT address FROM accounts") == [("ann@example.org",)]


def test_no_backup_is_listed_before_its_keys_are_on_the_disk(
    people: People, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.account("ann@example.org", "motorsport")

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Shelf, "settle", refuse)

    with pytest.raises(OSError, match="Input/output"):
        vault.make()
    assert listing.backups() == []
