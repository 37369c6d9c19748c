"""Registering for Company Account: what it takes, and which company is meant."""

from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Membership
from suite.companies.models import Company, CompanyMember
from suite.declarations import Period
from suite.kernel import clock, db
from suite.licenses import Holder, hold
from suite.licenses.models import LicenseHolding
from suite.privacy import sweep
from tests.companies.making import BOSS, COMPANY, SERVICE, asking, employee, founded, member_of
from tests.licenses.making import issued
from tests.people import Outbox, People, new_license_code, profile_of

ENTRY, MEMBERSHIP, OWN = "/api/v1/company/entry", "/api/v1/company/membership", "/api/v1/company"


def count(table: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.policy("COM-12")
@pytest.mark.parametrize(
    "missing",
    [
        pytest.param("first_name", marks=pytest.mark.policy("COM-3")),
        pytest.param("last_name", marks=pytest.mark.policy("COM-4")),
        pytest.param("company", marks=pytest.mark.policy("COM-5")),
        pytest.param("country", marks=pytest.mark.policy("COM-6")),
        pytest.param("license", marks=pytest.mark.policy("COM-7")),
    ],
)
def test_a_registration_that_lacks_something_is_refused(people: People, missing: str) -> None:
    profile = {name: value for name, value in profile_of(SERVICE).items() if name != missing}

    answer = people.register(BOSS, SERVICE, profile=profile)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [f"/profile/{missing}"]


@pytest.mark.policy("COM-12")
def test_whatever_is_lacking_is_said_in_one_answer_and_counts_no_try(people: People) -> None:
    profile = {"first_name": "Ann", "license": "ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2"}

    registered = people.register(BOSS, SERVICE, profile=profile)
    joined = people.member().post("/api/v1/me/services", json={"service": SERVICE, "profile": {"country": "DE"}})

    assert registered.status_code == joined.status_code == 422
    assert {error["pointer"] for error in registered.json["errors"]} == {
        f"/profile/{name}" for name in ("last_name", "country", "company")
    }
    assert {error["pointer"] for error in joined.json["errors"]} == {
        f"/profile/{name}" for name in ("first_name", "last_name", "company", "license")
    }


@pytest.mark.policy("COM-1", "COM-2", "COM-12")
@pytest.mark.parametrize("missing", ["email", "password"])
def test_a_registration_without_address_or_password_is_refused(people: People, missing: str) -> None:
    body = {"service": SERVICE, "email": BOSS, "password": "four tall green bottles", "profile": profile_of(SERVICE)}

    answer = people.stranger.post(
        "/api/v1/registrations", json={name: value for name, value in body.items() if name != missing}
    )

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, f"/{missing}")


@pytest.mark.policy("COM-7", "COM-12")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("ABCDE-FGHJK-LMNPQ-RSTUV-WXYZ2", "license_code_mistyped"),
        ("no licence at all", "license_code_mistyped"),
        ("A" * 43, "license_not_accepted"),
    ],
)
def test_what_is_no_licence_registers_nobody(people: People, given: str, code: str) -> None:
    answer = people.register(BOSS, SERVICE, profile=profile_of(SERVICE) | {"license": given})

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_licence_of_another_service_or_of_a_person_is_refused_as_a_wrong_code(people: People) -> None:
    license_id, mine = issued("endpoint-security", "business-year")
    people.member("ann@example.org", "business-hub")
    with db.transaction() as session:
        (theirs,) = session.scalars(select(Membership)).all()
        hold(license_id, Holder("business-hub", theirs.account_id, theirs.id), source="code")

    other = people.register(BOSS, SERVICE, profile=profile_of(SERVICE) | {"license": issued()[1]})
    taken = people.register(BOSS, SERVICE, profile=profile_of(SERVICE) | {"license": mine})

    assert {(answer.status_code, answer.json["code"]) for answer in (other, taken)} == {(422, "license_not_accepted")}


