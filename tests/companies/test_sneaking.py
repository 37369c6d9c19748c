"""Ways around the Administrators: none of them leads into a company, keeps somebody powerful there, or tells too much."""

from collections.abc import Callable

import pytest

from suite.staff import Role
from tests.companies.making import BOSS, SERVICE, Founded, asking, employee, founded, give_role, member_of, role_of
from tests.companies.test_domains import verify
from tests.companies.test_invitations import ACCEPTANCE, invite
from tests.licenses.making import issued
from tests.people import Outbox, People, SignedIn, profile_of

EMMA = "emma@acme.example"
MEMBERSHIP, ENTRY = "/api/v1/company/membership", "/api/v1/company/entry"
MEMBERS, REQUESTS = "/api/v1/company/members", "/api/v1/company/requests"
SERVICES = "/api/v1/me/services"


def enter(somebody: SignedIn, at: Founded) -> str:
    """Give the licence of a company again; give what becomes of it."""
    answer = somebody.post(ENTRY, json={"license": at.license, "company": "Acme"})
    assert answer.status_code == 204, answer.json
    return state_of(somebody)


def state_of(somebody: SignedIn) -> str:
    return str(somebody.get(MEMBERSHIP).json["state"])


def send_away(at: Founded, somebody: SignedIn) -> None:
    """Remove a member, or decline who asks."""
    path = MEMBERS if state_of(somebody) == "inside" else REQUESTS
    assert at.boss.delete(f"{path}/{member_of(somebody).id}").status_code == 204


@pytest.mark.parametrize("come", [employee, asking], ids=["removed", "declined"])
def test_a_domain_does_not_let_in_again_whom_an_administrator_sent_away(
    people: People, outbox: Outbox, come: Callable[[People, Founded], SignedIn]
) -> None:
    at = founded(people)
    emma = come(people, at)
    verify(at, outbox)

    send_away(at, emma)

    assert enter(emma, at) == "waiting"


def test_nor_with_a_new_account_of_the_same_mailbox(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    verify(at, outbox)
    send_away(at, emma)
    assert emma.post("/api/v1/me/closure").status_code == 200

    again, other = asking(people, at, "Emma+new@acme.example"), asking(people, at, "bob@acme.example")

    assert (state_of(again), state_of(other)) == ("waiting", "inside")


def test_an_address_proven_long_ago_is_let_in_by_no_domain(people: People, outbox: Outbox) -> None:
    at = founded(people)
    verify(at, outbox)
    emma = people.member(EMMA)

    joined = emma.post(SERVICES, json={"service": SERVICE, "profile": profile_of(SERVICE) | {"license": at.license}})

    assert (joined.status_code, state_of(emma)) == (201, "waiting")


@pytest.mark.parametrize("accepted", [True, False], ids=["removed", "declined"])
def test_no_invitation_outlives_the_answer_to_who_asked(people: People, outbox: Outbox, *, accepted: bool) -> None:
    at = founded(people)
    emma = asking(people, at, EMMA)
    token = invite(at, outbox)
    if accepted:
        at.boss.post(f"{REQUESTS}/{member_of(emma).id}/acceptance")
    send_away(at, emma)

    answer = emma.post(ACCEPTANCE, json={"token": token})

    assert (answer.status_code, state_of(emma)) == (404, "none")


def left_and_back(people: People) -> tuple[Founded, SignedIn]:
    """Have the founder leave the service, join it anew and be the only Administrator again; give Emma too."""
    at = founded(people)
    emma = employee(people, at, EMMA)
    give_role(at.boss, emma, "administrator")
    at.boss.post(SERVICES, json={"service": "my-account"})
    assert at.boss.delete(f"{SERVICES}/{SERVICE}").status_code == 200
    at.boss.post(SERVICES, json={"service": SERVICE, "profile": profile_of(SERVICE) | {"license": at.license}})
    (request,) = emma.get(REQUESTS).json["requests"]
    emma.post(f"{REQUESTS}/{request['id']}/acceptance")
    path = f"{MEMBERS}/{request['id']}"
    emma.patch(path, json={"role": "administrator"}, headers={"If-Match": emma.get(path).headers["ETag"]})
    assert give_role(emma, emma, "employee").status_code == 200
    return at, emma


@pytest.mark.parametrize("path", [MEMBERSHIP, f"{SERVICES}/{SERVICE}"], ids=["company", "service"])
def test_a_membership_that_ended_before_does_not_hide_the_last_administrator(people: People, path: str) -> None:
    at, emma = left_and_back(people)

    answer = at.boss.delete(path)

    assert (answer.status_code, answer.json["code"]) == (409, "last_administrator")
    assert (role_of(at.boss), role_of(emma)) == ("administrator", "employee")


def test_an_administrator_who_left_comes_back_as_an_employee(people: People) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    give_role(at.boss, emma, "administrator")
    at.boss.post(SERVICES, json={"service": "my-account"})
    at.boss.delete(f"{SERVICES}/{SERVICE}")

    back = at.boss.post(f"{SERVICES}/{SERVICE}/return")

    assert (back.status_code, role_of(at.boss), role_of(emma)) == (200, "employee", "administrator")
    assert at.boss.get(REQUESTS).json["code"] == "not_administrator"


@pytest.mark.policy("COM-17")
@pytest.mark.parametrize("gone", ["left", "blocked", "closed", "demoted", "removed"])
def test_no_letter_about_a_newcomer_leaves_for_whoever_is_no_administrator_any_more(
    people: People, outbox: Outbox, gone: str
) -> None:
    at = founded(people)
    emma = employee(people, at, EMMA)
    give_role(at.boss, emma, "administrator")
    at.boss.post(SERVICES, json={"service": "my-account"})
    officer, bob = people.staff(Role.ADMINISTRATOR), people.member("bob@acme.example")
    outbox.empty()
    bob.post(SERVICES, json={"service": SERVICE, "profile": profile_of(SERVICE) | {"license": at.license}})

    ways: dict[str, Callable[[], object]] = {
        "left": lambda: at.boss.delete(f"{SERVICES}/{SERVICE}"),
        "blocked": lambda: officer.post(
            f"/api/v1/staff/accounts/{at.boss.get('/api/v1/me').json['id']}/block", json={"reason": "misuse"}
        ),
        "closed": lambda: at.boss.post("/api/v1/me/closure"),
        "demoted": lambda: give_role(emma, at.boss, "employee"),
        "removed": lambda: emma.delete(f"{MEMBERS}/{member_of(at.boss).id}"),
    }
    ways[gone]()

    assert [one.recipient for one in outbox.sent if one.letter == "company_join_asked"] == [EMMA]
    assert BOSS not in {one.recipient for one in outbox.sent if "bob@acme.example" in one.text}


def test_staff_give_no_licence_to_a_company_that_ended(people: People) -> None:
    at, staff = founded(people), people.staff(Role.LICENSE_MANAGER)
    assert at.boss.delete(MEMBERSHIP).status_code == 204
    path = f"/api/v1/staff/licenses/{issued('endpoint-security', 'business-year')[0]}"
    body = {"to": "company", "service": SERVICE, "id": str(at.company_id)}

    answer = staff.post(f"{path}/transfer", json=body, headers={"If-Match": staff.get(path).headers["ETag"]})

    assert answer.json["code"] == "holder_unknown", answer.json
