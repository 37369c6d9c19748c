"""Whoever has a licence connects it to the device it is used on, sees where it is in use, and lets a device go."""

from uuid import UUID

import pytest
from sqlalchemy import delete

from suite.accounts.models import Account
from suite.kernel import db
from suite.kernel.ids import new_id
from suite.licenses import let_go
from suite.privacy import restrict
from suite.privacy.models import Person
from tests.licenses.making import issued
from tests.licenses.using import Product, activations, holder, refused
from tests.people import People


@pytest.mark.policy("MYK-46")
def test_a_person_connects_a_licence_to_a_device_and_the_product_on_it_is_licensed(people: People) -> None:
    license_id, code = issued()
    ann = holder(people, license_id)
    path = f"/api/v1/me/licenses/{license_id}/devices"

    connected = ann.post(path, json={"device": "laptop", "device_name": "Ann's laptop"})
    again = ann.post(path, json={"device": "laptop"})
    laptop = Product(people.stranger, code, "laptop")

    assert (connected.status_code, again.json["id"]) == (201, connected.json["id"])
    assert laptop.validate() == (True, "valid")
    assert laptop.validate(license=None, activation=connected.json["id"]) == (True, "valid")
    (shown,) = ann.get(path).json["devices"]
    assert (shown["id"], shown["name"], shown["seat"]) == (connected.json["id"], "Ann's laptop", 1)
    assert refused(ann.post(path, json={"device": "phone"})) == (409, "no_seat")


@pytest.mark.policy("MYK-46")
def test_a_person_lets_a_lost_device_go_without_asking_anybody(people: People) -> None:
    license_id, code = issued()
    ann = holder(people, license_id)
    path = f"/api/v1/me/licenses/{license_id}/devices"
    Product(people.stranger, code, "lost").activate(device_name="The lost one")
    (lost,) = ann.get(path).json["devices"]

    released = [ann.delete(f"{path}/{lost['id']}").status_code for _ in range(2)]
    shown = ann.get(path).json["devices"]

    assert released == [204, 204]
    assert [(one["name"], one["released_by"]) for one in shown] == [("The lost one", "owner")]
    assert Product(people.stranger, code, "new").activate().status_code == 201


def test_devices_connected_before_a_licence_was_added_are_those_of_its_holder_then(people: People) -> None:
    license_id, code = issued()
    Product(people.stranger, code).activate(device_name="not kept")

    ann = holder(people, license_id)
    (shown,) = ann.get(f"/api/v1/me/licenses/{license_id}/devices").json["devices"]

    assert shown["name"] is None
    assert str(activations(license_id)[0].person_id) == ann.person_id


def test_the_next_holder_sees_nothing_of_the_devices_of_the_one_before(people: People) -> None:
    license_id, code = issued()
    ann = holder(people, license_id)
    Product(people.stranger, code).activate(device_name="Ann's")
    with db.transaction():
        let_go(license_id, why="removed")
    bob = holder(people, license_id, "bob@example.org")
    path = f"/api/v1/me/licenses/{license_id}/devices"

    assert bob.get(path).json["devices"] == []
    assert ann.get(path).status_code == 404
    assert bob.delete(f"{path}/{activations(license_id)[0].id}").status_code == 404
    assert Product(people.stranger, code, "Bob's").activate().status_code == 201


def test_a_licence_of_somebody_else_is_answered_like_one_that_does_not_exist(people: People) -> None:
    license_id, _ = issued()
    holder(people, license_id)
    bob = people.member("bob@example.org")
    headers = {"X-Request-ID": "same"}

    for method, body in (("GET", {}), ("POST", {"json": {"device": "laptop"}})):
        answers = [
            bob.request(method, f"/api/v1/me/licenses/{one}/devices", headers=headers, **body)
            for one in (license_id, new_id())
        ]
        assert {(answer.status_code, answer.data) for answer in answers} == {(404, answers[0].data)}
    assert activations(license_id) == []


def test_an_erased_holder_takes_the_devices_along_and_the_seats_are_free(people: People) -> None:
    license_id, code = issued()
    ann = holder(people, license_id)
    Product(people.stranger, code).activate()
    with db.transaction() as session:
        session.execute(delete(Person).where(Person.id.in_(session.query(Account.id))))

    assert ann.get("/api/v1/me").status_code == 401
    assert activations(license_id) == []
    assert Product(people.stranger, code, "another").activate().status_code == 201


def test_restricted_data_are_not_changed_by_their_owner_and_no_name_of_a_device_is_added(people: People) -> None:
    license_id, code = issued("total-protection", seats=2)
    ann = holder(people, license_id)
    path = f"/api/v1/me/licenses/{license_id}/devices"
    Product(people.stranger, code).activate(device_name="before")
    with db.transaction():
        restrict(UUID(ann.person_id), "accuracy")

    assert refused(ann.post(path, json={"device": "phone"})) == (409, "data_restricted")
    assert refused(ann.delete(f"{path}/{activations(license_id)[0].id}")) == (409, "data_restricted")
    assert Product(people.stranger, code, "phone").activate(device_name="after").status_code == 201
    assert [row.device_name for row in activations(license_id)] == ["before", None]


def test_what_happens_to_devices_is_shown_to_whoever_holds_the_licence(people: People) -> None:
    license_id, code = issued()
    ann = holder(people, license_id)
    laptop = Product(people.stranger, code)
    laptop.activate()
    laptop.release()

    acts = [one["action"] for one in ann.get("/api/v1/me/events").json["events"]]

    assert acts[:2] == ["license.released", "license.activated"]
