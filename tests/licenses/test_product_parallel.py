"""Many events at once: each counts once, the newest wins, and nobody is there twice."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from suite.accounts.models import Account
from suite.kernel import clock, db
from suite.kernel.http import App
from suite.licenses.models import LicenseRight, ProductEvent
from tests.failures.crowd import at_once
from tests.licenses.saying import connect, held_by
from tests.people import People

MANY = 50


@pytest.fixture
def ann(people: People) -> str:
    return str(people.account(service="business-hub")["id"])


def rows(license_id: UUID) -> list[list[str]]:
    with db.transaction(reading=True) as session:
        return [row.rights for row in session.query(LicenseRight).filter_by(license_id=license_id)]


def test_of_many_events_about_one_account_the_newest_counts(app: App, ann: str) -> None:
    product, license_id, now = connect(app), held_by(ann), clock.now()

    def say(which: int) -> int:
        rights = ["manage"] if which == MANY - 1 else ["use"]
        at = now - timedelta(milliseconds=MANY - which)
        return product.say("rights.changed", license=license_id, account=ann, rights=rights, at=at).status_code

    assert at_once(MANY, say) == [204] * MANY
    assert rows(license_id) == [["manage"]]


def test_one_event_that_comes_many_times_at_once_is_one_event(app: App, ann: str) -> None:
    product, license_id = connect(app), held_by(ann)

    def say(_which: int) -> int:
        given = {"license": license_id, "account": ann, "rights": ["use"]}
        return product.say("rights.changed", name="msg_1", **given).status_code

    assert at_once(MANY, say) == [204] * MANY
    assert rows(license_id) == [["use"]]
    with db.transaction(reading=True) as session:
        assert session.query(ProductEvent).count() == 1


def test_whole_states_single_changes_and_ends_at_once_leave_what_was_said_last(app: App, people: People) -> None:
    accounts = [str(people.account(f"p{one}@example.org", "business-hub")["id"]) for one in range(4)]
    product, license_id, now = connect(app), held_by(accounts[0]), clock.now()
    everybody = [{"account": one, "rights": ["use"]} for one in reversed(accounts)]
    kinds: list[Callable[[], dict[str, object]]] = [
        lambda: {"kind": "rights.replaced", "people": everybody},
        lambda: {"kind": "rights.replaced", "people": everybody[:2]},
        lambda: {"kind": "rights.changed", "account": accounts[2], "rights": ["manage"]},
        lambda: {"kind": "instance.ended"},
    ]

    def say(which: int) -> int:
        said = kinds[which % len(kinds)]() if which < MANY - 1 else kinds[0]()
        at = now - timedelta(milliseconds=MANY - which)
        return product.say(str(said.pop("kind")), license=license_id, at=at, **said).status_code

    assert at_once(MANY, say) == [204] * MANY
    assert rows(license_id) == [["use"]] * 4


def test_an_account_that_is_erased_meanwhile_is_passed_over(app: App, people: People) -> None:
    accounts = [str(people.account(f"p{one}@example.org", "business-hub")["id"]) for one in range(8)]
    product, license_id = connect(app), held_by(accounts[0])
    everybody = [{"account": one, "rights": ["use"]} for one in accounts]

    def act(which: int) -> int:
        if which % 2:
            return product.say("rights.replaced", license=license_id, people=everybody).status_code
        if which < len(accounts) and which:
            with db.transaction() as session:
                session.query(Account).filter_by(id=UUID(accounts[which])).delete()
        return 204

    assert at_once(16, act) == [204] * 16
    with db.transaction(reading=True) as session:
        there = {row.id for row in session.query(Account)}
        assert {row.person_id for row in session.query(LicenseRight)} == there
    assert len(there) == 5
