"""Domains of a company: verified by a code to who runs them, compared as a whole."""

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from suite.kernel import clock
from tests.companies.making import Founded, asking, founded
from tests.people import Outbox, People

DOMAINS = "/api/v1/company/domains"


def add(at: Founded, domain: str = "acme.example", mailbox: str = "postmaster") -> TestResponse:
    return at.boss.post(DOMAINS, json={"domain": domain, "mailbox": mailbox})


def verify(at: Founded, outbox: Outbox, domain: str = "acme.example") -> TestResponse:
    """Add a domain and confirm it with the mailed code."""
    added = add(at, domain)
    assert added.status_code == 201, added.json
    code = outbox.code("company_domain_code")
    return at.boss.post(f"{DOMAINS}/{added.json['id']}/confirmation", json={"code": code})


def state_of(people: People, at: Founded, email: str) -> str:
    return str(asking(people, at, email).get("/api/v1/company/membership").json["state"])


def test_a_verified_domain_lets_in_who_has_a_proven_address_and_the_licence(people: People, outbox: Outbox) -> None:
    at = founded(people)

    verified = verify(at, outbox)

    assert (verified.status_code, verified.json["verified_at"] is not None) == (200, True)
    assert outbox.last("company_domain_code").recipient == "postmaster@acme.example"
    assert state_of(people, at, "emma@ACME.example") == "inside"


def test_a_domain_that_is_not_verified_lets_nobody_in(people: People, outbox: Outbox) -> None:
    at = founded(people)
    add(at)

    assert state_of(people, at, "emma@acme.example") == "waiting"


@pytest.mark.parametrize(
    "address", ["emma@mail.acme.example", "emma@notacme.example", "emma@acme.example.org", "emma@xn--acm-dma.example"]
)
def test_only_the_very_domain_lets_in(people: People, outbox: Outbox, address: str) -> None:
    at = founded(people)
    verify(at, outbox)

    assert state_of(people, at, address) == "waiting"


def test_an_international_domain_is_compared_in_its_a_labels(people: People, outbox: Outbox) -> None:
    at = founded(people)

    verified = verify(at, outbox, "Bücher.example")

    assert verified.json["domain"] == "xn--bcher-kva.example"
    assert state_of(people, at, "emma@xn--bcher-kva.EXAMPLE") == "inside"


def test_a_licence_is_needed_all_the_same(people: People, outbox: Outbox) -> None:
    at = founded(people)
    verify(at, outbox)

    other = founded(people, "emma@acme.example", company="Emma alone")

    assert other.company_id != at.company_id


@pytest.mark.parametrize("domain", ["gmail.com", "GMX.de", "mail.ru"])
def test_a_domain_of_everybody_is_refused(people: People, domain: str) -> None:
    answer = add(founded(people), domain)

    assert (answer.status_code, answer.json["code"]) == (422, "domain_not_usable")


@pytest.mark.parametrize("domain", ["acme", "boss@acme.example", "acme..example", "", "a" * 300 + ".example"])
def test_what_is_no_domain_is_refused(people: People, domain: str) -> None:
    answer = add(founded(people), domain)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_the_code_goes_to_no_mailbox_of_a_colleague(people: People) -> None:
    answer = add(founded(people), mailbox="boss")

    assert answer.status_code == 422


def test_five_wrong_codes_end_a_code(people: People, outbox: Outbox) -> None:
    at = founded(people)
    path = f"{DOMAINS}/{add(at).json['id']}/confirmation"
    right = outbox.code("company_domain_code")
    wrong = f"{(int(right) + 1) % 10**6:06}"

    tries = [at.boss.post(path, json={"code": wrong}) for _ in range(5)]
    late = at.boss.post(path, json={"code": right})

    assert {(answer.status_code, answer.json["code"]) for answer in [*tries, late]} == {(422, "domain_code_wrong")}


def test_a_code_works_for_a_day(people: People, outbox: Outbox) -> None:
    at = founded(people)
    path = f"{DOMAINS}/{add(at).json['id']}/confirmation"
    code = outbox.code("company_domain_code")

    with clock.at(clock.now() + timedelta(hours=24)):
        late = people.sign_in("boss@acme.example").post(path, json={"code": code})

    assert late.json["code"] == "domain_code_wrong"


def test_a_domain_belongs_to_one_company(people: People, outbox: Outbox) -> None:
    at, other = founded(people), founded(people, "other@example.com", company="Other Ltd")
    verify(at, outbox)

    second = verify(other, outbox)

    assert (second.status_code, second.json["code"]) == (409, "domain_taken")
    assert other.boss.get(DOMAINS).json["domains"][0]["verified_at"] is None


def test_a_removed_domain_lets_nobody_in_any_more(people: People, outbox: Outbox) -> None:
    at = founded(people)
    domain = verify(at, outbox).json["id"]

    removed = at.boss.delete(f"{DOMAINS}/{domain}")

    assert (removed.status_code, at.boss.get(DOMAINS).json["domains"]) == (204, [])
    assert state_of(people, at, "emma@acme.example") == "waiting"


def test_a_domain_gets_five_codes_a_day(people: People) -> None:
    at = founded(people)

    answers = [add(at) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [201] * 5 + [429]
    assert answers[-1].json["code"] == "domain_mail_too_soon"


def test_a_company_has_twenty_domains_at_most(people: People) -> None:
    at = founded(people)

    answers = [add(at, f"acme{which}.example") for which in range(21)]

    assert [answer.status_code for answer in answers[19:]] == [201, 409]
    assert answers[-1].json["code"] == "too_many_domains"
