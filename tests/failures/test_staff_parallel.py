"""Staff doors when many come at once: each single use happens once, and the last administrator stays."""

from collections import Counter
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import func, select, update

from suite.accounts.models import Account, Session
from suite.factors.models import Factor, RecoveryCode
from suite.kernel import clock, db
from suite.kernel.models import AuditEntry
from suite.messages.models import Message
from suite.staff import Role
from suite.staff.models import StaffInvitation, StaffMember, StaffSession
from tests.failures.crowd import at_once
from tests.people import PASSWORD, People, SignedIn

CROWD = 50
INVITATIONS = "/api/v1/staff/invitations"
MEMBERS = "/api/v1/staff/members"


def count(table: type, *conditions: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def statuses(answers: list[Any]) -> Counter[Any]:
    return Counter((answer.status_code, (answer.json or {}).get("code")) for answer in answers)


def copy(people: People, member: SignedIn) -> SignedIn:
    """Give the same caller with a client of its own: Flask's is not made for threads."""
    return SignedIn(people.stranger, member.token, member.session_id)


def test_of_fifty_confirmations_of_one_invitation_one_succeeds(people: People) -> None:
    _, token = people.invite("ada@example.org")
    added = people.stranger.post(f"{INVITATIONS}/acceptance", json={"token": token, "password": PASSWORD})
    body = {"token": token, "code": pyotp.TOTP(added.json["secret"]).at(clock.now())}

    answers = at_once(CROWD, lambda _which: people.stranger.post(f"{INVITATIONS}/confirmation", json=body))

    assert statuses(answers) == {(200, None): 1, (404, "invitation_gone"): CROWD - 1}
    assert (count(RecoveryCode), count(Factor), count(StaffInvitation)) == (10, 1, 0)


def test_of_many_acceptances_of_one_invitation_the_last_one_holds(people: People) -> None:
    _, token = people.invite("ada@example.org")
    body = {"token": token, "password": PASSWORD}

    answers = at_once(CROWD, lambda _which: people.stranger.post(f"{INVITATIONS}/acceptance", json=body))
    secrets = [answer.json["secret"] for answer in answers if answer.status_code == 200]
    codes = [
        people.stranger.post(
            f"{INVITATIONS}/confirmation", json={"token": token, "code": pyotp.TOTP(one).at(clock.now())}
        )
        for one in secrets[-3:]
    ]

    assert statuses(answers) == {(200, None): 20, (429, "too_many_attempts"): CROWD - 20}
    assert count(Factor) == 1
    assert sum(answer.status_code == 200 for answer in codes) <= 1


def test_of_fifty_wrong_first_codes_five_are_judged(people: People) -> None:
    _, token = people.invite("ada@example.org")
    people.stranger.post(f"{INVITATIONS}/acceptance", json={"token": token, "password": PASSWORD})
    body = {"token": token, "code": "000000"}

    answers = at_once(CROWD, lambda _which: people.stranger.post(f"{INVITATIONS}/confirmation", json=body))

    assert statuses(answers) == {(422, "wrong_code"): 5, (409, "challenge_used_up"): CROWD - 5}
    assert count(StaffInvitation) == 1


def test_of_fifty_uses_of_one_recovery_code_one_signs_in(people: People) -> None:
    ada = people.staff()
    before = count(StaffSession)
    asked = [people.staff_challenge()["challenge"] for _ in range(CROWD)]

    def answer(which: int) -> Any:
        body = {"challenge": asked[which], "method": "recovery_code", "code": ada.recovery_codes[0]}
        return people.stranger.post("/api/v1/staff/sessions/challenge", json=body)

    found = statuses(at_once(CROWD, answer))

    assert found[(201, None)] == 1
    assert set(found) <= {(201, None), (422, "wrong_code"), (429, "too_many_wrong_codes")}
    assert found[(422, "wrong_code")] <= 10
    assert count(StaffSession) == before + 1


def test_of_fifty_answers_to_one_challenge_one_signs_in(people: People) -> None:
    ada = people.staff()
    before = count(StaffSession)
    asked = people.staff_challenge()["challenge"]

    def answer(which: int) -> Any:
        body = {"challenge": asked, "method": "recovery_code", "code": ada.recovery_codes[which % 10]}
        return people.stranger.post("/api/v1/staff/sessions/challenge", json=body)

    found = statuses(at_once(CROWD, answer))

    assert found == {(201, None): 1, (404, "challenge_gone"): CROWD - 1}
    assert count(StaffSession) == before + 1
    assert count(RecoveryCode, RecoveryCode.used_at.is_not(None)) == 1


def test_of_fifty_blocks_one_blocks_and_of_fifty_openings_one_opens(people: People) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR)

    def act(what: str, reason: str) -> Counter[Any]:
        path = f"/api/v1/staff/accounts/{account}/{what}"
        return statuses(at_once(CROWD, lambda _which: copy(people, admin).post(path, json={"reason": reason})))

    blocked, opened = act("block", "misuse"), act("unblock", "mistake")

    assert blocked == {(200, None): 1, (409, "already_blocked"): CROWD - 1}
    assert opened == {(200, None): 1, (409, "not_blocked"): CROWD - 1}
    assert count(AuditEntry, AuditEntry.action.in_(["account.blocked", "account.unblocked"])) == 2
    assert count(Message, Message.letter.in_(["account_blocked", "account_unblocked"])) == 2


