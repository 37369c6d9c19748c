"""Companies when many act at once, on both databases: one founds, one Administrator stays, an invitation is spent once."""

import dataclasses
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.companies.models import ADMINISTRATOR, Company, CompanyMember
from suite.kernel import db
from suite.licenses import finding
from suite.licenses.models import LicenseHolding
from tests.companies.making import BOSS, SERVICE, asking, employee, founded, member_of
from tests.failures.crowd import at_once
from tests.failures.test_parallel import codes_by_registration, confirm, statuses
from tests.people import Outbox, People, SignedIn, new_license_code, profile_of

CROWD = 50


def count(table: type, *conditions: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def copy(people: People, member: SignedIn) -> SignedIn:
    """Give the same signed-in person with a client of its own."""
    return SignedIn(people.stranger, member.token, member.session_id)


@pytest.fixture
def many(generous: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a crowd of one network give licences."""
    monkeypatch.setattr(finding, "PER_NETWORK", dataclasses.replace(finding.PER_NETWORK, times=1000))


@pytest.mark.policy("COM-11", "COM-18")
@pytest.mark.usefixtures("many")
def test_of_fifty_confirmed_at_once_with_one_licence_one_founds_and_the_others_ask(
    people: People, outbox: Outbox
) -> None:
    profile = profile_of(SERVICE)
    started = [
        people.register(f"emma{which}@acme.example", SERVICE, profile=profile).json["id"] for which in range(CROWD)
    ]
    codes = codes_by_registration(outbox)

    answers = at_once(CROWD, lambda which: confirm(people, started[which], codes[started[which]]))

    assert statuses(answers) == {(201, None): CROWD}
    assert (count(Company), count(LicenseHolding)) == (1, 1)
    assert count(CompanyMember, CompanyMember.role == ADMINISTRATOR) == 1
    assert count(CompanyMember, CompanyMember.joined_at.is_(None)) == CROWD - 1


def test_two_administrators_who_demote_each_other_at_once_leave_one(people: People) -> None:
    for turn in range(6):
        at = founded(people, f"boss{turn}@acme.example")
        emma = employee(people, at, f"emma{turn}@acme.example")
        _promote(at.boss, emma)
        paths = [f"/api/v1/company/members/{member_of(who).id}" for who in (at.boss, emma)]
        tags = [at.boss.get(path).headers["ETag"] for path in paths]

        def demote(
            which: int, at: Any = at, emma: SignedIn = emma, paths: list[str] = paths, tags: list[str] = tags
        ) -> Any:
            by, target = copy(people, (at.boss, emma)[which % 2]), (which + 1) % 2
            return by.patch(paths[target], json={"role": "employee"}, headers={"If-Match": tags[target]})

        answers = at_once(8, demote)

        assert sum(answer.status_code == 200 for answer in answers) >= 1
        assert {answer.status_code for answer in answers} <= {200, 403, 409, 412}
        administrators = (CompanyMember.company_id == at.company_id, CompanyMember.role == ADMINISTRATOR)
        assert count(CompanyMember, *administrators) == 1


@pytest.mark.parametrize("way", ["membership", "closure", "service"])
def test_two_administrators_who_leave_at_once_while_others_stay_leave_one(people: People, way: str) -> None:
    for turn in range(3):
        at = founded(people, f"boss{turn}@acme.example")
        emma = employee(people, at, f"emma{turn}@acme.example")
        bob = employee(people, at, f"bob{turn}@acme.example")
        _promote(at.boss, emma)
        for who in (at.boss, emma):
            who.post("/api/v1/me/services", json={"service": "my-account"})

        def leave(which: int, at: Any = at, emma: SignedIn = emma) -> Any:
            by = copy(people, (at.boss, emma)[which])
            if way == "closure":
                return by.post("/api/v1/me/closure")
            path = "/api/v1/company/membership" if way == "membership" else f"/api/v1/me/services/{SERVICE}"
            return by.delete(path)

        answers = at_once(2, leave)

        assert sorted(answer.status_code for answer in answers)[1] == 409, [answer.json for answer in answers]
        (lists,) = [who for who, answer in zip((at.boss, emma), answers, strict=True) if answer.status_code == 409]
        assert lists.get("/api/v1/company").json["members"] == 2
        assert bob.get("/api/v1/company").json["role"] == "employee"


def test_of_fifty_who_accept_one_invitation_one_is_let_in(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = asking(people, at, "emma@acme.example")
    at.boss.post("/api/v1/company/invitations", json={"email": "emma@acme.example"})
    text = outbox.last("company_invitation").text
    token = next(line.strip() for line in text.splitlines() if line.startswith("    "))

    answers = at_once(
        CROWD, lambda _: copy(people, emma).post("/api/v1/company/invitations/acceptance", json={"token": token})
    )

    counted = statuses(answers)
    assert counted[(204, None)] == 1
    assert set(counted) <= {(204, None), (404, "invitation_unusable"), (409, "already_in_company")}
    assert count(CompanyMember) == 2


def test_a_removed_member_and_a_request_let_in_twice_leave_no_mess(people: People, outbox: Outbox) -> None:
    at = founded(people)
    emma = asking(people, at, "emma@acme.example")
    path = f"/api/v1/company/requests/{member_of(emma).id}"
    outbox.empty()

    answers = at_once(
        20,
        lambda which: (
            copy(people, at.boss).post(f"{path}/acceptance") if which % 2 else copy(people, at.boss).delete(path)
        ),
    )

    assert sum(answer.status_code < 300 for answer in answers) == 1
    assert {answer.status_code for answer in answers} <= {200, 204, 404}
    assert len([one for one in outbox.sent if one.recipient == "emma@acme.example"]) == 1


@pytest.mark.usefixtures("many")
def test_of_fifty_entries_of_one_person_one_founds(people: People) -> None:
    at = founded(people)
    at.boss.delete("/api/v1/company/membership")
    code = new_license_code()

    answers = at_once(
        CROWD,
        lambda _: copy(people, at.boss).post("/api/v1/company/entry", json={"license": code, "company": "Acme"}),
    )

    counted = statuses(answers)
    assert counted[(204, None)] == 1, counted
    assert set(counted) <= {(204, None), (409, "already_in_company"), (429, "too_many_license_codes")}
    assert count(CompanyMember) == 1
    assert people.sign_in(BOSS).get("/api/v1/company").json["role"] == "administrator"


def _promote(by: SignedIn, who: SignedIn) -> None:
    path = f"/api/v1/company/members/{member_of(who).id}"
    by.patch(path, json={"role": "administrator"}, headers={"If-Match": by.get(path).headers["ETag"]})
