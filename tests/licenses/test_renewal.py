"""A person chooses automatic renewal of a licence; whoever sells it hears of it (MYK-48)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from suite import privacy
from suite.kernel import clock, db
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.staff import Role
from tests import callers
from tests.exports.test_exports import document_of, fetched
from tests.failures.crowd import at_once
from tests.licenses.making import issued, several
from tests.licenses.test_desk import account_of, act
from tests.licenses.test_own import LICENSES, added
from tests.licenses.test_telling import told
from tests.people import Outbox, People, SignedIn


def choose(member: SignedIn, license_id: str, *, renews: object = True) -> Any:
    return member.put(f"{LICENSES}/{license_id}/renewal", json={"renews": renews})


@pytest.mark.policy("MYK-48")
def test_renewal_is_off_until_it_is_chosen_and_can_be_taken_back(people: People) -> None:
    member = people.member()
    mine = added(member, issued()[1])

    chosen = choose(member, mine["id"])
    seen = member.get(f"{LICENSES}/{mine['id']}").json["renews"]
    back = choose(member, mine["id"], renews=False)

    assert (mine["renews"], chosen.json["renews"], seen, back.json["renews"]) == (False, True, True, False)


def test_whoever_sells_it_is_told_once_of_each_choice(app: App, people: People) -> None:
    shop = {"url": "https://example.org/hooks", "events": ["license.renewal_wanted", "license.renewal_unwanted"]}
    assert callers.staff(app, Permission.MANAGE_WEBHOOKS).post("/api/v1/staff/webhooks", json=shop).status_code == 201
    member = people.member()
    mine = added(member, issued()[1])

    for renews in (True, True, False, False):
        assert choose(member, mine["id"], renews=renews).status_code == 200

    assert [event for event, _ in told()] == ["license.renewal_wanted", "license.renewal_unwanted"]


@pytest.mark.parametrize(("product", "policy"), [("password-vault", "perpetual"), ("total-protection", "trial-month")])
def test_a_trial_and_a_licence_without_an_end_are_not_renewed(people: People, product: str, policy: str) -> None:
    member = people.member()
    mine = added(member, issued(product, policy)[1])

    answer = choose(member, mine["id"])

    assert (answer.status_code, answer.json["code"]) == (409, "license_not_renewable")
    assert choose(member, mine["id"], renews=False).status_code == 200


def test_a_licence_that_is_over_can_still_be_renewed(people: People) -> None:
    mine = added(people.member(), issued()[1])

    with clock.at(clock.now() + timedelta(days=400)):
        assert choose(people.sign_in(), mine["id"]).json["renews"] is True


@pytest.mark.parametrize("renews", ["yes", 1, None, [], {}])
def test_only_yes_and_no_are_choices(people: People, renews: object) -> None:
    member = people.member()
    mine = added(member, issued()[1])

    assert choose(member, mine["id"], renews=renews).status_code == 422


def test_the_licence_of_somebody_else_is_not_found(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    mine = added(ann, issued()[1])

    answer = choose(bob, mine["id"])

    assert answer.status_code == 404


def test_whoever_adds_a_licence_anew_has_not_chosen_its_renewal(people: People) -> None:
    code = issued()[1]
    ann, bob = people.member(), people.member("bob@example.org")
    mine = added(ann, code)
    choose(ann, mine["id"])
    ann.delete(f"{LICENSES}/{mine['id']}")

    assert added(bob, code)["renews"] is False


def test_whoever_gets_a_licence_from_staff_has_not_chosen_its_renewal(people: People) -> None:
    ann, bob, ada = people.member(), people.member("bob@example.org"), people.staff(Role.LICENSE_MANAGER)
    mine = added(ann, issued()[1])
    choose(ann, mine["id"])

    act(ada, mine["id"], "transfer", to="account", service="my-account", id=account_of(bob))

    assert bob.get(f"{LICENSES}/{mine['id']}").json["renews"] is False
    assert choose(ann, mine["id"], renews=False).status_code == 404


def test_while_data_may_only_be_stored_nothing_is_chosen(people: People) -> None:
    ann = people.member()
    mine = added(ann, issued()[1])
    choose(ann, mine["id"])
    me = UUID(account_of(ann))
    with db.transaction():
        privacy.restrict(me, "accuracy")

    answers = [choose(ann, mine["id"], renews=renews) for renews in (True, False)]

    assert [one.json["code"] for one in answers] == ["data_restricted"] * 2
    assert ann.get(f"{LICENSES}/{mine['id']}").json["renews"] is True


def test_the_copy_of_the_data_says_what_was_chosen(people: People, outbox: Outbox) -> None:
    ann = people.member()
    chosen, other = (added(ann, code) for _, code in several(2))
    choose(ann, chosen["id"])

    records = [one for group in document_of(fetched(ann, outbox))["groups"] for one in group["records"]]
    (held,) = [one for one in records if one["table"] == "license_holdings"]
    renews = {row["data"]["number"][-5:]: row["about"]["renews"] for row in held["rows"]}
    assert renews == {chosen["code_ends"]: True, other["code_ends"]: False}


def test_of_many_choices_at_once_each_that_changes_something_is_told_once(app: App, people: People) -> None:
    shop = {"url": "https://example.org/hooks", "events": ["license.renewal_wanted", "license.renewal_unwanted"]}
    callers.staff(app, Permission.MANAGE_WEBHOOKS).post("/api/v1/staff/webhooks", json=shop)
    member = people.member()
    mine = added(member, issued()[1])

    answers = at_once(50, lambda which: choose(member, mine["id"], renews=which % 2 == 0))

    assert {one.status_code for one in answers} == {200}
    heard = [event for event, _ in told()]
    wanted = ["license.renewal_wanted", "license.renewal_unwanted"] * 25
    assert heard == wanted[: len(heard)]
    assert member.get(f"{LICENSES}/{mine['id']}").json["renews"] is (len(heard) % 2 == 1)
