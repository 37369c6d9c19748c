"""Roles, the last Administrator, removing, blocking."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from suite import companies
from suite.accounts.models import Account
from suite.companies import company_in_use
from suite.companies.models import Company, CompanyMember
from suite.kernel import access, clock, db
from suite.privacy import sweep
from suite.staff import Role
from tests.companies.making import BOSS, Founded, asking, employee, founded, give_role, member_of, role_of
from tests.people import Outbox, People, SignedIn

OWN, MEMBERS, MEMBERSHIP = "/api/v1/company", "/api/v1/company/members", "/api/v1/company/membership"
EMMA, BOB = "emma@acme.example", "bob@acme.example"


def ended_at(at: Founded) -> object:
    with db.transaction(reading=True) as session:
        return session.scalar(select(Company.ended_at).where(Company.id == at.company_id))


def mend() -> None:
    access.begin(access.SYSTEM, None)
    companies.mend.run()


@pytest.mark.policy("COM-18", "COM-28")
def test_roles_are_given_and_taken_by_administrators(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)

    made = give_role(at.boss, emma, "administrator")
    demoted = give_role(emma, at.boss, "employee")

    assert (made.status_code, made.json["role"], role_of(emma)) == (200, "administrator", "administrator")
    assert (demoted.status_code, role_of(at.boss)) == (200, "employee")
    assert outbox.last("company_made_administrator").recipient == EMMA
    assert outbox.last("company_made_employee").recipient == BOSS
    assert at.boss.get(f"{MEMBERS}/{member_of(emma).id}").json["code"] == "not_administrator"


def test_a_role_that_changed_meanwhile_is_not_changed_again(people: People) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    path = f"{MEMBERS}/{member_of(emma).id}"
    tag = at.boss.get(path).headers["ETag"]

    answers = [
        at.boss.patch(path, json={"role": role}, headers={"If-Match": tag}) for role in ("administrator", "employee")
    ]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert at.boss.patch(path, json={"role": "employee"}).status_code == 428


LEAVING: list[Callable[[SignedIn], int]] = [
    lambda boss: give_role(boss, boss, "employee").status_code,
    lambda boss: boss.delete(f"{MEMBERS}/{member_of(boss).id}").status_code,
    lambda boss: boss.delete(MEMBERSHIP).status_code,
    lambda boss: boss.post("/api/v1/me/closure").status_code,
    lambda boss: boss.delete("/api/v1/me/services/company-account").status_code,
]


@pytest.mark.parametrize("leave", LEAVING, ids=["demotes", "removes", "leaves", "closes", "leaves the service"])
def test_the_last_administrator_cannot_go_while_others_are_there(
    people: People, leave: Callable[[SignedIn], int]
) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    at.boss.post("/api/v1/me/services", json={"service": "my-account"})

    refused = leave(at.boss)
    still = role_of(at.boss)
    give_role(at.boss, emma, "administrator")
    allowed = leave(at.boss)

    assert (refused, still) == (409, "administrator")
    assert allowed in {200, 204}
    assert ended_at(at) is None


@pytest.mark.parametrize("leave", LEAVING[1:], ids=["removes", "leaves", "closes", "leaves the service"])
def test_the_last_member_ends_the_company(people: People, leave: Callable[[SignedIn], int]) -> None:
    at = founded(people)
    asking(people, at, EMMA)
    at.boss.post("/api/v1/me/services", json={"service": "my-account"})

    gone = leave(at.boss)

    assert gone in {200, 204}
    assert ended_at(at) is not None


@pytest.mark.parametrize("way", ["blocked", "erased"])
def test_when_staff_or_the_law_take_the_last_administrator_who_was_there_longest_follows(
    people: People, outbox: Outbox, way: str
) -> None:
    at = founded(people)
    emma, bob = employee(people, at, EMMA), employee(people, at, BOB)

    if way == "blocked":
        officer = people.staff(Role.ADMINISTRATOR)
        me = at.boss.get("/api/v1/me").json["id"]
        done = officer.post(f"/api/v1/staff/accounts/{me}/block", json={"reason": "misuse"})
    else:
        done = at.boss.post("/api/v1/me/requests", json={"kind": "erasure"})

    assert done.status_code < 300, done.json
    assert (role_of(emma), role_of(bob)) == ("administrator", "employee")
    assert outbox.last("company_handed_over").recipient == EMMA


def test_a_company_goes_on_while_staff_block_its_only_administrator_and_nobody_takes_its_licence(
    people: People,
) -> None:
    at = founded(people)
    officer = people.staff(Role.ADMINISTRATOR)
    path = f"/api/v1/staff/accounts/{at.boss.get('/api/v1/me').json['id']}"

    officer.post(f"{path}/block", json={"reason": "misuse"})
    mend()
    eve = asking(people, at, "eve@example.org")
    blocked = ended_at(at)
    officer.post(f"{path}/unblock", json={"reason": "mistake"})
    mend()

    boss = people.sign_in(BOSS)
    assert (blocked, ended_at(at)) == (None, None)
    assert (role_of(boss), eve.get(MEMBERSHIP).json["state"]) == ("administrator", "waiting")
    assert len(boss.get("/api/v1/company/licenses").json["licenses"]) == 1


def test_the_job_mends_what_ended_by_itself(people: People, outbox: Outbox) -> None:
    at, alone = founded(people), founded(people, "alone@example.com")
    emma = employee(people, at, EMMA)
    with db.transaction() as session:
        gone = Account.address.in_([BOSS, "alone@example.com"])
        session.execute(update(Account).where(gone).values(closed_at=clock.now()))

    mend()

    assert role_of(emma) == "administrator"
    assert outbox.last("company_handed_over").recipient == EMMA
    assert (ended_at(at), ended_at(alone) is not None) == (None, True)


def test_whoever_comes_back_within_the_grace_finds_the_company(people: People) -> None:
    at = founded(people)
    at.boss.post("/api/v1/me/services", json={"service": "my-account"})
    at.boss.delete("/api/v1/me/services/company-account")

    back = at.boss.post("/api/v1/me/services/company-account/return")
    mend()

    assert back.status_code == 200, back.json
    assert (at.boss.get(OWN).json["role"], ended_at(at)) == ("administrator", None)


@pytest.mark.policy("COM-27", "COM-28")
def test_a_removed_member_keeps_the_account_and_loses_the_company(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)

    removed = at.boss.delete(f"{MEMBERS}/{member_of(emma).id}")

    assert removed.status_code == 204
    assert outbox.last("company_removed").recipient == EMMA
    assert (emma.get(OWN).status_code, emma.get("/api/v1/me/services/company-account").status_code) == (404, 200)
    assert emma.get(MEMBERSHIP).json["state"] == "none"


@pytest.mark.policy("COM-26", "COM-27")
def test_a_blocked_company_gives_no_rights_and_accounts_remain(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)

    blocked = at.boss.put(f"{OWN}/block")

    refused = [emma.get(path) for path in (OWN, MEMBERS)]
    assert blocked.status_code == 204
    assert {(answer.status_code, answer.json["code"]) for answer in refused} == {(403, "company_blocked")}
    assert [emma.get(path).status_code for path in ("/api/v1/me", "/api/v1/me/services", MEMBERSHIP)] == [200] * 3
    with db.transaction(reading=True):
        assert not company_in_use(at.company_id)
    assert outbox.last("company_blocked").recipient == BOSS
    assert people.sign_in(EMMA).get("/api/v1/me").status_code == 200


@pytest.mark.policy("COM-26")
def test_an_administrator_unblocks_the_company_and_no_employee_does(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    at.boss.put(f"{OWN}/block")

    by_emma, by_boss = emma.delete(f"{OWN}/block"), at.boss.delete(f"{OWN}/block")

    assert (by_emma.json["code"], by_boss.status_code) == ("company_blocked", 204)
    assert emma.get(OWN).status_code == 200
    with db.transaction(reading=True):
        assert company_in_use(at.company_id)
    assert outbox.last("company_unblocked").recipient == BOSS


def test_blocking_asks_for_a_fresh_confirmation(people: People) -> None:
    at = founded(people)

    with clock.at(clock.now() + timedelta(minutes=6)):
        answer = at.boss.put(f"{OWN}/block")

    assert (answer.status_code, answer.json["code"]) == (403, "sign_in_again")


@pytest.mark.policy("COM-48")
def test_colleagues_see_no_requests_unless_an_administrator_changed_the_setting(people: People) -> None:
    at = founded(people)
    before = at.boss.get(OWN)

    changed = at.boss.patch(OWN, json={"requests_shared": True}, headers={"If-Match": before.headers["ETag"]})
    late = at.boss.patch(OWN, json={"name": "Acme & Co"}, headers={"If-Match": before.headers["ETag"]})

    assert (before.json["requests_shared"], changed.json["requests_shared"]) == (False, True)
    assert (late.status_code, late.json["code"]) == (412, "changed_meanwhile")


def test_employees_see_who_the_administrators_are_and_no_addresses(people: People) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    employee(people, at, BOB)

    seen = emma.get(MEMBERS).json["members"]

    assert [(one["role"], one["email"]) for one in seen] == [("administrator", None)]
    assert {one["email"] for one in at.boss.get(MEMBERS).json["members"]} == {BOSS, EMMA, BOB}


def test_members_are_listed_in_pages(people: People) -> None:
    at = founded(people)
    for which in range(4):
        employee(people, at, f"emma{which}@acme.example")

    first = at.boss.get(f"{MEMBERS}?limit=3").json
    second = at.boss.get(f"{MEMBERS}?limit=3&cursor={first['next_cursor']}").json

    assert [len(page["members"]) for page in (first, second)] == [3, 2]
    assert second["next_cursor"] is None


def test_a_person_goes_and_takes_the_row_in_the_company_along(people: People) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    emma.post("/api/v1/me/requests", json={"kind": "erasure"})

    with clock.at(clock.now() + timedelta(days=1)):
        access.begin(access.SYSTEM, None)
        from suite.kernel import jobs

        jobs.run_due()
        sweep()

    with db.transaction(reading=True) as session:
        assert session.scalars(select(CompanyMember.company_id)).all() == [at.company_id]


def test_the_row_in_the_company_is_in_the_copy_of_the_data(people: People) -> None:
    at = founded(people)

    held = at.boss.get("/api/v1/me/data").text

    assert "company_members" in held or "the company you belong to" in held
