"""Asking to join: what the Administrators are told, and that nothing of the company is shown before they say yes."""

import re

import pytest

from tests.companies.making import BOSS, SERVICE, asking, employee, founded, member_of
from tests.people import Outbox, People, SignedIn, profile_of

REQUESTS, MEMBERSHIP = "/api/v1/company/requests", "/api/v1/company/membership"
EMMA = "emma@acme.example"


@pytest.mark.policy("COM-16", "COM-17")
def test_the_administrator_is_told_names_and_address_and_nothing_else_and_nobody_else_is(
    people: People, outbox: Outbox
) -> None:
    at = founded(people)
    employee(people, at, "bob@acme.example", first_name="Bob", last_name="Gray")
    founded(people, "other@example.com", company="Other Ltd")
    outbox.empty()

    asking(people, at, EMMA, first_name="Emmeline", last_name="Quixley", country="FR", company="Secret Name GmbH")

    telling = [message for message in outbox.sent if message.letter != "confirm_address"]
    assert [(message.letter, message.recipient) for message in telling] == [("company_join_asked", BOSS)]
    (message,) = telling
    for text in (message.text, re.sub(r"<style.*?</style>|<[^>]+>", " ", message.html, flags=re.DOTALL)):
        body = text.split("asks to join it:")[1].split("Let them in")[0]
        assert body.split() == ["Emmeline", "Quixley", EMMA]
    whole = f"{message.subject}{message.text}{message.html}"
    assert not any(word in whole for word in ("FR", "Secret Name", at.license, at.license[-5:]))
    naming = [one.letter for one in outbox.sent if "Emmeline" in one.text + one.html + one.subject]
    assert naming == ["company_join_asked"]


def test_the_ledger_of_the_newcomer_says_what_the_mail_told_and_that_of_the_administrator_does_not(
    people: People, outbox: Outbox
) -> None:
    at = founded(people)
    emma = asking(people, at, EMMA)
    outbox.deliver()

    def of(somebody: SignedIn) -> list[list[str]]:
        found = somebody.get("/api/v1/me/disclosures").json["disclosures"]
        return [one["categories"] for one in found if one["purpose"] == "service_notifications"]

    assert of(emma) == [["user.contact.email", "user.name.first", "user.name.last"]]
    assert of(at.boss) == [["user.contact.email", "user.content.private"]]


def test_every_administrator_is_told_and_no_employee(people: People, outbox: Outbox) -> None:
    at = founded(people)
    second = employee(people, at, "second@acme.example")
    promoted = f"/api/v1/company/members/{member_of(second).id}"
    tag = at.boss.get(promoted).headers["ETag"]
    at.boss.patch(promoted, json={"role": "administrator"}, headers={"If-Match": tag})
    employee(people, at, "bob@acme.example")
    outbox.empty()

    asking(people, at, EMMA)

    told = {message.recipient for message in outbox.sent if message.letter == "company_join_asked"}
    assert told == {BOSS, "second@acme.example"}


@pytest.mark.policy("COM-28")
def test_whoever_only_asked_sees_nothing_of_the_company(people: People) -> None:
    at = founded(people, company="Acme Ltd")
    emma = asking(people, at)

    answers = [emma.get(f"/api/v1/company{path}") for path in ("", "/members", "/requests", "/invitations", "/domains")]
    answers += [emma.put("/api/v1/company/block"), emma.patch("/api/v1/company", json={})]

    assert {answer.status_code for answer in answers[:-1]} == {404}
    standing = emma.get(MEMBERSHIP)
    assert (standing.json["state"], standing.json["role"]) == ("waiting", None)
    assert not any("Acme" in answer.text for answer in [*answers, standing])


@pytest.mark.policy("COM-15")
def test_an_administrator_lets_somebody_in_who_is_told(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = asking(people, at)
    (request,) = at.boss.get(REQUESTS).json["requests"]

    accepted = at.boss.post(f"{REQUESTS}/{request['id']}/acceptance")

    assert (accepted.status_code, accepted.json["role"]) == (200, "employee")
    assert emma.get("/api/v1/company").json["role"] == "employee"
    assert outbox.last("company_accepted").recipient == EMMA
    assert at.boss.post(f"{REQUESTS}/{request['id']}/acceptance").status_code == 404


def test_a_request_shows_names_and_address_and_nothing_else(people: People) -> None:
    at = founded(people)
    asking(people, at)

    (request,) = at.boss.get(REQUESTS).json["requests"]

    assert set(request) == {"id", "first_name", "last_name", "email", "asked_at"}


def test_whoever_is_refused_is_told_and_may_ask_three_times_a_week(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = asking(people, at)
    again = {"license": at.license, "company": "Acme"}

    answers = []
    for _ in range(3):
        (request,) = at.boss.get(REQUESTS).json["requests"]
        assert at.boss.delete(f"{REQUESTS}/{request['id']}").status_code == 204
        answers.append(emma.post("/api/v1/company/entry", json=again))

    assert [answer.status_code for answer in answers] == [204, 204, 429]
    assert answers[-1].json["code"] == "asked_too_often"
    assert int(answers[-1].headers["Retry-After"]) > 24 * 3600
    assert outbox.last("company_declined").recipient == EMMA
    assert emma.get(MEMBERSHIP).json["state"] == "none"


def test_asking_can_be_taken_back(people: People) -> None:
    at = founded(people)
    emma = asking(people, at)

    taken_back = emma.delete(MEMBERSHIP)

    assert taken_back.status_code == 204
    assert at.boss.get(REQUESTS).json["requests"] == []
    assert emma.delete(MEMBERSHIP).status_code == 404


def test_no_letter_tells_of_somebody_who_took_it_back_before(people: People, outbox: Outbox) -> None:
    at = founded(people)
    bob = employee(people, at, "bob@acme.example")
    bob.delete(MEMBERSHIP)
    outbox.empty()
    bob.post("/api/v1/company/entry", json={"license": at.license, "company": "Acme"})
    bob.delete(MEMBERSHIP)

    assert [message.letter for message in outbox.sent] == []


def test_whoever_joins_as_an_existing_account_asks_alike(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = people.member(EMMA, "my-account")

    joined = emma.post(
        "/api/v1/me/services", json={"service": SERVICE, "profile": profile_of(SERVICE) | {"license": at.license}}
    )

    assert joined.status_code == 201
    assert emma.get(MEMBERSHIP).json["state"] == "waiting"
    assert outbox.last("company_join_asked").recipient == BOSS
