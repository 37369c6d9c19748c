"""Licences of a company: everybody inside sees and adds them, an Administrator removes them, nobody else is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.kernel import clock, db
from suite.kernel.db import Base
from suite.kernel.ids import new_id
from suite.licenses import codes
from suite.licenses.models import LicenseHolding
from tests import canaries
from tests.companies.contracting import refused
from tests.companies.making import asking, employee, founded
from tests.failures.crowd import at_once
from tests.licenses.making import issued, several
from tests.licenses.test_files import key_file, opened
from tests.people import Outbox, People, SignedIn

LICENSES = "/api/v1/company/licenses"
PRODUCT = ("endpoint-security", "business-year")


def add(member: SignedIn, code: str) -> Any:
    return member.post(LICENSES, json={"code": code})


def added(member: SignedIn, *product: str) -> str:
    answer = add(member, issued(*(product or PRODUCT))[1])
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def listed(member: SignedIn) -> list[str]:
    return [one["id"] for one in member.get(LICENSES).json["licenses"]]


@pytest.mark.policy("COM-29", "COM-30")
def test_anybody_inside_adds_a_licence_by_its_code_and_sees_it(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    _, code = issued("mail-gateway", "business-year")

    done = add(emma, code.lower().replace("-", " "))

    assert done.status_code == 201, done.json
    assert (done.json["product"], done.json["title"], done.json["state"]) == ("mail-gateway", "Mail Gateway", "valid")
    assert done.json["code_ends"] == code.replace("-", "")[-codes.TAIL :]
    assert acme.boss.get(LICENSES).json["licenses"][0] == done.json


@pytest.mark.policy("COM-31", "COM-30")
def test_the_licence_given_at_registration_is_on_the_list(people: People) -> None:
    acme = founded(people)

    (one,) = acme.boss.get(LICENSES).json["licenses"]

    assert acme.license.replace("-", "").endswith(one["code_ends"])


@pytest.mark.policy("COM-34")
def test_every_employee_sees_the_list_and_no_outsider_does(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    emma = employee(people, acme)
    license_id = added(acme.boss)

    assert listed(emma) == listed(acme.boss)
    assert license_id not in listed(other.boss)
    for outsider in (asking(people, acme, "new@acme.example"), people.member("ann@example.org")):
        assert refused(outsider.get(LICENSES)) == (404, "not_found")
        assert refused(add(outsider, issued(*PRODUCT)[1])) == (404, "not_found")
        assert refused(outsider.delete(f"{LICENSES}/{license_id}")) == (404, "not_found")


@pytest.mark.policy("COM-35")
def test_an_administrator_removes_a_licence_and_an_employee_does_not(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    emma, license_id = employee(people, acme), added(acme.boss)

    assert refused(emma.delete(f"{LICENSES}/{license_id}")) == (403, "not_administrator")
    assert refused(other.boss.delete(f"{LICENSES}/{license_id}")) == (404, "not_found")
    assert refused(acme.boss.delete(f"{LICENSES}/{new_id()}")) == (404, "not_found")
    assert acme.boss.delete(f"{LICENSES}/{license_id}").status_code == 204
    assert refused(acme.boss.delete(f"{LICENSES}/{license_id}")) == (404, "not_found")
    assert license_id not in listed(emma)


@pytest.mark.policy("COM-33")
def test_only_a_record_about_the_licence_is_stored(people: People) -> None:
    boss = founded(people).boss
    code = issued(*PRODUCT)[1]

    add(boss, code)

    with db.transaction(reading=True) as session:
        held = session.scalars(select(LicenseHolding).order_by(LicenseHolding.id.desc())).first()
        everything = " ".join(
            str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table)).all()
        )
    assert held is not None
    assert (held.person_id, held.membership_id, held.source) == (None, None, "code")
    assert code not in everything
    assert code.replace("-", "") not in everything


@pytest.mark.policy("COM-29", "COM-32", "COM-33")
def test_a_key_file_is_added_too_and_no_byte_of_it_is_kept(people: People, outbox: Outbox) -> None:
    boss = founded(people).boss
    license_id, _, file = key_file(product=PRODUCT[0], policy=PRODUCT[1])

    done = add(boss, file)
    outbox.deliver()

    assert (done.status_code, done.json["id"]) == (201, str(license_id))
    envelope, _ = opened(file)
    pieces = [*file.split("\n")[1:-2], envelope["sig"][:40], envelope["sig"][40:]]
    assert canaries.found(pieces, canaries.everywhere("")) == []


def test_the_same_licence_again_is_the_same_entry(people: People) -> None:
    boss = founded(people).boss
    code = issued(*PRODUCT)[1]

    first, again = add(boss, code), add(boss, code)

    assert (again.status_code, again.json["id"]) == (201, first.json["id"])


def test_of_many_companies_that_add_one_code_one_gets_it(people: People) -> None:
    bosses = [founded(people, f"boss{number}@acme{number}.example").boss for number in range(6)]
    code = issued(*PRODUCT)[1]

    answers = at_once(18, lambda number: (number % 6, add(bosses[number % 6], code).status_code))

    assert {status for _, status in answers} == {201, 422}
    assert len({boss for boss, status in answers if status == 201}) == 1


def test_what_belongs_to_somebody_else_is_refused_like_what_does_not_exist(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    theirs, wrong_product = issued(*PRODUCT)[1], issued()[1]
    add(other.boss, theirs)

    answers = [add(acme.boss, code) for code in (theirs, wrong_product, codes.written(codes.new_code()))]

    assert [refused(one) for one in answers] == [(422, "license_not_accepted")] * 3
    assert len({one.json["title"] for one in answers}) == 1


def test_wrong_codes_count_and_mistyped_and_right_ones_do_not(people: People) -> None:
    boss = founded(people).boss
    right = [code for _, code in several(3, *PRODUCT)]
    for code in right:
        assert add(boss, code).status_code == 201
    for _ in range(12):
        assert refused(add(boss, "AAAA")) == (422, "license_code_mistyped")

    answers = [refused(add(boss, codes.written(codes.new_code())))[1] for _ in range(11)]

    assert answers == ["license_not_accepted"] * 10 + ["too_many_license_codes"]


def test_a_blocked_company_shows_and_takes_nothing(people: People) -> None:
    acme = founded(people)
    emma, license_id = employee(people, acme), added(acme.boss)
    assert acme.boss.put("/api/v1/company/block").status_code in {200, 204}

    for member in (acme.boss, emma):
        assert refused(member.get(LICENSES)) == (403, "company_blocked")
        assert refused(add(member, issued(*PRODUCT)[1])) == (403, "company_blocked")
        assert refused(member.delete(f"{LICENSES}/{license_id}")) == (403, "company_blocked")


def test_the_list_has_pages_and_shows_every_state(people: People) -> None:
    acme = founded(people)
    now = clock.now()
    made = several(1, *PRODUCT, begins_at=now - timedelta(days=400), expires_at=now + timedelta(minutes=1))
    assert add(acme.boss, made[0][1]).status_code == 201

    states = []
    for days in (0, 1, 20):
        with clock.at(now + timedelta(days=days)):
            boss = people.sign_in("boss@acme.example")
            page = boss.get(LICENSES, query_string={"limit": 1}).json
            states.append(page["licenses"][0]["state"])
            rest = boss.get(LICENSES, query_string={"limit": 1, "cursor": page["next_cursor"]}).json

    assert states == ["valid", "grace", "expired"]
    assert (len(rest["licenses"]), rest["next_cursor"]) == (1, None)


@pytest.mark.parametrize("given", [{}, {"code": ""}, {"code": "X", "seats": 99}, {"code": "X", "company_id": "x"}])
def test_a_body_with_anything_else_is_refused(people: People, given: dict[str, str]) -> None:
    assert founded(people).boss.post(LICENSES, json=given).json["code"] == "invalid_input"


@pytest.mark.policy("COM-29")
def test_nobody_keeps_a_licence_of_company_account_to_themselves(people: People) -> None:
    acme = founded(people)
    code = issued("mail-gateway", "business-year")[1]

    own = acme.boss.post("/api/v1/me/licenses", json={"service": "company-account", "code": code})
    shared = acme.boss.post("/api/v1/company/licenses", json={"code": code})

    assert (own.status_code, own.json["code"]) == (422, "license_of_company")
    assert shared.status_code == 201
