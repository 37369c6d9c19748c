"""Connected systems at the exit gate: their country and safeguard, and what a person's choices hold back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from suite.kernel import db
from suite.privacy import release, restrict
from suite.privacy.ledger import Disclosure
from suite.webhooks.models import Endpoint
from tests.people import SignedIn
from tests.webhooks.conftest import ROUTE, Connected, count, deliver, only, somebody, tell
from tests.webhooks.receivers import Receiver

Connect = Callable[..., Connected]
SYSTEM = {"url": "https://billing.example.com/hooks", "events": ["service.joined"]}


@pytest.mark.policy("LOC-2", "LOC-5", "LOC-9", "REC-13")
@pytest.mark.parametrize(
    ("place", "pointer"),
    [
        ({"country": "BR"}, "/country"),
        ({"country": "CN"}, "/safeguard"),
        ({"country": "US", "safeguard": "processor_contract"}, "/safeguard"),
        ({"safeguard": "a handshake"}, "/safeguard"),
    ],
)
def test_a_system_without_a_listed_country_and_its_safeguard_is_not_connected(
    staff: SignedIn, place: dict[str, str], pointer: str
) -> None:
    refused = staff.post(ROUTE, json=SYSTEM | place)

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert count(Endpoint) == 0


def test_a_system_stands_where_it_says_or_where_the_declared_one_does(staff: SignedIn) -> None:
    ours = staff.post(ROUTE, json=SYSTEM).json["endpoint"]
    far = {"country": "CN", "safeguard": "standard_contractual_clauses"}

    theirs = staff.post(ROUTE, json=SYSTEM | far).json["endpoint"]

    assert (ours["country"], ours["safeguard"]) == ("DE", "processor_contract")
    assert (theirs["country"], theirs["safeguard"]) == ("CN", "standard_contractual_clauses")
    moved = staff.patch(f"{ROUTE}/{theirs['id']}", json={"safeguard": "processor_contract"})
    assert (moved.status_code, moved.json["errors"][0]["pointer"]) == (422, "/safeguard")
    home = staff.patch(f"{ROUTE}/{theirs['id']}", json={"country": "FR", "safeguard": "processor_contract"})
    assert home.json["country"] == "FR"


@pytest.mark.policy("LOC-5", "LOC-9", "REC-13", "REC-14")
def test_a_hand_over_without_a_recorded_safeguard_is_refused_when_it_would_leave(
    connect: Connect, receiver: Receiver
) -> None:
    connect(receiver.url)
    with db.transaction() as session:
        session.execute(update(Endpoint).values(country="CN"))

    tell()
    deliver()

    assert receiver.taken == []
    assert (only().state, only().problem, only().tries) == ("failed", "exit_safeguard_missing", 0)
    assert count(Disclosure) == 0


@pytest.mark.policy("RIG-9")
def test_nothing_about_a_restricted_person_leaves_but_that_something_ended(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made, person = connect(receiver.url), somebody()
    tell("service.joined", person=person)
    with db.transaction():
        restrict(person, "accuracy")

    deliver()

    assert receiver.taken == []
    assert (only().state, only().problem) == ("withheld", None)
    tell("service.left", person=person)
    deliver()
    assert [one.event["type"] for one in receiver.taken] == ["service.left"]

    with db.transaction():
        release(person)
    withheld = staff.get(f"{made.path}/deliveries?state=withheld").json["deliveries"][0]["id"]
    assert staff.post(f"{made.path}/deliveries/{withheld}/replay").status_code == 202
    deliver()
    assert [one.event["type"] for one in receiver.taken] == ["service.left", "service.joined"]


@pytest.mark.policy("REC-12", "PRI-3")
def test_the_ledger_says_that_a_connected_system_was_told_what_and_where(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    staff.patch(made.path, json={"country": "FR"})
    person = tell()
    deliver()

    with db.transaction(reading=True) as session:
        (row,) = session.scalars(select(Disclosure)).all()
    assert (row.person_id, row.recipient, row.country, row.purpose, row.categories, row.times) == (
        person,
        "connected_systems",
        "FR",
        "provide_service",
        "user.account user.unique_id",
        1,
    )


def test_a_test_and_a_farewell_are_about_nobody(staff: SignedIn, connect: Connect, receiver: Receiver) -> None:
    made = connect(receiver.url)
    staff.post(f"{made.path}/test")
    tell("account.closed", farewell=True)

    deliver()

    assert len(receiver.taken) == 2
    assert count(Disclosure) == 0
