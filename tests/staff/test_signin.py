"""Signing in to the internal tools: always with a second factor, for fifteen minutes unused and eight hours at all."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import update

from suite.kernel import clock, db
from suite.kernel.http import App
from suite.staff import Role
from suite.staff.models import StaffMember, StaffSession
from tests.people import PASSWORD, Outbox, People, SignedIn

SIGN_IN = "/api/v1/staff/sessions"
ANSWER = f"{SIGN_IN}/challenge"
ME = "/api/v1/staff/me"
CREDENTIALS = {"email": "ada@example.org", "password": PASSWORD}


def answer(people: People, asked: dict[str, Any], code: str, method: str = "totp", **fields: Any) -> Any:
    body = {"challenge": asked["challenge"], "method": method, "code": code} | fields
    return people.stranger.post(ANSWER, json=body)


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["code"]


def step_up(member: SignedIn, code: str) -> Any:
    asked = member.post(f"{SIGN_IN}/current/challenge").json
    body = {"challenge": asked["challenge"], "method": "totp", "code": code}
    return member.post(f"{SIGN_IN}/current/challenge/answer", json=body)


# --- two steps


def test_the_right_password_alone_opens_nothing(people: People) -> None:
    people.staff()

    asked = people.stranger.post(SIGN_IN, json=CREDENTIALS)
    as_bearer = people.stranger.get(ME, headers={"Authorization": f"Bearer {asked.json['challenge']}"})

    assert asked.status_code == 202
    assert set(asked.json) == {"challenge", "expires_at", "methods", "factors"}
    assert asked.json["methods"] == ["totp", "recovery_code"]
    assert refused(as_bearer) == (401, "sign_in_needed")


def test_the_second_factor_opens_a_session_with_the_rights_of_the_roles(people: People) -> None:
    ada = people.staff(Role.OPERATOR, Role.VIRUS_ANALYST)

    me = ada.get(ME).json

    assert ada.token.startswith("staff_")
    assert me["email"] == "ada@example.org"
    assert me["roles"] == ["virus_analyst", "operator"]
    assert me["permissions"] == [
        "analyse_files",
        "manage_products",
        "manage_webhooks",
        "own_staff_access",
        "read_statistics",
        "retry_messages",
        "view_messages",
    ]


def test_wrong_password_and_unknown_address_get_the_same_answer_and_the_same_work(people: People, app: App) -> None:
    people.staff()
    people.invite("bea@example.org")
    hashes = app.extensions["suite_system"].hashes

    answers, work = [], []
    for email in ("ada@example.org", "nobody@example.org", "bea@example.org"):
        before = hashes.computed
        answers.append(people.stranger.post(SIGN_IN, json={"email": email, "password": "not the one"}))
        work.append(hashes.computed - before)

    assert {refused(one) for one in answers} == {(401, "wrong_credentials")}
    assert len({tuple(sorted((one.json | {"request_id": ""}).items())) for one in answers}) == 1
    assert len({tuple(name for name, _ in one.headers) for one in answers}) == 1
    assert work == [1, 1, 1]


def test_an_account_is_no_staff_member_and_the_other_way_round(people: People) -> None:
    people.account("ann@example.org")
    people.staff()

    as_staff = people.stranger.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD})
    as_person = people.stranger.post("/api/v1/sessions", json=CREDENTIALS)

    assert refused(as_staff) == refused(as_person) == (401, "wrong_credentials")


def test_tokens_of_staff_and_of_accounts_open_only_their_own_side(people: People) -> None:
    ann, ada = people.member(), people.staff(*Role)

    assert refused(ann.get(ME)) == (403, "not_allowed")
    assert refused(ada.get("/api/v1/me")) == (403, "not_allowed")
    for token in (f"staff_{ann.token}", ada.token.removeprefix("staff_")):
        headers = {"Authorization": f"Bearer {token}"}
        assert people.stranger.get(ME, headers=headers).status_code == 401
        assert people.stranger.get("/api/v1/me", headers=headers).status_code == 401


def test_a_challenge_answers_only_where_it_was_asked(people: People) -> None:
    ada, ann = people.staff(), people.member()
    app = people.with_app(ann)
    of_staff, of_account = people.staff_challenge(), people.challenged()

    with clock.at(clock.now() + timedelta(seconds=31)):
        crossed = [
            answer(people, of_account, app.at(clock.now())),
            people.stranger.post(
                "/api/v1/sessions/challenge",
                json={"challenge": of_staff["challenge"], "method": "totp", "code": ada.code()},
            ),
        ]

    assert [refused(one) for one in crossed] == [(404, "challenge_gone")] * 2


def test_a_step_up_challenge_signs_nobody_in(people: People) -> None:
    ada = people.staff()
    asked = ada.post(f"{SIGN_IN}/current/challenge").json

    with clock.at(clock.now() + timedelta(seconds=31)):
        assert refused(answer(people, asked, ada.code())) == (404, "challenge_gone")


# --- guessing


def test_ten_wrong_passwords_from_one_network_are_enough(people: People) -> None:
    people.staff()

    wrong = CREDENTIALS | {"password": "not the one"}
    codes = [people.stranger.post(SIGN_IN, json=wrong).json["code"] for _ in range(10)]
    right = people.stranger.post(SIGN_IN, json=CREDENTIALS)

    assert codes == ["wrong_credentials"] * 10
    assert refused(right) == (429, "too_many_attempts")
    assert 0 < int(right.headers["Retry-After"]) <= 901


def test_guesses_at_the_door_of_accounts_are_counted_apart(people: People) -> None:
    people.staff()
    for _ in range(11):
        people.stranger.post("/api/v1/sessions", json=CREDENTIALS)

    assert people.stranger.post(SIGN_IN, json=CREDENTIALS).status_code == 202


def test_a_known_device_gets_in_while_strangers_guess(people: People) -> None:
    ada = people.staff()
    for _ in range(11):
        people.stranger.post(SIGN_IN, json=CREDENTIALS | {"password": "not the one"})

    known = people.stranger.post(SIGN_IN, json=CREDENTIALS | {"device_token": ada.device_token})
    unknown = people.stranger.post(SIGN_IN, json=CREDENTIALS | {"device_token": "A" * 43})

    assert known.status_code == 202
    assert unknown.status_code == 429


def test_a_device_token_of_somebody_else_is_no_known_device(people: People) -> None:
    people.staff()
    bea = people.staff(email="bea@example.org")
    for _ in range(11):
        people.stranger.post(SIGN_IN, json=CREDENTIALS | {"password": "not the one"})

    assert people.stranger.post(SIGN_IN, json=CREDENTIALS | {"device_token": bea.device_token}).status_code == 429


def test_five_wrong_codes_use_a_challenge_up_and_the_member_hears_of_it(people: People, outbox: Outbox) -> None:
    ada = people.staff()
    asked = people.staff_challenge()

    with clock.at(clock.now() + timedelta(seconds=31)):
        codes = [answer(people, asked, "000000").json["code"] for _ in range(6)]
        right = answer(people, asked, ada.code())
        told = outbox.last("staff_second_factor_guessed")

    assert codes == ["wrong_code"] * 5 + ["challenge_used_up"]
    assert refused(right) == (409, "challenge_used_up")
    assert told.recipient == "ada@example.org"


def test_a_code_of_the_app_works_once(people: People) -> None:
    ada = people.staff()
    with clock.at(clock.now() + timedelta(seconds=31)):
        code = ada.code()
        first = answer(people, people.staff_challenge(), code)
        again = answer(people, people.staff_challenge(), code)

    assert first.status_code == 201
    assert refused(again) == (422, "wrong_code")


def test_a_recovery_code_signs_in_once(people: People) -> None:
    ada = people.staff()

    first = answer(people, people.staff_challenge(), ada.recovery_codes[0], "recovery_code")
    again = answer(people, people.staff_challenge(), ada.recovery_codes[0], "recovery_code")

    assert first.status_code == 201
    assert refused(again) == (422, "wrong_code")
    assert ada.get(f"{ME}/factors").json["recovery_codes_left"] == 9


def test_a_new_browser_or_app_is_told_and_a_known_one_is_not(people: People, outbox: Outbox) -> None:
    ada = people.staff()
    outbox.empty()

    with clock.at(clock.now() + timedelta(seconds=31)):
        answer(people, people.staff_challenge(), ada.code(), device_token=ada.device_token)
        known = [one.letter for one in outbox.sent]
    with clock.at(clock.now() + timedelta(seconds=61)):
        answer(people, people.staff_challenge(), ada.code())
        unknown = [one.letter for one in outbox.sent]

    assert (known, unknown) == ([], ["staff_new_device"])


def test_a_password_changed_while_its_hash_is_computed_opens_nothing(
    people: People, app: App, monkeypatch: Any
) -> None:
    people.staff()
    hashes = app.extensions["suite_system"].hashes
    judge = type(hashes).verify

    def slow(self: Any, password: str, stored: str | None) -> bool:
        found = judge(self, password, stored)
        with app.extensions["suite_system"].database.engine.begin() as other:
            other.execute(update(StaffMember).values(password_hash="changed"))
        return bool(found)

    monkeypatch.setattr(type(hashes), "verify", slow)

    assert refused(people.stranger.post(SIGN_IN, json=CREDENTIALS)) == (401, "wrong_credentials")


# --- how long


@pytest.mark.parametrize(("minutes", "status"), [(14.9, 200), (15, 401)])
def test_a_session_ends_fifteen_minutes_unused(people: People, minutes: float, status: int) -> None:
    ada = people.staff()
    start = clock.now()

    with clock.at(start + timedelta(minutes=minutes)):
        assert ada.get(ME).status_code == status


def test_a_session_ends_after_eight_hours_however_much_it_is_used(people: People) -> None:
    ada = people.staff()
    start, seen = clock.now(), []

    for minutes in range(10, 491, 10):
        with clock.at(start + timedelta(minutes=minutes)):
            seen.append((minutes, ada.get(ME).status_code))

    assert {status for minutes, status in seen if minutes < 480} == {200}
    assert {status for minutes, status in seen if minutes >= 480} == {401}


def test_the_time_of_use_is_written_every_few_minutes(people: People) -> None:
    ada = people.staff()
    start, seen = clock.now(), []

    for minutes in (1, 2, 3):
        with clock.at(start + timedelta(minutes=minutes)):
            ada.get(ME)
        with db.transaction(reading=True) as session:
            seen.append(session.query(StaffSession.seen_at).scalar())

    assert seen[0] == seen[1] < seen[2]


def test_signing_out_ends_the_session_at_once(people: People) -> None:
    ada = people.staff()

    assert ada.delete(f"{SIGN_IN}/current").status_code == 204
    assert refused(ada.get(ME)) == (401, "sign_in_needed")


# --- browsers


def browser(people: People, ada: SignedIn, app: App) -> tuple[Any, str]:
    """Sign a member in in a browser; give it with its CSRF token."""
    made = people.browser
    asked = made.post(SIGN_IN, json=CREDENTIALS | {"client": "browser"}).json
    entered = made.post(ANSWER, json={"challenge": asked["challenge"], "method": "totp", "code": ada.code()})
    assert entered.status_code == 201, entered.json
    assert "token" not in entered.json
    return made, entered.json["csrf_token"]


def test_a_browser_gets_the_same_cookie_as_for_accounts_and_changes_need_the_csrf_token(
    people: People, app: App
) -> None:
    ada = people.staff()
    with clock.at(clock.now() + timedelta(seconds=31)):
        made, csrf = browser(people, ada, app)
        cookie = made.get_cookie(app.session_cookie)
        reading = made.get(ME).status_code
        again = made.get(f"{SIGN_IN}/current/csrf-token").json["csrf_token"]
        without = made.delete(f"{SIGN_IN}/current")
        with_token = made.delete(f"{SIGN_IN}/current", headers={"X-CSRF-Token": csrf})

    assert cookie is not None
    assert cookie.http_only
    assert cookie.value.startswith("staff_")
    assert (reading, again) == (200, csrf)
    assert refused(without) == (403, "csrf_token_missing")
    assert with_token.status_code == 204
    assert made.get_cookie(app.session_cookie) is None


def test_a_cookie_is_no_bearer_token_and_a_bearer_token_no_cookie(people: People, app: App) -> None:
    ada = people.staff()
    with clock.at(clock.now() + timedelta(seconds=31)):
        made, _ = browser(people, ada, app)
        cookie = made.get_cookie(app.session_cookie).value
        other = people.browser
        other.set_cookie(app.session_cookie, ada.token)

        assert people.stranger.get(ME, headers={"Authorization": f"Bearer {cookie}"}).status_code == 401
        assert other.get(ME).status_code == 401


def test_signing_in_again_in_a_browser_ends_the_session_it_had(people: People, app: App) -> None:
    ada = people.staff()
    with clock.at(clock.now() + timedelta(seconds=31)):
        made, _ = browser(people, ada, app)
    old = made.get_cookie(app.session_cookie).value
    with clock.at(clock.now() + timedelta(seconds=62)):
        asked = made.post(SIGN_IN, json=CREDENTIALS | {"client": "browser"}).json
        made.post(ANSWER, json={"challenge": asked["challenge"], "method": "totp", "code": ada.code()})
        stolen = people.browser
        stolen.set_cookie(app.session_cookie, old)

        assert stolen.get(ME).status_code == 401
        assert made.get(ME).status_code == 200


def test_an_app_has_no_csrf_token(people: People) -> None:
    assert refused(people.staff().get(f"{SIGN_IN}/current/csrf-token")) == (404, "not_found")


# --- sensitive acts


def test_a_sensitive_act_wants_a_second_factor_of_the_last_five_minutes(people: People) -> None:
    ada = people.staff()
    path = f"{ME}/recovery-codes"

    with clock.at(clock.now() + timedelta(minutes=6)):
        late = ada.post(path)
        confirmed = step_up(ada, ada.code())
        then = ada.post(path)

    assert refused(late) == (403, "sign_in_again")
    assert confirmed.status_code == 204
    assert then.status_code == 201


def test_the_password_never_confirms(people: People) -> None:
    ada = people.staff()

    answers = [
        ada.post(path, json={"password": PASSWORD})
        for path in ("/api/v1/sessions/current/confirmation", f"{SIGN_IN}/current/confirmation")
    ]

    assert [one.status_code for one in answers] == [403, 404]


def test_a_confirmation_counts_in_its_own_session_alone(people: People) -> None:
    ada = people.staff()
    other = people.enter(SignedIn(people.stranger, "", ""), code=ada.recovery_codes[0])

    with clock.at(clock.now() + timedelta(minutes=6)):
        asked = ada.post(f"{SIGN_IN}/current/challenge").json
        body = {"challenge": asked["challenge"], "method": "totp", "code": ada.code()}
        foreign = other.post(f"{SIGN_IN}/current/challenge/answer", json=body)

        assert refused(foreign) == (404, "challenge_gone")
        assert refused(other.post(f"{ME}/recovery-codes")) == (403, "sign_in_again")


# --- second factors of one's own


def test_new_recovery_codes_end_the_older_ones_and_are_told(people: People, outbox: Outbox) -> None:
    ada = people.staff()

    fresh = ada.post(f"{ME}/recovery-codes").json["recovery_codes"]

    assert refused(answer(people, people.staff_challenge(), ada.recovery_codes[0], "recovery_code"))[1] == "wrong_code"
    assert answer(people, people.staff_challenge(), fresh[0], "recovery_code").status_code == 201
    assert outbox.last("staff_factors_changed").recipient == "ada@example.org"


def test_the_last_factor_cannot_be_removed_and_a_second_one_makes_it_possible(people: People) -> None:
    ada = people.staff()
    old = ada.get(f"{ME}/factors").json["factors"][0]["id"]

    alone = ada.delete(f"{ME}/factors/{old}")
    added = ada.post(f"{ME}/factors/apps", json={"name": "new phone"}).json
    pending = ada.delete(f"{ME}/factors/{old}")
    code = pyotp.TOTP(added["secret"]).at(clock.now())
    confirmed = ada.post(f"{ME}/factors/{added['factor']['id']}/confirmation", json={"code": code})
    removed = ada.delete(f"{ME}/factors/{old}")
    last = ada.delete(f"{ME}/factors/{added['factor']['id']}")

    assert refused(alone) == refused(pending) == refused(last) == (409, "last_factor")
    assert (confirmed.status_code, confirmed.json["confirmed"]) == (200, True)
    assert removed.status_code == 204
    assert [one["id"] for one in ada.get(f"{ME}/factors").json["factors"]] == [added["factor"]["id"]]
    assert ada.get(f"{ME}/factors").json["recovery_codes_left"] == 10


def test_an_app_that_is_not_confirmed_can_be_removed(people: People) -> None:
    ada = people.staff()
    added = ada.post(f"{ME}/factors/apps", json={"name": "new phone"}).json["factor"]["id"]

    assert ada.delete(f"{ME}/factors/{added}").status_code == 204
    assert refused(ada.delete(f"{ME}/factors/{added}")) == (404, "no_such_factor")
