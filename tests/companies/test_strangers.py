"""Powers end at the own company: whatever belongs to another one is an unknown id, and employees have no powers."""

from typing import Any

import pytest

from suite.kernel.ids import new_id
from tests.companies.making import Founded, asking, employee, founded, member_of
from tests.people import People, SignedIn, profile_of

C = "/api/v1/company"
TAG = {"If-Match": f'"{new_id().hex}.1"'}
# Every route that names something of a company, with what each of them needs besides.
BY_ID: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", f"{C}/members/{{member}}", {}),
    ("PATCH", f"{C}/members/{{member}}", {"json": {"role": "administrator"}, "headers": TAG}),
    ("DELETE", f"{C}/members/{{member}}", {}),
    ("POST", f"{C}/requests/{{asker}}/acceptance", {}),
    ("DELETE", f"{C}/requests/{{asker}}", {}),
    ("DELETE", f"{C}/invitations/{{invitation}}", {}),
    ("DELETE", f"{C}/domains/{{domain}}", {}),
    ("POST", f"{C}/domains/{{domain}}/confirmation", {"json": {"code": "000000"}}),
]
# Every route of an Administrator that names nothing.
OWN: list[tuple[str, str, dict[str, Any]]] = [
    ("PATCH", C, {"json": {"name": "Mine"}, "headers": TAG}),
    ("PUT", f"{C}/block", {}),
    ("DELETE", f"{C}/block", {}),
    ("GET", f"{C}/requests", {}),
    ("GET", f"{C}/invitations", {}),
    ("POST", f"{C}/invitations", {"json": {"email": "eve@example.org"}}),
    ("GET", f"{C}/domains", {}),
    ("POST", f"{C}/domains", {"json": {"domain": "acme.example", "mailbox": "postmaster"}}),
]


def things_of(people: People, at: Founded) -> dict[str, str]:
    """Fill a company with one of everything; give the ids."""
    emma, asker = employee(people, at), asking(people, at, "asker@acme.example")
    invitation = at.boss.post(f"{C}/invitations", json={"email": "invited@acme.example"})
    domain = at.boss.post(f"{C}/domains", json={"domain": "acme.example", "mailbox": "postmaster"})
    return {
        "member": str(member_of(emma).id),
        "asker": str(member_of(asker).id),
        "invitation": invitation.json["id"],
        "domain": domain.json["id"],
    }


def send(who: SignedIn, route: tuple[str, str, dict[str, Any]], ids: dict[str, str]) -> tuple[int, Any]:
    method, path, options = route
    answer = who.request(method, path.format(**ids), **options)
    told = dict(answer.json or {})
    told.pop("request_id", None)
    return answer.status_code, told


@pytest.mark.policy("COM-28")
def test_things_of_another_company_are_unknown_ids(people: People) -> None:
    theirs = things_of(people, founded(people))
    other = founded(people, "other@example.com", company="Other Ltd").boss
    unknown = dict.fromkeys(theirs, str(new_id()))

    for route in BY_ID:
        answered = send(other, route, theirs)

        assert answered == send(other, route, unknown), route
        assert answered[0] == 404, route


@pytest.mark.policy("COM-28")
def test_employees_have_none_of_the_powers(people: People) -> None:
    at = founded(people)
    ids = things_of(people, at)
    bob = employee(people, at, "bob@acme.example")

    for route in [*BY_ID, *OWN]:
        status, told = send(bob, route, ids)

        assert (status, told["code"]) == (403, "not_administrator"), route
        assert send(bob, route, dict.fromkeys(ids, str(new_id()))) == (status, told), route


@pytest.mark.policy("COM-28")
def test_who_is_in_no_company_finds_none(people: People) -> None:
    at = founded(people)
    ids = things_of(people, at)
    outsiders = [people.member("ann@example.org"), asking(people, at, "waiting@acme.example")]

    for who in outsiders:
        for route in [*BY_ID, *OWN, ("GET", C, {}), ("GET", f"{C}/members", {})]:
            status, told = send(who, route, ids)

            assert (status, told["code"]) == (404, "not_found"), route


@pytest.mark.policy("COM-28")
def test_a_demoted_administrator_has_no_powers_with_the_next_request(people: People) -> None:
    at = founded(people)
    emma = employee(people, at)
    for who, role in ((emma, "administrator"), (at.boss, "employee")):
        path = f"{C}/members/{member_of(who).id}"
        by = at.boss if who is emma else emma
        by.patch(path, json={"role": role}, headers={"If-Match": by.get(path).headers["ETag"]})

    assert send(at.boss, ("GET", f"{C}/requests", {}), {})[1]["code"] == "not_administrator"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", C, {"role": "administrator"}),
        ("PATCH", C, {"blocked_at": None}),
        ("PATCH", C, {"id": "01a20dc4-f75e-7368-9a91-7c0471f88cc8"}),
        ("PATCH", f"{C}/members/{{me}}", {"role": "owner"}),
        ("PATCH", f"{C}/members/{{me}}", {"role": "employee", "company_id": "01a20dc4-f75e-7368-9a91-7c0471f88cc8"}),
        ("PATCH", f"{C}/members/{{me}}", {"role": "employee", "joined_at": "2026-01-01T00:00:00Z"}),
        ("POST", f"{C}/invitations", {"email": "eve@example.org", "role": "administrator"}),
        ("POST", f"{C}/invitations", {"email": "eve@example.org", "company": "other"}),
        ("POST", f"{C}/domains", {"domain": "acme.example", "mailbox": "postmaster", "verified_at": "2026-01-01"}),
        ("POST", f"{C}/entry", {"license": "x", "company": "y", "role": "administrator"}),
        ("POST", "/api/v1/me/services", {"service": "company-account", "role": "administrator"}),
    ],
)
def test_nobody_writes_what_is_not_theirs_to_write(people: People, method: str, path: str, body: Any) -> None:
    at = founded(people)

    answer = at.boss.request(method, path.format(me=member_of(at.boss).id), json=body, headers=TAG)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_a_profile_of_the_registration_names_no_role(people: People) -> None:
    answer = people.register(
        "ann@example.org", "company-account", profile=profile_of("company-account") | {"role": "x"}
    )

    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/profile/role")
