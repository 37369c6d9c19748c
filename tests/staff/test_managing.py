"""Managing staff members over the API, and that nobody lifts himself up."""

from datetime import timedelta
from typing import Any

import pytest

from suite.kernel import clock
from suite.kernel.ids import new_id
from suite.staff import Role
from suite.staff.roles import ROLES
from tests.people import PASSWORD, Outbox, People, SignedIn

MEMBERS = "/api/v1/staff/members"


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["code"]


def make(admin: SignedIn, email: str = "bea@example.org", *roles: Role) -> Any:
    return admin.post(MEMBERS, json={"email": email, "roles": [role.value for role in roles or (Role.OPERATOR,)]})


def roles_of(member: SignedIn) -> list[str]:
    return list(member.get("/api/v1/staff/me").json["roles"])


def test_a_member_made_over_the_api_is_invited_by_mail_alone(people: People, outbox: Outbox) -> None:
    admin = people.staff(Role.ADMINISTRATOR)

    made = make(admin, "Bea@example.org", Role.VIRUS_ANALYST)
    token = outbox.invitation_token()

    assert made.status_code == 201
    assert set(made.json) == {"id", "email", "roles", "state", "created_at", "disabled_at"}
    assert (made.json["email"], made.json["roles"], made.json["state"]) == (
        "Bea@example.org",
        ["virus_analyst"],
        "invited",
    )
    assert token not in made.text
    assert people.enter(people.accept(token), "bea@example.org").get("/api/v1/staff/me").json["id"] == made.json["id"]


