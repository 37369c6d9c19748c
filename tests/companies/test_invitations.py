"""Invitations: opaque, hashed, 48 hours, once, and for one address."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.companies.models import CompanyInvitation
from suite.kernel import clock, db
from suite.kernel.db import Base
from suite.privacy import sweep
from suite.privacy.models import Person
from tests.companies.making import BOSS, SERVICE, Founded, asking, employee, founded, role_of
from tests.people import Outbox, People, SignedIn, profile_of

INVITATIONS = "/api/v1/company/invitations"
ACCEPTANCE = f"{INVITATIONS}/acceptance"
EMMA = "emma@acme.example"


def invite(at: Founded, outbox: Outbox, email: str = EMMA, **more: str) -> str:
    """Invite somebody; give the token that came by mail."""
    sent = at.boss.post(INVITATIONS, json={"email": email} | more)
    assert sent.status_code == 201, sent.json
    return next(line.strip() for line in outbox.last("company_invitation").text.splitlines() if line.startswith("    "))


def test_whoever_registers_with_an_invitation_is_let_in_at_once(people: People, outbox: Outbox) -> None:
    at = founded(people)
    token = invite(at, outbox)

    emma = people.member(EMMA, SERVICE, profile=profile_of(SERVICE) | {"license": token})

    assert role_of(emma) == "employee"
    told = outbox.last("company_joined")
    assert (told.recipient, EMMA in told.text) == (BOSS, True)
    assert at.boss.get(INVITATIONS).json["invitations"] == []


def test_whoever_joins_the_service_with_an_invitation_is_let_in(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = people.member(EMMA)
    profile = profile_of(SERVICE) | {"license": invite(at, outbox)}

    joined = emma.post("/api/v1/me/services", json={"service": SERVICE, "profile": profile})

    assert (joined.status_code, role_of(emma)) == (201, "employee")


def test_a_member_of_the_service_accepts_an_invitation(people: People, outbox: Outbox) -> None:
    at, other = founded(people), founded(people, EMMA, company="Other Ltd")
    other.boss.delete("/api/v1/company/membership")

    accepted = other.boss.post(ACCEPTANCE, json={"token": invite(at, outbox)})

    assert accepted.status_code == 204, accepted.json
    assert other.boss.get("/api/v1/company").json["id"] == str(at.company_id)


def test_an_invitation_lets_in_who_asked_already(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = asking(people, at, EMMA)

    accepted = emma.post(ACCEPTANCE, json={"token": invite(at, outbox)})

    assert (accepted.status_code, role_of(emma)) == (204, "employee")


def test_an_invitation_for_the_proven_address_lets_in_who_gives_the_licence(people: People, outbox: Outbox) -> None:
    at = founded(people)
    invite(at, outbox)

    emma = asking(people, at, EMMA)

    assert role_of(emma) == "employee"
    assert at.boss.get(INVITATIONS).json["invitations"] == []


def test_an_invitation_for_another_address_opens_nothing_and_is_not_spent(people: People, outbox: Outbox) -> None:
    at = founded(people)
    token = invite(at, outbox)
    mallory = asking(people, at, "mallory@example.org")

    refused = mallory.post(ACCEPTANCE, json={"token": token})
    started = people.register("eve@example.org", SERVICE, profile=profile_of(SERVICE) | {"license": token})
    path = f"/api/v1/registrations/{started.json['id']}/confirmation"
    confirmed = people.stranger.post(path, json={"code": outbox.code()})

    assert [answer.json["code"] for answer in (refused, confirmed)] == ["invitation_unusable"] * 2
    assert mallory.get("/api/v1/company/membership").json["state"] == "waiting"
    assert len(at.boss.get(INVITATIONS).json["invitations"]) == 1


def test_an_invitation_works_once_and_for_48_hours(people: People, outbox: Outbox) -> None:
    at = founded(people)
    token = invite(at, outbox)
    emma = asking(people, at, "emma2@acme.example")
    with clock.at(clock.now() + timedelta(hours=48)):
        late = people.register(EMMA, SERVICE, profile=profile_of(SERVICE) | {"license": token})
    with clock.at(clock.now() + timedelta(hours=47, minutes=59)):
        in_time = people.member(EMMA, SERVICE, profile=profile_of(SERVICE) | {"license": token})

    again = emma.post(ACCEPTANCE, json={"token": token})

    assert (late.status_code, late.json["code"]) == (422, "license_not_accepted")
    assert role_of(in_time) == "employee"
    assert (again.status_code, again.json["code"]) == (404, "invitation_unusable")


def test_only_the_hash_of_a_token_is_stored(people: People, outbox: Outbox) -> None:
    at = founded(people)
    token = invite(at, outbox)

    outbox.empty()

    with db.transaction(reading=True) as session:
        for table in Base.metadata.sorted_tables:
            assert token not in str(session.execute(select(table)).all()), table.name


def test_a_new_invitation_ends_the_older_one_and_three_a_day_reach_a_mailbox(people: People, outbox: Outbox) -> None:
    at = founded(people)
    first, second = invite(at, outbox), invite(at, outbox, "Emma@Acme.Example")
    third = at.boss.post(INVITATIONS, json={"email": "emma+work@acme.example"})
    fourth = at.boss.post(INVITATIONS, json={"email": EMMA})

    assert (third.status_code, fourth.status_code, fourth.json["code"]) == (201, 429, "too_many_invitations")
    tried = [
        people.register(EMMA, SERVICE, profile=profile_of(SERVICE) | {"license": token}) for token in (first, second)
    ]
    assert [answer.status_code for answer in tried] == [422, 202]


def test_a_withdrawn_invitation_opens_nothing_and_nothing_stays_of_it(people: People, outbox: Outbox) -> None:
    at = founded(people)
    token = invite(at, outbox)
    (shown,) = at.boss.get(INVITATIONS).json["invitations"]

    gone = at.boss.delete(f"{INVITATIONS}/{shown['id']}")

    assert gone.status_code == 204
    assert people.register(EMMA, SERVICE, profile=profile_of(SERVICE) | {"license": token}).status_code == 422
    assert _left(shown["id"]) == []
    assert at.boss.delete(f"{INVITATIONS}/{shown['id']}").status_code == 404


def test_an_invitation_nobody_accepted_goes_with_its_person(people: People, outbox: Outbox) -> None:
    at = founded(people)
    invite(at, outbox)
    (shown,) = at.boss.get(INVITATIONS).json["invitations"]

    with clock.at(clock.now() + timedelta(hours=48, seconds=1)):
        listed = people.sign_in(BOSS).get(INVITATIONS)
        sweep()

    assert listed.json["invitations"] == []
    assert _left(shown["id"]) == []


def _left(person: str) -> list[Any]:
    with db.transaction(reading=True) as session:
        people = session.scalars(select(Person.id)).all()
        invitations = session.scalars(select(CompanyInvitation.id)).all()
    return [row for row in (*people, *invitations) if str(row) == person]


def test_the_invitation_is_written_in_the_language_that_was_chosen(people: People, outbox: Outbox) -> None:
    at = founded(people)

    invite(at, outbox, language="de")

    assert outbox.last("company_invitation").subject.startswith("Acme Ltd lädt Sie")


def test_a_colleague_is_not_invited(people: People, outbox: Outbox) -> None:
    at = founded(people)
    employee(people, at, EMMA)

    answer = at.boss.post(INVITATIONS, json={"email": EMMA})

    assert (answer.status_code, answer.json["code"]) == (409, "already_colleague")


@pytest.mark.parametrize("unfit", ["not a member", "in another company"])
def test_who_cannot_accept_an_invitation_is_told_why(people: People, outbox: Outbox, unfit: str) -> None:
    at = founded(people)
    emma: SignedIn = people.member(EMMA) if unfit == "not a member" else founded(people, EMMA).boss

    answer = emma.post(ACCEPTANCE, json={"token": invite(at, outbox)})

    expected = "company_account_needed" if unfit == "not a member" else "already_in_company"
    assert (answer.status_code, answer.json["code"]) == (409, expected)
    assert len(at.boss.get(INVITATIONS).json["invitations"]) == 1


def test_nobody_is_let_into_a_blocked_company(people: People, outbox: Outbox) -> None:
    at = founded(people)
    token = invite(at, outbox)
    at.boss.put("/api/v1/company/block")
    emma = founded(people, EMMA).boss
    emma.delete("/api/v1/company/membership")

    answers = [
        emma.post(ACCEPTANCE, json={"token": token}),
        emma.post("/api/v1/company/entry", json={"license": at.license, "company": "Acme"}),
    ]

    assert [answer.status_code for answer in answers] == [404, 204]
    assert emma.get("/api/v1/company/membership").json["state"] == "waiting"