@pytest.mark.policy("COM-11", "COM-15", "COM-18", "COM-31")
def test_the_first_employee_founds_the_company_and_is_its_administrator(people: People) -> None:
    at = founded(people)

    shown = at.boss.get(OWN)

    assert (shown.status_code, shown.json["name"], shown.json["country"]) == (200, COMPANY, "DE")
    assert (shown.json["role"], shown.json["members"], shown.json["requests_shared"]) == ("administrator", 1, False)
    with db.transaction(reading=True) as session:
        (holding,) = session.scalars(select(LicenseHolding)).all()
    assert (holding.company_id, holding.person_id, holding.service) == (at.company_id, None, SERVICE)


@pytest.mark.policy("COM-11", "COM-15")
def test_a_second_employee_with_the_licence_gets_no_second_company(people: People) -> None:
    at = founded(people)

    second = asking(people, at, company="Quite Another Name")

    assert count(Company) == 1
    assert member_of(second).company_id == at.company_id
    assert second.get(MEMBERSHIP).json["state"] == "waiting"


def test_an_equal_name_leads_nowhere(people: People) -> None:
    at = founded(people, company="Acme Ltd")

    twin = founded(people, "twin@example.com", company="Acme Ltd")

    assert twin.company_id != at.company_id
    assert twin.boss.get("/api/v1/company/members").json["members"][0]["email"] == "twin@example.com"


def test_founding_and_asking_are_answered_alike_until_the_address_is_proven(people: People, outbox: Outbox) -> None:
    at = founded(people)

    answers = [
        people.register(f"emma{which}@acme.example", SERVICE, profile=profile_of(SERVICE) | {"license": code})
        for which, code in enumerate((at.license, new_license_code()))
    ]

    assert {answer.status_code for answer in answers} == {202}
    assert len({tuple(sorted(answer.json)) for answer in answers}) == 1
    assert {message.letter for message in outbox.sent} == {"confirm_address"}


@pytest.mark.policy("COM-10", "COM-11", "COM-31")
def test_the_owner_of_an_account_founds_a_company_by_joining_the_service(people: People) -> None:
    ann = people.member("ann@example.org", "my-account")

    joined = ann.post("/api/v1/me/services", json={"service": SERVICE, "profile": profile_of(SERVICE)})

    assert joined.status_code == 201, joined.json
    assert "license" not in joined.json["profile"]
    assert ann.get(OWN).json["role"] == "administrator"


@pytest.mark.policy("COM-10")
def test_without_a_personal_account_there_is_no_company(people: People) -> None:
    answers = [people.stranger.get(path) for path in (OWN, MEMBERSHIP)]
    answers.append(people.stranger.post(ENTRY, json={"license": new_license_code(), "company": COMPANY}))

    assert [answer.status_code for answer in answers] == [401] * 3


def test_whoever_left_a_company_founds_another_with_another_licence(people: People) -> None:
    at = founded(people)
    emma = employee(people, at)
    emma.delete(MEMBERSHIP)

    entered = emma.post(ENTRY, json={"license": new_license_code(), "company": "Emma & Co"})

    assert entered.status_code == 204, entered.json
    assert emma.get(OWN).json["name"] == "Emma & Co"
    again = emma.post(ENTRY, json={"license": at.license, "company": "Emma & Co"})
    assert (again.status_code, again.json["code"]) == (409, "already_in_company")


def test_who_is_no_member_of_the_service_enters_no_company(people: People) -> None:
    answer = people.member().post(ENTRY, json={"license": new_license_code(), "company": COMPANY})

    assert (answer.status_code, answer.json["code"]) == (409, "company_account_needed")


def test_a_licence_of_a_company_that_ended_founds_a_new_one_that_knows_nothing_of_it(people: People) -> None:
    at = founded(people)
    at.boss.delete(MEMBERSHIP)

    late = asking(people, at, "late@example.org", company="Late Ltd")

    shown = late.get(OWN).json
    assert (shown["role"], shown["members"], shown["name"]) == ("administrator", 1, "Late Ltd")
    assert shown["id"] != str(at.company_id)


def test_a_company_without_members_is_deleted_a_month_after_its_end(people: People) -> None:
    at = founded(people)

    with clock.at(clock.now()):
        at.boss.delete(MEMBERSHIP)
        ended = clock.now()
    with clock.at(Period(months=1).after(ended)):
        sweep()

    assert (count(Company), count(CompanyMember)) == (0, 0)
    assert people.sign_in(BOSS).get("/api/v1/me").status_code == 200