def test_members_are_listed_newest_first_with_their_state(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = make(admin).json["id"]
    cyd = make(admin, "cyd@example.org").json["id"]
    admin.post(f"{MEMBERS}/{bea}/disable")

    first = admin.get(MEMBERS, query_string={"limit": 2}).json
    second = admin.get(MEMBERS, query_string={"limit": 2, "cursor": first["next_cursor"]}).json

    assert [(one["id"], one["state"]) for one in first["members"] + second["members"]] == [
        (cyd, "invited"),
        (bea, "disabled"),
        (admin.person_id, "active"),
    ]
    assert second["next_cursor"] is None
    assert PASSWORD not in str(first)


def test_a_change_of_roles_holds_from_the_next_request_on(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = people.staff(Role.PRIVACY_OFFICER, email="bea@example.org")
    before = bea.get("/api/v1/staff/audit").status_code

    changed = admin.put(f"{MEMBERS}/{bea.person_id}/roles", json={"roles": ["virus_analyst"]})

    assert (before, changed.status_code, changed.json["roles"]) == (200, 200, ["virus_analyst"])
    assert refused(bea.get("/api/v1/staff/audit")) == (403, "not_allowed")
    assert roles_of(bea) == ["virus_analyst"]


def test_a_disabled_member_is_nobody_from_the_next_request_on(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = people.staff(email="bea@example.org")
    asked = people.staff_challenge("bea@example.org")

    ended = admin.post(f"{MEMBERS}/{bea.person_id}/disable")
    body = {"challenge": asked["challenge"], "method": "recovery_code", "code": bea.recovery_codes[0]}
    half_done = people.stranger.post("/api/v1/staff/sessions/challenge", json=body)
    credentials = {"email": "bea@example.org", "password": PASSWORD}

    assert (ended.status_code, ended.json["state"]) == (200, "disabled")
    assert refused(bea.get("/api/v1/staff/me")) == (401, "sign_in_needed")
    assert refused(half_done) == (404, "challenge_gone")
    assert refused(people.stranger.post("/api/v1/staff/sessions", json=credentials)) == (401, "wrong_credentials")


def test_a_new_invitation_ends_everything_the_member_signed_in_with(people: People, outbox: Outbox) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = people.staff(email="bea@example.org")

    again = admin.post(f"{MEMBERS}/{bea.person_id}/invitation")
    gone = bea.get("/api/v1/staff/me")
    credentials = {"email": "bea@example.org", "password": PASSWORD}
    password = people.stranger.post("/api/v1/staff/sessions", json=credentials)
    token = outbox.invitation_token()
    back = people.enter(people.accept(token), "bea@example.org")

    assert (again.json["state"], token in again.text) == ("invited", False)
    assert refused(gone) == (401, "sign_in_needed")
    assert refused(password) == (401, "wrong_credentials")
    assert back.get("/api/v1/staff/me").json["id"] == bea.person_id


# --- nobody lifts himself up


def test_nobody_changes_disables_or_invites_himself(people: People) -> None:
    admin = people.staff(*(role for role in Role if role is not Role.VIRUS_ANALYST))
    people.staff(Role.ADMINISTRATOR, email="bea@example.org")
    own = f"{MEMBERS}/{admin.person_id}"

    answers = [
        admin.put(f"{own}/roles", json={"roles": [role.value for role in Role]}),
        admin.put(f"{own}/roles", json={"roles": ["operator"]}),
        admin.post(f"{own}/disable"),
        admin.post(f"{own}/invitation"),
    ]

    assert [refused(one) for one in answers] == [(409, "own_access")] * 4
    assert "virus_analyst" not in roles_of(admin)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_manage_members(people: People, role: Role) -> None:
    member = people.staff(role)
    victim = people.staff(Role.VIRUS_ANALYST, email="bea@example.org")
    path = f"{MEMBERS}/{victim.person_id}"

    answers = [
        member.get(MEMBERS),
        make(member, "eve@example.org", Role.ADMINISTRATOR),
        member.put(f"{path}/roles", json={"roles": ["administrator"]}),
        member.put(f"{MEMBERS}/{member.person_id}/roles", json={"roles": ["administrator"]}),
        member.post(f"{path}/disable"),
        member.post(f"{path}/invitation"),
    ]

    assert [refused(one) for one in answers] == [(403, "not_allowed")] * 6
    assert roles_of(member) == [role.value]
    assert roles_of(victim) == ["virus_analyst"]


def test_an_administrator_has_no_rights_of_other_roles(people: People) -> None:
    allowed = people.staff(Role.ADMINISTRATOR).get("/api/v1/staff/me").json["permissions"]

    assert set(allowed) == {one.value for one in ROLES[Role.ADMINISTRATOR]} | {"own_staff_access"}
    assert "handle_privacy_requests" not in allowed


@pytest.mark.parametrize(
    "extra",
    [{"roles": ["administrator"]}, {"permissions": ["manage_staff"]}, {"member_id": str(new_id())}],
    ids=["roles", "permissions", "number"],
)
def test_rights_cannot_be_sent_along_with_something_else(people: People, extra: dict[str, Any]) -> None:
    _, token = people.invite("ada@example.org")
    bodies = {
        "/api/v1/staff/invitations/acceptance": {"token": token, "password": PASSWORD},
        "/api/v1/staff/invitations/confirmation": {"token": token, "code": "123456"},
        "/api/v1/staff/sessions": {"email": "ada@example.org", "password": PASSWORD},
    }

    for path, body in bodies.items():
        assert refused(people.stranger.post(path, json=body | extra)) == (422, "invalid_input")


@pytest.mark.parametrize("roles", [["king"], ["Administrator"], "administrator", [["administrator"]], None])
def test_a_role_that_does_not_exist_is_refused(people: People, roles: Any) -> None:
    admin = people.staff(Role.ADMINISTRATOR)

    assert refused(admin.post(MEMBERS, json={"email": "bea@example.org", "roles": roles})) == (422, "invalid_input")


def test_a_member_needs_a_role_and_an_address_of_his_own(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = make(admin).json["id"]

    assert refused(admin.post(MEMBERS, json={"email": "cyd@example.org", "roles": []})) == (422, "role_needed")
    assert refused(admin.put(f"{MEMBERS}/{bea}/roles", json={"roles": []})) == (422, "role_needed")
    assert refused(make(admin, "BEA@example.org")) == (409, "staff_exists")


def test_a_disabled_member_cannot_be_changed_and_his_address_is_free_again(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = make(admin).json["id"]
    admin.post(f"{MEMBERS}/{bea}/disable")

    assert refused(admin.post(f"{MEMBERS}/{bea}/invitation")) == (404, "not_found")
    assert refused(admin.put(f"{MEMBERS}/{bea}/roles", json={"roles": ["operator"]})) == (404, "not_found")
    assert make(admin).json["id"] != bea


@pytest.mark.parametrize("act", ["make", "roles", "disable", "invitation"])
def test_managing_members_wants_a_fresh_second_factor(people: People, act: str) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    bea = make(admin).json["id"]

    with clock.at(clock.now() + timedelta(minutes=6)):
        answer = {
            "make": lambda: make(admin, "cyd@example.org"),
            "roles": lambda: admin.put(f"{MEMBERS}/{bea}/roles", json={"roles": ["operator"]}),
            "disable": lambda: admin.post(f"{MEMBERS}/{bea}/disable"),
            "invitation": lambda: admin.post(f"{MEMBERS}/{bea}/invitation"),
        }[act]()

    assert refused(answer) == (403, "sign_in_again")
