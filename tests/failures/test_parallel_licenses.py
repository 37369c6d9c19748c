"""Licences when everybody acts at once: one holder at most, no answer of trouble, and what the rows say is whole."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from suite.kernel import access, db, versions
from suite.kernel.errors import Refusal
from suite.kernel.http import App
from suite.licenses import desk
from suite.licenses.desk import Target
from suite.licenses.models import Activation, License, LicenseHolding
from suite.privacy.erasure import erase
from tests.failures.crowd import at_once
from tests.licenses.making import issued
from tests.licenses.using import Product
from tests.people import People

OWN = "/api/v1/me/licenses"


def by_staff(act: Callable[[versions.State], Any], key: UUID) -> str:
    """Do something as the internal tools do, having just seen the licence; give how it ended."""
    access.begin(access.SYSTEM, None)
    try:
        with db.transaction(reading=True):
            seen = versions.State.of(desk.one(key))
        with db.transaction():
            act(seen)
    except Refusal as refusal:
        return refusal.code
    return "done"


def in_use(key: UUID) -> tuple[License, list[LicenseHolding], list[Activation]]:
    with db.transaction(reading=True) as session:
        live = select(LicenseHolding).where(LicenseHolding.license_id == key, LicenseHolding.ended_at.is_(None))
        used = select(Activation).where(Activation.license_id == key, Activation.released_at.is_(None))
        return session.get_one(License, key), [*session.scalars(live)], [*session.scalars(used)]


def test_adding_activating_giving_and_removing_at_once_leave_one_holder_and_whole_devices(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    people_of = [UUID(one.get("/api/v1/me").json["id"]) for one in (ann, bob)]
    key, code = issued(seats=5)
    laptop = Product(people.stranger, code)

    def act(which: int) -> object:
        member, target = (ann, bob)[which % 2], Target("my-account", people_of[which % 2])
        match which % 6:
            case 0 | 1:
                return member.post(OWN, json={"service": "my-account", "code": code}).status_code
            case 2:
                return laptop.on(f"device-{which}").activate(device_name="laptop").status_code
            case 3:
                return by_staff(lambda seen: desk.transfer(key, seen, target), key)
            case 4:
                return member.delete(f"{OWN}/{key}").status_code
            case _:
                return member.post(f"{OWN}/{key}/devices", json={"device": f"mine-{which}"}).status_code

    answers = at_once(60, act)

    assert set(answers) <= {200, 201, 204, 404, 409, 422, "done", "changed_meanwhile"}, answers
    _, held, used = in_use(key)
    assert len(held) <= 1
    owner = {(one.id, one.person_id) for one in held} or {(None, None)}
    assert {(one.holding_id, one.person_id) for one in used} <= owner
    assert len({one.seat for one in used}) == len(used) <= 5


def test_of_voiding_extending_and_using_at_once_the_void_stands(people: People) -> None:
    ann = people.member()
    key, code = issued(seats=40)
    assert ann.post(OWN, json={"service": "my-account", "code": code}).status_code == 201
    laptop = Product(people.stranger, code)

    def act(which: int) -> object:
        match which % 4:
            case 0:
                return by_staff(lambda seen: desk.void(key, seen, "misused"), key)
            case 1:
                return by_staff(lambda seen: desk.extend(key, seen, None), key)
            case 2:
                return laptop.on(f"device-{which}").activate().status_code
            case _:
                return ann.put(f"{OWN}/{key}/renewal", json={"renews": True}).status_code

    answers = at_once(60, act)

    assert answers.count("done") >= 1
    assert set(answers) <= {200, 201, 409, "done", "changed_meanwhile", "license_void"}, answers
    if by_staff(lambda seen: desk.void(key, seen, "misused"), key) == "done":
        return
    found, held, _ = in_use(key)
    assert found.voided_at is not None
    assert found.expires_at == held[0].expires_at == found.voided_at
    assert laptop.on("device-2").validate() == (False, "void")


def test_a_licence_is_given_activated_and_removed_while_its_holder_is_erased(app: App, people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    gone, bob_id = (UUID(one.get("/api/v1/me").json["id"]) for one in (ann, bob))
    key, code = issued(seats=40)
    assert ann.post(OWN, json={"service": "my-account", "code": code}).status_code == 201
    laptop = Product(people.stranger, code)

    def act(which: int) -> object:
        match which % 5:
            case 0 if not which:
                access.begin(access.SYSTEM, None)
                with db.transaction():
                    erase([gone])
                return "erased"
            case 0 | 1:
                return laptop.on(f"device-{which}").activate(device_name="laptop").status_code
            case 2:
                return bob.post(OWN, json={"service": "my-account", "code": code}).status_code
            case 3:
                return by_staff(lambda seen: desk.transfer(key, seen, Target("my-account", gone)), key)
            case _:
                return ann.delete(f"{OWN}/{key}").status_code

    answers = at_once(40, act)

    assert "erased" in answers
    done = {201, 204, 401, 404, 409, 422, "erased", "done", "changed_meanwhile", "holder_unknown", "data_restricted"}
    assert set(answers) <= done, answers
    with db.transaction(reading=True) as session:
        for table in (LicenseHolding, Activation):
            assert session.scalar(select(func.count()).select_from(table).where(table.person_id == gone)) == 0
    _, held, used = in_use(key)
    assert {one.person_id for one in held} <= {bob_id}
    assert {one.person_id for one in used} <= {bob_id, None}
    assert {one.device_name for one in used if one.person_id is None} <= {None}
