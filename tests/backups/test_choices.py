"""What people chose since a backup holds after it is brought back."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete

from suite.declarations.purposes import CONSENTS
from suite.kernel import clock, db, jobs
from suite.privacy import (
    give_consent,
    may,
    object_to,
    objected,
    restricted,
    suppress,
    suppress_all,
    suppressed,
    switch_off,
    switch_on,
    withdraw_consent,
)
from suite.privacy.models import Suppression, Tombstone
from suite.privacy.suppression import address_hash
from suite.rights.standing import begin_objection, begin_restriction, end_restriction
from tests.backups.conftest import Vault, number_of, rows
from tests.people import People

NEWS, NOTICE, STRANGER = "news_by_email", "license_notices", "stranger@example.org"


def choose(person: UUID, given: bool) -> None:
    act = give_consent if given else withdraw_consent
    with db.transaction():
        act(person, CONSENTS[NEWS], service="my-account", language="en", method="settings", address="ann@example.org")


def lose_the_database() -> None:
    """Leave of the present database nothing but what the journal has."""
    jobs.run_due()
    with db.transaction() as session:
        session.execute(delete(Tombstone))
        session.execute(delete(Suppression))


@pytest.mark.policy("DEC-11", "DEC-12")
@pytest.mark.parametrize("lost", [False, True])
def test_the_suppression_list_keeps_what_the_backup_does_not_know(people: People, vault: Vault, lost: bool) -> None:
    with db.transaction():
        suppress("known@example.org", NEWS)
    backup = vault.make()
    with db.transaction():
        suppress_all([STRANGER, "other@example.org"], NEWS)
    people.account("late@example.org")
    late = number_of(people, "late@example.org")
    with db.transaction():
        give_consent(late, CONSENTS[NEWS], service="my-account", language="en", method="settings")
        withdraw_consent(
            late, CONSENTS[NEWS], service="my-account", language="en", method="settings", address="late@example.org"
        )
    if lost:
        lose_the_database()

    vault.bring_back(backup)

    with db.transaction(reading=True):
        assert all(suppressed(f"{name}@example.org", NEWS) for name in ("known", "stranger", "other", "late"))
        assert not suppressed("somebody@example.org", NEWS)
    assert rows("SELECT 1 FROM accounts") == []


@pytest.mark.parametrize("lost", [False, True])
def test_a_line_that_its_owner_lifted_stays_lifted(people: People, vault: Vault, lost: bool) -> None:
    people.account("ann@example.org")
    ann = number_of(people, "ann@example.org")
    with db.transaction():
        suppress("ann@example.org", NEWS)
    backup = vault.make()
    choose(ann, True)
    if lost:
        lose_the_database()

    vault.bring_back(backup)

    with db.transaction(reading=True):
        assert not suppressed("ann@example.org", NEWS)
        assert not may(ann, NEWS, "my-account"), "a yes given since the backup is lost"


@pytest.mark.policy("DEC-11")
def test_withdrawn_given_again_and_withdrawn_is_withdrawn(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    ann = number_of(people, "ann@example.org")
    choose(ann, True)
    backup = vault.make()
    choose(ann, False)
    choose(ann, True)
    choose(ann, False)
    expected = address_hash("ann@example.org", NEWS)

    for _ in range(2):
        vault.bring_back(backup)

    with db.transaction(reading=True):
        assert not may(ann, NEWS, "my-account")
    assert rows("SELECT address_hash FROM suppressions") == [(expected,)]
    assert [state for (state,) in rows("SELECT state FROM consent_entries ORDER BY id")] == ["given", "withdrawn"]


@pytest.mark.policy("DEC-11")
def test_a_withdrawal_counts_though_the_clock_was_set_back_before_it(people: People, vault: Vault) -> None:
    people.account("ann@example.org")
    ann = number_of(people, "ann@example.org")
    with clock.at(clock.now() + timedelta(hours=5)):
        choose(ann, True)
        backup = vault.make()
    choose(ann, False)

    vault.bring_back(backup)

    with db.transaction(reading=True):
        assert not may(ann, NEWS, "my-account")


@pytest.mark.policy("DEC-11")
def test_restrictions_and_objections_hold_and_ended_ones_stay_ended(people: People, vault: Vault) -> None:
    for name in ("ann", "bob"):
        people.account(f"{name}@example.org")
    ann, bob = (number_of(people, f"{name}@example.org") for name in ("ann", "bob"))
    with db.transaction():
        begin_restriction(bob, "accuracy")
    backup = vault.make()
    with db.transaction():
        begin_restriction(ann, "accuracy")
        begin_objection(ann, "traffic_statistics")
        end_restriction(bob)

    vault.bring_back(backup)

    with db.transaction(reading=True):
        assert (restricted(ann), restricted(bob)) == (True, False)
        assert objected(ann, "traffic_statistics")


@pytest.mark.policy("DEC-11")
def test_notices_are_on_or_off_as_they_were_last_switched(people: People, vault: Vault) -> None:
    for name in ("ann", "bob", "cat"):
        people.account(f"{name}@example.org")
    ann, bob, cat = (number_of(people, f"{name}@example.org") for name in ("ann", "bob", "cat"))
    with db.transaction():
        switch_off(bob, NOTICE, hashed=address_hash("bob@example.org", NOTICE))
        object_to(cat, NOTICE)
    backup = vault.make()
    with db.transaction():
        switch_off(ann, NOTICE, hashed=address_hash("ann@example.org", NOTICE))
        switch_on(bob, NOTICE, address="bob@example.org")
    lose_the_database()

    vault.bring_back(backup)

    with db.transaction(reading=True):
        assert [objected(one, NOTICE) for one in (ann, bob, cat)] == [True, False, True]
        assert [suppressed(f"{name}@example.org", NOTICE) for name in ("ann", "bob")] == [True, False]


@pytest.mark.policy("DEC-11", "RIG-7")
def test_an_address_corrected_since_the_backup_is_not_used_again(people: People, vault: Vault) -> None:
    for name in ("ann", "bob"):
        people.account(f"{name}@example.org")
    ann, bob = (number_of(people, f"{name}@example.org") for name in ("ann", "bob"))
    backup = vault.make()
    member = people.sign_in("ann@example.org")
    member.post("/api/v1/me/email", json={"email": "anna@example.org"})
    code = people._outbox.code("confirm_new_address")
    assert member.post("/api/v1/me/email/confirmation", json={"code": code}).status_code == 200

    vault.bring_back(backup)

    with db.transaction(reading=True):
        assert (restricted(ann), restricted(bob)) == (True, False)
        assert not may(ann, "provide_service")
    assert ("anna@example.org",) not in rows("SELECT address FROM accounts")
