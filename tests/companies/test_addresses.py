"""Additional e-mail addresses: used for nothing before a mailed code has proven them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.companies.models import MemberAddress
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from tests.accounts.recovering import wrong_for
from tests.companies.contracting import record, refused, sales, told
from tests.companies.making import employee, founded, member_of
from tests.failures.crowd import at_once
from tests.people import Outbox, People, SignedIn
from tests.rights.asking import REQUESTS

ADDRESSES = "/api/v1/company/addresses"
OTHER = "emma@home.example"


def add(member: SignedIn, email: str = OTHER) -> str:
    answer = member.post(ADDRESSES, json={"email": email})
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def confirm(member: SignedIn, address: str, code: str) -> Any:
    return member.post(f"{ADDRESSES}/{address}/confirmation", json={"code": code})


def verified(member: SignedIn, outbox: Outbox, email: str = OTHER) -> str:
    address = add(member, email)
    assert confirm(member, address, outbox.code("verify_additional_address")).status_code == 200
    return address


@pytest.mark.policy("COM-9")
def test_an_address_is_added_listed_verified_and_removed(people: People, outbox: Outbox) -> None:
    boss = founded(people).boss

    address = add(boss)
    before = boss.get(ADDRESSES).json["addresses"]
    done = confirm(boss, address, outbox.code("verify_additional_address"))

    assert outbox.last("verify_additional_address").recipient == OTHER
    assert [(one["email"], one["verified_at"]) for one in before] == [(OTHER, None)]
    assert done.json["verified_at"] is not None
    assert boss.delete(f"{ADDRESSES}/{address}").status_code == 204
    assert boss.get(ADDRESSES).json["addresses"] == []


@pytest.mark.policy("COM-9", "COM-38")
def test_notices_go_to_an_address_once_it_is_verified_and_never_before(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    verified(acme.boss, outbox)
    add(acme.boss, "unproven@home.example")
    record(sales(people), acme, acme.boss, days=10)

    assert told(outbox) == ["boss@acme.example", OTHER]
    with clock.at(clock.now() + timedelta(days=4)):
        boss = people.sign_in("boss@acme.example")
        boss.delete(f"{ADDRESSES}/{boss.get(ADDRESSES).json['addresses'][0]['id']}")
        assert told(outbox) == ["boss@acme.example", "boss@acme.example", OTHER]


def test_a_notice_that_waits_does_not_leave_for_an_address_that_was_removed(people: People, outbox: Outbox) -> None:
    from suite import reminders

    acme = founded(people)
    address = verified(acme.boss, outbox)
    record(sales(people), acme, acme.boss, days=10)
    outbox.deliver()
    reminders.run()

    acme.boss.delete(f"{ADDRESSES}/{address}")

    assert [one.recipient for one in outbox.sent if one.letter == "contract_ending"] == ["boss@acme.example"]


def test_a_wrong_code_counts_and_the_sixth_try_is_not_judged(people: People, outbox: Outbox) -> None:
    boss = founded(people).boss
    address = add(boss)
    right = outbox.code("verify_additional_address")

    wrong = [confirm(boss, address, wrong_for(right)) for _ in range(5)]

    assert [(refused(one), one.json["left"]) for one in wrong] == [
        ((422, "address_code_wrong"), left) for left in (4, 3, 2, 1, 0)
    ]
    assert refused(confirm(boss, address, right)) == (409, "address_code_used_up")


def test_another_code_makes_the_first_worthless(people: People, outbox: Outbox) -> None:
    boss = founded(people).boss
    address = add(boss)
    first = outbox.code("verify_additional_address")

    assert boss.post(f"{ADDRESSES}/{address}/code").status_code == 202
    second = outbox.code("verify_additional_address")

    if first != second:
        assert refused(confirm(boss, address, first)) == (422, "address_code_wrong")
    assert confirm(boss, address, second).status_code == 200
    assert refused(confirm(boss, address, second)) == (409, "address_verified")
    assert refused(boss.post(f"{ADDRESSES}/{address}/code")) == (409, "address_verified")


@pytest.mark.parametrize(("late", "answer"), [(timedelta(minutes=30), 409), (timedelta(minutes=29, seconds=59), 200)])
def test_a_code_works_for_thirty_minutes(people: People, outbox: Outbox, late: timedelta, answer: int) -> None:
    now = clock.now()
    with clock.at(now):
        boss = founded(people).boss
        address = add(boss)
        code = outbox.code("verify_additional_address")

    with clock.at(now + late):
        assert confirm(boss, address, code).status_code == answer


def test_many_at_once_add_at_most_ten(people: People) -> None:
    boss = founded(people).boss
    for number in range(4):
        add(boss, f"box{number}@home.example")

    answers = at_once(12, lambda number: boss.post(ADDRESSES, json={"email": f"more{number}@home.example"}).status_code)

    assert sorted(answers) == [201] * 6 + [409] * 6
    assert len(boss.get(ADDRESSES).json["addresses"]) == 10


def test_one_address_is_added_once_by_one_and_may_be_by_another(people: People) -> None:
    acme = founded(people)
    add(acme.boss)

    assert refused(acme.boss.post(ADDRESSES, json={"email": "Emma@HOME.example"})) == (409, "address_there_already")
    assert refused(acme.boss.post(ADDRESSES, json={"email": "boss@acme.example"})) == (409, "address_there_already")
    add(employee(people, acme))


def test_nobody_elses_address_exists(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    address = add(acme.boss)
    code = outbox.code("verify_additional_address")
    emma, ann = employee(people, acme), people.member("ann@example.org")

    for member in (emma, ann):
        for number in (address, new_id()):
            assert refused(confirm(member, str(number), code)) == (404, "not_found")
            assert refused(member.delete(f"{ADDRESSES}/{number}")) == (404, "not_found")
            assert refused(member.post(f"{ADDRESSES}/{number}/code")) == (404, "not_found")
    assert refused(ann.get(ADDRESSES)) == refused(ann.post(ADDRESSES, json={"email": OTHER})) == (404, "not_found")


def test_codes_to_one_address_are_limited_whoever_asks(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    members = [acme.boss, employee(people, acme), employee(people, acme, "otto@acme.example")]
    where = [f"{ADDRESSES}/{add(member)}/code" for member in members]

    answers = [member.post(path).status_code for _ in range(3) for member, path in zip(members, where, strict=True)]

    assert answers == [202] * 5 + [429] * 4


def test_data_that_may_only_be_stored_are_not_added_to(people: People) -> None:
    boss = founded(people).boss
    address = add(boss)
    boss.post(REQUESTS, json={"kind": "restriction", "reason": "accuracy"})

    assert refused(boss.post(ADDRESSES, json={"email": "x@home.example"})) == (409, "data_restricted")
    assert refused(boss.post(f"{ADDRESSES}/{address}/code")) == (409, "data_restricted")


def test_addresses_go_with_the_membership_of_the_company(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    add(emma)

    assert acme.boss.delete(f"/api/v1/company/members/{member_of(emma).id}").status_code == 204

    with db.transaction(reading=True) as session:
        assert session.scalars(select(MemberAddress)).all() == []


@pytest.mark.parametrize("given", [{"email": "x"}, {}, {"email": OTHER, "verified_at": "2026-11-24T00:00:00Z"}])
def test_a_body_that_is_no_address_is_refused(people: People, given: dict[str, str]) -> None:
    assert refused(founded(people).boss.post(ADDRESSES, json=given)) == (422, "invalid_input")
