"""Signing in, being somebody, confirming the password."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from suite.accounts.models import Account, Session
from suite.kernel import clock, db
from tests.people import PASSWORD, People

SIGN_IN = "/api/v1/sessions"


def test_wrong_password_and_unknown_address_get_the_same_answer_and_the_same_work(people: People, app) -> None:
    people.account("ann@example.org")
    hashes = app.extensions["suite_system"].hashes

    answers, work = [], []
    for body in (
        {"email": "ann@example.org", "password": "not the one"},
        {"email": "nobody@example.org", "password": "not the one"},
    ):
        before = hashes.computed
        answers.append(people.stranger.post(SIGN_IN, json=body))
        work.append(hashes.computed - before)

    known, unknown = ({**answer.json, "request_id": ""} for answer in answers)
    assert known == unknown
    assert known["code"] == "wrong_credentials"
    assert [name for name, _ in answers[0].headers] == [name for name, _ in answers[1].headers]
    assert work == [1, 1]


@pytest.mark.policy("MYK-18", "BUS-10")
def test_the_address_is_the_user_name_in_any_writing(people: People) -> None:
    people.account("Ann.Lee@Example.org")

    session = people.sign_in("ANN.LEE@EXAMPLE.ORG")

    assert session.get("/api/v1/me").json["email"] == "Ann.Lee@Example.org"


def test_ten_wrong_passwords_from_one_network_are_enough(people: People) -> None:
    people.account("ann@example.org")
    wrong = {"email": "ann@example.org", "password": "not the one"}

    codes = [people.stranger.post(SIGN_IN, json=wrong).json["code"] for _ in range(10)]
    right = people.stranger.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD})

    assert codes == ["wrong_credentials"] * 10
    assert (right.status_code, right.json["code"]) == (429, "too_many_attempts")
    assert 0 < int(right.headers["Retry-After"]) <= 901


def test_the_right_password_forgets_the_wrong_ones(people: People) -> None:
    people.account("ann@example.org")
    wrong = {"email": "ann@example.org", "password": "not the one"}

    for _ in range(3):
        for _ in range(9):
            people.stranger.post(SIGN_IN, json=wrong)
        people.sign_in()

    assert people.sign_in().get("/api/v1/me").status_code == 200


def test_an_unknown_address_is_limited_like_a_known_one(people: People) -> None:
    body = {"email": "nobody@example.org", "password": "not the one"}

    codes = [people.stranger.post(SIGN_IN, json=body).json["code"] for _ in range(11)]

    assert codes == ["wrong_credentials"] * 10 + ["too_many_attempts"]


def test_a_token_opens_nothing_after_two_idle_weeks(people: People) -> None:
    session = people.member()

    with clock.at(clock.now() + timedelta(days=14)):
        answer = session.get("/api/v1/me")

    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_used_token_lives_thirty_days_and_no_longer(people: People) -> None:
    session = people.member()
    start = clock.now()

    statuses = []
    for days in (10, 20, 29.9, 30.1):
        with clock.at(start + timedelta(days=days)):
            statuses.append(session.get("/api/v1/me").status_code)

    assert statuses == [200, 200, 200, 401]


def test_a_browser_gets_a_cookie_and_no_token(people: People) -> None:
    people.account()
    browser = people.browser

    opened = browser.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD, "client": "browser"})
    me = browser.get("/api/v1/me")

    assert "token" not in opened.json
    cookie = opened.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert me.json["email"] == "ann@example.org"


def test_a_browser_session_is_over_after_half_an_idle_hour(people: People) -> None:
    people.account()
    browser = people.browser
    browser.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD, "client": "browser"})

    with clock.at(clock.now() + timedelta(minutes=30)):
        answer = browser.get("/api/v1/me")

    assert answer.status_code == 401


def test_a_browser_changes_nothing_without_its_csrf_token(people: People) -> None:
    people.account()
    browser = people.browser
    opened = browser.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD, "client": "browser"})

    without = browser.delete("/api/v1/sessions/current")
    wrong = browser.delete("/api/v1/sessions/current", headers={"X-CSRF-Token": "x" * 64})
    again = browser.get("/api/v1/sessions/current/csrf-token").json
    right = browser.delete("/api/v1/sessions/current", headers={"X-CSRF-Token": again["csrf_token"]})

    assert (without.json["code"], wrong.json["code"]) == ("csrf_token_missing", "csrf_token_missing")
    assert again["csrf_token"] == opened.json["csrf_token"]
    assert right.status_code == 204
    assert "Max-Age=0" in right.headers["Set-Cookie"]


def test_a_cookie_is_no_bearer_token_and_the_other_way_round(people: People, app) -> None:
    token = people.member().token
    browser = people.browser
    browser.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD, "client": "browser"})
    cookie = browser.get_cookie(app.session_cookie).value

    as_bearer = people.stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {cookie}"})
    fresh = people.browser
    fresh.set_cookie(app.session_cookie, token)
    as_cookie = fresh.get("/api/v1/me")

    assert (as_bearer.status_code, as_cookie.status_code) == (401, 401)


def test_confirming_the_password_opens_sensitive_acts_for_five_minutes(people: People) -> None:
    session = people.member()
    start = clock.now()

    with clock.at(start + timedelta(minutes=6)):
        late = session.post("/api/v1/me/closure")
        wrong = session.post("/api/v1/sessions/current/confirmation", json={"password": "not the one"})
        confirmed = session.post("/api/v1/sessions/current/confirmation", json={"password": PASSWORD})
        closed = session.post("/api/v1/me/closure")

    assert (late.status_code, late.json["code"]) == (403, "sign_in_again")
    assert (wrong.status_code, wrong.json["code"]) == (422, "wrong_password")
    assert confirmed.status_code == 204
    assert closed.status_code == 200


def test_guessing_through_the_confirmation_is_limited_too(people: People) -> None:
    session = people.member()
    path = "/api/v1/sessions/current/confirmation"

    codes = [session.post(path, json={"password": "not the one"}).json["code"] for _ in range(11)]

    assert codes == ["wrong_password"] * 10 + ["too_many_attempts"]


def test_a_password_changed_while_its_hash_is_computed_opens_nothing(people: People, app, monkeypatch) -> None:
    people.account()
    hashes = app.extensions["suite_system"].hashes
    judge = type(hashes).verify

    def slow(self, password: str, stored: str | None) -> bool:
        answer = judge(self, password, stored)
        with app.extensions["suite_system"].database.engine.begin() as other:
            other.execute(update(Account).values(password_hash="changed"))
        return answer

    monkeypatch.setattr(type(hashes), "verify", slow)
    answer = people.stranger.post(SIGN_IN, json={"email": "ann@example.org", "password": PASSWORD})

    assert answer.json["code"] == "wrong_credentials"


def test_the_time_of_use_is_written_at_most_every_five_minutes(people: People) -> None:
    session = people.member()
    start = clock.now()
    seen = []

    for minutes in (1, 4, 6, 7):
        with clock.at(start + timedelta(minutes=minutes)):
            session.get("/api/v1/me")
            seen.append(session.get("/api/v1/sessions").json["sessions"][0]["seen_at"])

    assert seen[0] == seen[1]
    assert seen[2] > seen[1]
    assert seen[3] == seen[2]


def test_a_session_of_a_closed_account_is_nobody(people: People) -> None:
    session = people.member()
    with db.transaction() as transaction:
        transaction.execute(update(Account).values(closed_at=clock.now()))

    assert session.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    "change",
    [update(Account).values(password_hash="changed"), update(Account).values(closed_at=clock.now()), delete(Session)],
    ids=["password", "account", "session"],
)
def test_a_confirmation_counts_only_for_what_is_still_the_same_after_the_hash(
    people: People, app, monkeypatch, change: Any
) -> None:
    session = people.member()
    hashes = app.extensions["suite_system"].hashes
    judge = type(hashes).verify

    def slow(self, password: str, stored: str | None) -> bool:
        answer = judge(self, password, stored)
        with app.extensions["suite_system"].database.engine.begin() as other:
            other.execute(change)
        return answer

    monkeypatch.setattr(type(hashes), "verify", slow)
    answer = session.post("/api/v1/sessions/current/confirmation", json={"password": PASSWORD})

    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_needed")


@pytest.mark.parametrize("again", ["ann@example.org", "bob@example.org"])
def test_signing_in_again_in_a_browser_ends_the_session_it_had(people: People, app, again: str) -> None:
    people.account("ann@example.org")
    people.account("bob@example.org")
    browser, elsewhere = people.browser, people.sign_in("ann@example.org")
    body = {"email": "ann@example.org", "password": PASSWORD, "client": "browser"}
    browser.post(SIGN_IN, json=body)
    old = browser.get_cookie(app.session_cookie).value

    wrong = browser.post(SIGN_IN, json=body | {"password": "not the one"})
    kept = browser.get("/api/v1/me").status_code
    browser.post(SIGN_IN, json=body | {"email": again})
    stolen = people.browser
    stolen.set_cookie(app.session_cookie, old)

    assert (wrong.status_code, kept) == (401, 200)
    assert stolen.get("/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me").json["email"] == again
    assert elsewhere.get("/api/v1/me").status_code == 200