def test_blocks_and_openings_at_once_take_turns(people: People) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR)

    def act(which: int) -> Any:
        what, reason = (("block", "misuse"), ("unblock", "mistake"))[which % 2]
        return copy(people, admin).post(f"/api/v1/staff/accounts/{account}/{what}", json={"reason": reason})

    answers = at_once(CROWD, act)
    blocks = sum(answer.status_code == 200 for answer in answers[0::2])
    openings = sum(answer.status_code == 200 for answer in answers[1::2])

    assert set(statuses(answers)) <= {(200, None), (409, "already_blocked"), (409, "not_blocked")}
    assert blocks - openings == count(Account, Account.blocked_at.is_not(None)) in {0, 1}


def test_who_signs_in_while_the_account_is_blocked_has_no_session_afterwards(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    for turn in range(4):
        email = f"ann{turn}@example.org"
        account = people.account(email)["id"]
        app = people.with_app(people.sign_in(email))
        asked = people.challenged(email)
        code = app.at(clock.now())

        def act(which: int, account: str = account, email: str = email, asked: Any = asked, code: str = code) -> Any:
            if which == 0:
                path = f"/api/v1/staff/accounts/{account}/block"
                return copy(people, admin).post(path, json={"reason": "misuse"})
            if which < 4:
                body = {"challenge": asked["challenge"], "method": "totp", "code": code}
                return people.stranger.post("/api/v1/sessions/challenge", json=body)
            return people.stranger.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

        answers = at_once(8, act)

        assert answers[0].status_code == 200
        assert {answer.status_code for answer in answers[1:]} <= {201, 202, 403, 404, 409, 422}
        assert count(Session) == 0


def test_two_administrators_cannot_take_each_other_away_at_once(people: People) -> None:
    for turn in range(4):
        pair = [people.staff(Role.ADMINISTRATOR, email=f"admin{turn}{one}@example.org") for one in "ab"]
        others = StaffMember.id.not_in([UUID(one.person_id) for one in pair])
        with db.transaction() as session:
            session.execute(update(StaffMember).where(others).values(disabled_at=clock.now()))

        def act(which: int, pair: list[SignedIn] = pair) -> Any:
            victim = pair[1 - which % 2].person_id
            caller = copy(people, pair[which % 2])
            if which < 2:
                return caller.post(f"{MEMBERS}/{victim}/disable")
            return caller.put(f"{MEMBERS}/{victim}/roles", json={"roles": ["operator"]})

        at_once(4, act)

        with db.transaction(reading=True) as session:
            left = session.scalars(select(StaffMember).where(StaffMember.disabled_at.is_(None))).all()
        assert sum(Role.ADMINISTRATOR in member.roles for member in left) >= 1


def test_of_fifty_members_with_one_address_one_is_made(people: People) -> None:
    admin = people.staff(Role.ADMINISTRATOR)
    body = {"email": "bea@example.org", "roles": ["operator"]}

    answers = at_once(CROWD, lambda _which: copy(people, admin).post(MEMBERS, json=body))

    assert statuses(answers) == {(201, None): 1, (409, "staff_exists"): CROWD - 1}
    assert count(StaffInvitation) == 1


def test_the_last_two_factors_cannot_go_at_once(people: People) -> None:
    ada = people.staff()
    added = ada.post("/api/v1/staff/me/factors/apps", json={"name": "new phone"}).json
    code = pyotp.TOTP(added["secret"]).at(clock.now())
    ada.post(f"/api/v1/staff/me/factors/{added['factor']['id']}/confirmation", json={"code": code})
    factors = [one["id"] for one in ada.get("/api/v1/staff/me/factors").json["factors"]]

    answers = at_once(10, lambda which: copy(people, ada).delete(f"/api/v1/staff/me/factors/{factors[which % 2]}"))

    assert sum(answer.status_code == 204 for answer in answers) == 1
    assert count(Factor) == 1
