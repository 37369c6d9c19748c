"""What parts above accounts keep of a registration: sealed until the address is proven, then taken once or not at all."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from suite import privacy
from suite.accounts import Newcomer, joints
from suite.accounts.models import Account, Membership, Registration
from suite.declarations import Field, Part, Service
from suite.declarations.fields import COMPANY, LICENSE
from suite.kernel import access, clock, db, sealed, system
from suite.kernel.errors import Refusal
from suite.kernel.secrets import Keyring
from suite.privacy import Person
from tests.conftest import KEY
from tests.failures.crowd import at_once
from tests.people import PASSWORD, Outbox, People, SignedIn

GIVEN = {"first_name": "Ann", "last_name": "Lee", "country": "DE", "company": "Lee Ltd", "license": "ABCDE"}
SECRET = "CANARY-LICENCE"
FRESH = "fresh:" + "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="


class NotTaken(Refusal):
    status, code, title = 422, "not_taken", "Not taken."


class NotTakenAndKept(NotTaken):
    code, keeps_work = "not_taken_and_kept", True


class Shelf:
    """Keeps what a company would, and refuses on demand."""

    fields: tuple[Field, ...] = (COMPANY, LICENSE)
    refuses: ClassVar[tuple[type[Refusal], ...]] = (NotTaken,)

    def __init__(self) -> None:
        self.taken: list[tuple[str, dict[str, str]]] = []
        self.refusal: type[Refusal] | None = None
        self.kept = {"license": SECRET, "company": "Lee Ltd"}

    def check(self, service: Service, given: Mapping[str, str], network: str) -> dict[str, str]:
        return dict(self.kept)

    def take(self, newcomer: Newcomer, kept: Mapping[str, str]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append((newcomer.email, dict(kept)))


@pytest.fixture
def shelf(app: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    """Open the service of companies, with a part above that keeps its fields."""
    made, before = Shelf(), privacy.declared()
    monkeypatch.setattr(joints, "_keepers", [made])
    privacy.declare(dataclasses.replace(before, parts=before.parts | {Part.COMPANIES, Part.LICENSES}))
    yield made
    privacy.declare(before)


def register(people: People, email: str = "ann@example.org") -> str:
    answer = people.register(email, "company-account", profile=GIVEN)
    assert answer.status_code == 202, answer.json
    return str(answer.json["id"])


def confirm(people: People, registration: str, code: str) -> TestResponse:
    return people.stranger.post(f"/api/v1/registrations/{registration}/confirmation", json={"code": code})


def by_link(people: People, token: str) -> TestResponse:
    return people.stranger.post("/api/v1/registrations/confirmation", json={"token": token, "password": PASSWORD})


def there() -> tuple[int, int, int]:
    """Count registrations, accounts and memberships."""
    with db.transaction(reading=True) as session:
        registrations, accounts = session.query(Registration).count(), session.query(Account).count()
        return registrations, accounts, session.query(Membership).count()


def kept() -> bytes:
    with db.transaction(reading=True) as session:
        return session.query(Registration).one().kept or b""


WAYS: dict[str, Callable[[People, Outbox, str], TestResponse]] = {
    "by code": lambda people, outbox, registration: confirm(people, registration, outbox.code()),
    "by link": lambda people, outbox, _registration: by_link(people, outbox.link_token()),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_kept_is_taken_when_the_address_is_proven(
    people: People, outbox: Outbox, shelf: Shelf, way: str
) -> None:
    registration = register(people)
    assert (SECRET.encode() in kept(), shelf.taken) == (False, [])

    answer = WAYS[way](people, outbox, registration)

    assert answer.status_code == 201, answer.json
    assert shelf.taken == [("ann@example.org", shelf.kept)]
    assert there() == (0, 1, 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("refusal", [NotTaken, NotTakenAndKept])
def test_a_refusal_at_the_proof_leaves_no_half_account_and_the_registration_usable(
    people: People, outbox: Outbox, shelf: Shelf, way: str, refusal: type[Refusal]
) -> None:
    registration = register(people)
    shelf.refusal = refusal

    refused = WAYS[way](people, outbox, registration)

    assert (refused.status_code, refused.json["code"]) == (422, refusal.code)
    assert there() == (1, 0, 0)
    shelf.refusal = None
    assert WAYS[way](people, outbox, registration).status_code == 201
    assert (there(), len(shelf.taken)) == ((0, 1, 1), 1)


@pytest.mark.parametrize("refusal", [NotTaken, NotTakenAndKept])
def test_a_refusal_at_joining_later_leaves_the_person_outside(
    people: People, outbox: Outbox, shelf: Shelf, refusal: type[Refusal]
) -> None:
    member: SignedIn = people.member()
    shelf.refusal = refusal
    body = {"service": "company-account", "profile": GIVEN}

    refused = member.post("/api/v1/me/services", json=body)

    assert (refused.status_code, refused.json["code"]) == (422, refusal.code)
    assert there() == (0, 1, 1)
    shelf.refusal = None
    assert member.post("/api/v1/me/services", json=body).status_code == 201


def test_a_proof_that_comes_twice_is_taken_once(people: People, outbox: Outbox, shelf: Shelf) -> None:
    registration = register(people)
    code, token = outbox.code(), outbox.link_token()
    assert confirm(people, registration, code).status_code == 201

    again = [confirm(people, registration, code), by_link(people, token)]

    assert [answer.json["code"] for answer in again] == ["registration_gone"] * 2
    assert len(shelf.taken) == 1


def test_proofs_at_once_are_taken_once(people: People, outbox: Outbox, shelf: Shelf) -> None:
    registration = register(people)
    code, token = outbox.code(), outbox.link_token()

    answers = at_once(4, lambda which: by_link(people, token) if which % 2 else confirm(people, registration, code))

    assert [answer.status_code for answer in answers].count(201) == 1
    assert all(answer.status_code < 500 for answer in answers)
    assert (there(), len(shelf.taken)) == ((0, 1, 1), 1)


def test_what_is_kept_moves_to_the_newest_key_and_is_taken_under_it(
    people: People, outbox: Outbox, shelf: Shelf
) -> None:
    registration = register(people)
    code, running = outbox.code(), system.current()

    system.use(dataclasses.replace(running, keys=Keyring(f"{FRESH},{KEY}")))
    moved = {one.place.name: (one.moved, one.lost) for one in sealed.rotate()}
    assert moved["registrations.kept"] == (1, 0)
    assert Keyring.key_id(kept()) == "fresh"
    answer = confirm(people, registration, code)
    system.use(running)

    assert answer.status_code == 201
    assert shelf.taken[0][1] == shelf.kept


def test_what_is_kept_of_one_registration_opens_in_no_other(people: People, outbox: Outbox, shelf: Shelf) -> None:
    ann = register(people)
    bob = register(people, "bob@example.org")
    code = outbox.code()
    with db.transaction() as session:
        stolen = session.query(Registration).filter_by(id=UUID(ann)).one().kept
        session.query(Registration).filter_by(id=UUID(bob)).update({"kept": stolen})

    assert confirm(people, bob, code).status_code == 500
    assert (there(), shelf.taken) == ((2, 0, 0), [])


def test_what_was_kept_goes_with_a_registration_nobody_confirms(people: People, shelf: Shelf) -> None:
    register(people)

    access.begin(access.SYSTEM, None)
    with clock.at(clock.now() + timedelta(hours=24, seconds=1)):
        privacy.sweep()

    with db.transaction(reading=True) as session:
        assert (session.query(Registration).count(), session.query(Person).count()) == (0, 0)


@pytest.mark.parametrize("missing", ["company", "license"])
def test_a_field_that_is_needed_is_asked_of_everybody(people: People, shelf: Shelf, missing: str) -> None:
    given = {name: value for name, value in GIVEN.items() if name != missing}

    answer = people.register(service="company-account", profile=given)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert [one["pointer"] for one in answer.json["errors"]] == [f"/profile/{missing}"]


def test_a_field_of_a_part_above_is_refused_by_services_that_do_not_ask_for_it(people: People, shelf: Shelf) -> None:
    answer = people.register(profile={"license": "ABCDE"})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert there() == (0, 0, 0)


def test_a_part_that_keeps_what_would_be_lost_is_found_out(people: People, shelf: Shelf) -> None:
    shelf.kept = {"license_id": SECRET}

    assert people.register(service="company-account", profile=GIVEN).status_code == 500
    assert there() == (0, 0, 0)


def test_what_is_kept_stands_in_no_message_job_or_audit_entry(people: People, outbox: Outbox, shelf: Shelf) -> None:
    confirm(people, register(people), outbox.code())

    with db.transaction(reading=True) as session:
        rows = [
            json.dumps([str(value) for value in row])
            for table in db.Base.metadata.sorted_tables
            for row in session.execute(table.select())
        ]
    assert rows
    assert not [row for row in rows if SECRET in row]
