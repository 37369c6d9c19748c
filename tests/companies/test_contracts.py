"""Contracts about paid support: recorded by staff, seen by the designated people alone, who are told before the end."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite import reminders
from suite.companies.models import Company, CompanyMember, Contract, ContractPerson
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.privacy import sweeps
from suite.reminders.models import Reminder
from suite.staff import Role
from tests.companies.contracting import EMMA, MINE, STAFF, body, count, numbers, record, refused, sales, told
from tests.companies.making import asking, employee, founded, member_of
from tests.failures.crowd import at_once
from tests.people import Outbox, People
from tests.rights.asking import REQUESTS


@pytest.mark.policy("COM-36")
def test_a_recorded_contract_is_listed(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    recorded = record(sales(people), acme, emma)

    (seen,) = emma.get(MINE).json["contracts"]
    assert seen == {name: recorded[name] for name in ("id", "number", "title", "begins_at", "ends_at")}


@pytest.mark.policy("COM-37")
def test_only_the_designated_people_see_it_the_administrator_does_not(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    emma, otto = employee(people, acme), employee(people, acme, "otto@acme.example")

    record(sales(people), acme, emma)

    assert (numbers(emma), numbers(otto), numbers(acme.boss), numbers(other.boss)) == (["S-2026-1041"], [], [], [])
    assert refused(people.member("ann@example.org").get(MINE)) == (404, "not_found")


def test_whoever_only_asks_to_join_sees_nothing(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    record(sales(people), acme, emma)

    assert refused(asking(people, acme, "new@acme.example").get(MINE)) == (404, "not_found")


def test_people_of_other_companies_cannot_be_designated(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    asks = asking(people, acme, "new@acme.example")
    staff, where = sales(people), f"{STAFF}/{acme.company_id}/contracts"

    for outsider in (other.boss, asks, new_id()):
        answer = staff.post(where, json=body(acme.boss, outsider))
        assert refused(answer) == (422, "not_in_this_company")
        assert [one["pointer"] for one in answer.json["errors"]] == ["/people/1"]
    assert count(Contract) == count(ContractPerson) == 0


@pytest.mark.parametrize("given", [{"days": -2}, {"days": -1}])
def test_a_contract_ends_after_it_begins(people: People, given: dict[str, int]) -> None:
    acme = founded(people)
    wanted = body(acme.boss, **given)
    wanted["ends_at"] = min(wanted["ends_at"], wanted["begins_at"])

    answer = sales(people).post(f"{STAFF}/{acme.company_id}/contracts", json=wanted)

    assert refused(answer) == (422, "contract_end_too_early")


@pytest.mark.parametrize(
    "wrong", [{"people": []}, {"number": ""}, {"seats": 5}, {"company_id": "x"}, {"people": ["x"]}]
)
def test_a_body_with_anything_else_is_refused(people: People, wrong: dict[str, Any]) -> None:
    acme = founded(people)

    answer = sales(people).post(f"{STAFF}/{acme.company_id}/contracts", json=body(acme.boss) | wrong)

    assert refused(answer) == (422, "invalid_input")


def test_of_many_who_record_one_number_one_succeeds_and_a_repeated_request_is_answered_again(people: People) -> None:
    acme = founded(people)
    staff, where, wanted = sales(people), f"{STAFF}/{acme.company_id}/contracts", body(acme.boss)

    answers = at_once(10, lambda _: staff.post(where, json=wanted).status_code)
    key = {"Idempotency-Key": "one"}
    again = [staff.post(where, json=wanted | {"number": "S-2"}, headers=key) for _ in range(2)]

    assert sorted(answers) == [201] + [409] * 9
    assert again[0].json == again[1].json
    assert count(Contract) == 2


def test_an_unknown_company_has_no_contracts(people: People) -> None:
    acme, staff = founded(people), sales(people)
    contract = record(staff, acme, acme.boss)["id"]
    other = founded(people, "boss@other.example", company="Other Ltd")

    for answer in (
        staff.get(f"{STAFF}/{new_id()}/contracts"),
        staff.post(f"{STAFF}/{new_id()}/contracts", json=body(acme.boss)),
        staff.get(f"{STAFF}/{other.company_id}/contracts/{contract}"),
    ):
        assert refused(answer) == (404, "not_found")


def test_staff_list_contracts_with_their_people_and_move_an_end_later(people: People) -> None:
    acme, staff = founded(people), sales(people)
    made = record(staff, acme, acme.boss, employee(people, acme))
    one = staff.get(f"{STAFF}/{acme.company_id}/contracts/{made['id']}")
    later, tag = (clock.now() + timedelta(days=700)).isoformat(), {"If-Match": one.headers["ETag"]}

    extended = staff.patch(f"{STAFF}/{acme.company_id}/contracts/{made['id']}", json={"ends_at": later}, headers=tag)
    again = staff.patch(f"{STAFF}/{acme.company_id}/contracts/{made['id']}", json={"ends_at": later}, headers=tag)
    earlier = {"ends_at": made["ends_at"]}
    tag = {"If-Match": extended.headers["ETag"]}
    back = staff.patch(f"{STAFF}/{acme.company_id}/contracts/{made['id']}", json=earlier, headers=tag)

    assert [one["people"] for one in staff.get(f"{STAFF}/{acme.company_id}/contracts").json["contracts"]] == [
        made["people"]
    ]
    assert extended.json["ends_at"][:16] == later[:16]
    assert refused(again) in {(412, "changed_meanwhile"), (422, "contract_end_too_early")}
    assert refused(back) == (422, "contract_end_too_early")


@pytest.mark.policy("COM-38")
def test_exactly_the_designated_people_are_told_before_it_ends_each_once(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma, otto = employee(people, acme), employee(people, acme, "otto@acme.example")
    employee(people, acme, "nina@acme.example")
    record(sales(people), acme, emma, otto, days=40)
    start = clock.now()

    heard = []
    for days in (0, 9, 10, 10, 26, 33, 39, 40):
        with clock.at(start + timedelta(days=days, minutes=1)):
            before = len(told(outbox))
            heard.append((days, before))

    assert [many for _, many in heard] == [0, 0, 2, 2, 4, 6, 8, 10]
    assert {one.recipient for one in outbox.sent if one.letter == "contract_ending"} == {EMMA, "otto@acme.example"}


@pytest.mark.policy("COM-38")
def test_the_notice_is_in_the_language_of_whoever_gets_it(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    tag = {"If-Match": emma.get("/api/v1/me/settings").headers["ETag"]}
    emma.patch("/api/v1/me/settings", json={"language": "de"}, headers=tag)
    record(sales(people), acme, emma, days=10)

    told(outbox)

    letter = outbox.last("contract_ending")
    assert letter.subject == "Der Vertrag S-2026-1041 endet in 10 Tagen"
    assert "Premium support" in letter.text


def test_an_extended_contract_is_not_said_to_end(people: People, outbox: Outbox) -> None:
    acme, staff = founded(people), sales(people)
    made = record(staff, acme, acme.boss, days=31)
    where = f"{STAFF}/{acme.company_id}/contracts/{made['id']}"
    reminders.run()
    with clock.at(clock.now() + timedelta(hours=20)):
        reminders.run()
    tag = {"If-Match": staff.get(where).headers["ETag"]}
    staff.patch(where, json={"ends_at": (clock.now() + timedelta(days=400)).isoformat()}, headers=tag)

    with clock.at(clock.now() + timedelta(days=2)):
        assert told(outbox) == []
    with db.transaction(reading=True) as session:
        assert set(session.scalars(select(Reminder.outcome))) <= {"renewed"}


@pytest.mark.policy("COM-52")
def test_a_notice_that_waits_to_leave_does_not_leave_for_a_closed_account(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    record(sales(people), acme, emma, days=10)
    outbox.deliver()
    reminders.run()

    assert emma.post("/api/v1/me/closure").status_code == 200

    assert "contract_ending" not in [one.letter for one in outbox.sent]


@pytest.mark.parametrize("how", ["leaves", "restricts", "blocked"])
@pytest.mark.policy("COM-52")
def test_nobody_is_told_who_left_or_whose_data_may_only_be_stored_or_whose_company_is_blocked(
    people: People, outbox: Outbox, how: str
) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    record(sales(people), acme, emma, days=10)
    if how == "leaves":
        assert emma.post("/api/v1/me/closure").status_code == 200
    elif how == "restricts":
        assert emma.post(REQUESTS, json={"kind": "restriction", "reason": "accuracy"}).status_code == 201
    else:
        with db.transaction() as session:
            session.scalars(select(Company)).one().blocked_at = clock.now()

    assert told(outbox) == []


def test_of_a_blocked_company_nobody_sees_contracts(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    record(sales(people), acme, emma, acme.boss)
    with db.transaction() as session:
        session.scalars(select(Company)).one().blocked_at = clock.now()

    assert refused(emma.get(MINE)) == refused(acme.boss.get(MINE)) == (403, "company_blocked")


def test_whoever_is_removed_is_designated_no_more(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    record(sales(people), acme, emma, acme.boss, days=10)
    removed = member_of(emma).id
    with db.transaction() as session:
        session.delete(session.get(CompanyMember, removed))

    assert count(ContractPerson) == 1
    assert told(outbox) == ["boss@acme.example"]


def test_an_ended_contract_stays_a_year_and_is_deleted_then(people: People) -> None:
    acme = founded(people)
    record(sales(people), acme, acme.boss, days=10)
    end = clock.now() + timedelta(days=10)

    left = []
    for days in (364, 367):
        with clock.at(end + timedelta(days=days)):
            sweeps.sweep()
        left.append((count(Contract), count(ContractPerson)))

    assert left == [(1, 1), (0, 0)]


def test_the_designated_person_can_read_that_staff_did_it_and_the_trail_names_nobody(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    made = record(sales(people), acme, emma)

    seen = [one["action"] for one in emma.get("/api/v1/me/accesses").json["accesses"]]

    assert "contract.designated" in seen
    with db.transaction(reading=True) as session:
        facts = session.scalars(select(AuditEntry.facts).where(AuditEntry.action.startswith("contract."))).all()
    assert {"company": str(acme.company_id), "contract": made["id"], "people": 1} in facts


def test_staff_find_a_member_by_the_exact_address_only(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    emma, staff = employee(people, acme), sales(people)

    def search(email: str, company: Any = acme.company_id) -> Any:
        return staff.post(f"{STAFF}/{company}/members/search", json={"email": email})

    assert [one["id"] for one in search("Emma@ACME.example").json["members"]] == [str(member_of(emma).id)]
    assert search("boss@other.example").json == search("nobody@acme.example").json == {"members": []}
    assert search(EMMA, other.company_id).json == {"members": []}
    assert refused(search(EMMA, new_id())) == (404, "not_found")


def test_staff_see_companies_with_counts_and_no_names(people: People) -> None:
    acme = founded(people)
    employee(people, acme)
    asking(people, acme, "new@acme.example")
    other = founded(people, "boss@other.example", company="Other Ltd")
    agent = people.staff(Role.SUPPORT_AGENT)

    pages = [agent.get(STAFF, query_string={"limit": 1}).json]
    pages.append(agent.get(STAFF, query_string={"limit": 1, "cursor": pages[0]["next_cursor"]}).json)
    one = agent.get(f"{STAFF}/{acme.company_id}")

    assert [page["companies"][0]["id"] for page in pages] == [str(other.company_id), str(acme.company_id)]
    assert pages[1]["next_cursor"] is None
    assert (one.json["members"], one.json["administrators"], one.json["join_requests"]) == (2, 1, 1)
    assert "acme.example" not in one.get_data(as_text=True)
    assert agent.get(STAFF, query_string={"domain": "acme.example"}).json["companies"] == []
