"""What an attacker tries at the doors of second factors: replays, mixed-up clients, odd input, half-added factors."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import phonenumbers
import pyotp
import pytest
from sqlalchemy import select, update

from suite.accounts.models import Account, KnownDevice, Session
from suite.factors.models import Challenge, Factor
from suite.kernel import clock, db
from suite.kernel.http import App
from suite.kernel.ids import new_id
from tests.people import PASSWORD, PHONE, Outbox, People, SignedIn

SESSIONS, FACTORS = "/api/v1/sessions", "/api/v1/me/factors"
ANSWER, TEXT = f"{SESSIONS}/challenge", "/api/v1/challenges/code"
STEP_UP, CONFIRM = f"{SESSIONS}/current/challenge", f"{SESSIONS}/current/confirmation"
MINUTE = timedelta(minutes=1)
BODY = {"email": "ann@example.org", "password": PASSWORD}


def answer(people: People, token: str, code: str, method: str = "totp", **others: Any) -> Any:
    return people.stranger.post(ANSWER, json={"challenge": token, "method": method, "code": code, **others})


def later(minutes: float = 1) -> datetime:
    """Give an instant at which the step of the enrolment is spent and over."""
    return clock.now() + minutes * MINUTE


def code_of(answer_: Any) -> tuple[int, str | None]:
    return answer_.status_code, (answer_.json or {}).get("code")


# --- a challenge belongs to one use, one session, one person


def test_a_challenge_is_answered_where_it_was_asked_and_nowhere_else(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    app, other = people.with_app(ann), people.with_app(bob)
    with clock.at(later()):
        sign_in = people.challenged()["challenge"]
        own = ann.post(STEP_UP).json["challenge"]
        bobs = bob.post(STEP_UP).json["challenge"]
        code, bobs_code = app.at(clock.now()), other.at(clock.now())

        def step_up(who: SignedIn, token: str, typed: str) -> tuple[int, str | None]:
            body = {"challenge": token, "method": "totp", "code": typed}
            return code_of(who.post(f"{STEP_UP}/answer", json=body))

        refused = [
            code_of(answer(people, own, code)),  # a step-up signs nobody in
            step_up(ann, sign_in, code),  # a sign-in confirms nothing
            step_up(ann, bobs, code),  # of another person, with the own code
            step_up(ann, bobs, bobs_code),  # with the code of the other person
            step_up(bob, own, code),  # from another account
        ]
        entered = answer(people, sign_in, code)
        second = SignedIn(people.stranger, entered.json["token"], "")
        with clock.at(clock.now() + timedelta(seconds=30)):
            elsewhere = step_up(second, own, app.at(clock.now()))
            right = step_up(ann, own, app.at(clock.now()))

    assert refused == [(404, "challenge_gone")] * 5
    assert entered.status_code == 201
    assert (elsewhere, right) == ((404, "challenge_gone"), (204, None))


def test_a_code_texted_for_one_challenge_opens_no_other(people: People, outbox: Outbox) -> None:
    factor = people.with_phone(people.member())
    with clock.at(later(2)):
        one, other = people.challenged()["challenge"], people.challenged()["challenge"]
        people.stranger.post(TEXT, json={"challenge": one, "factor": factor})

        wrong, right = (answer(people, token, outbox.texted(), "sms") for token in (other, one))

    assert (wrong.status_code, right.status_code) == (422, 201)


def ended(people: People, member: SignedIn) -> dict[str, Callable[[], Any]]:
    """Give what ends every challenge of a person."""

    def block() -> None:
        with db.transaction() as session:
            session.execute(update(Account).values(blocked_at=clock.now()))

    return {
        "password changed": lambda: member.put("/api/v1/me/password", json={"password": "five small red kettles"}),
        "signed out elsewhere": lambda: member.delete(SESSIONS),
        "factor removed": lambda: member.delete(f"{FACTORS}/{member.get(FACTORS).json['factors'][0]['id']}"),
        "factor added": lambda: people.with_app(member),
        "closed": lambda: member.post("/api/v1/me/closure"),
        "blocked": block,
    }


ENDS = ["password changed", "signed out elsewhere", "factor removed", "factor added", "closed", "blocked"]


@pytest.mark.parametrize("ending", ENDS)
def test_an_open_challenge_ends_with_what_it_rested_on(people: People, ending: str) -> None:
    member = people.member()
    app = people.with_app(member)
    member.recovery_codes, code = [], member.recovery_codes[0]
    token = people.challenged()["challenge"]
    sms = people.stranger.post(TEXT, json={"challenge": token, "factor": str(new_id())}).json["code"]

    done = ended(people, member)[ending]()
    by_code = answer(people, token, code, "recovery_code")
    by_app = answer(people, token, app.at(clock.now()))

    assert getattr(done, "status_code", 200) in {200, 204}
    assert sms == "no_such_factor"
    gone = (403, "account_blocked") if ending == "blocked" else (404, "challenge_gone")
    assert code_of(by_code) == code_of(by_app) == gone


@pytest.mark.parametrize("minutes", [10, 60])
def test_a_challenge_is_over_after_ten_minutes_and_its_token_is_then_unknown(people: People, minutes: int) -> None:
    app = people.with_app(people.member())
    start = clock.now()
    with clock.at(start):
        token = people.challenged()["challenge"]

    with clock.at(start + minutes * MINUTE):
        late, unknown = (answer(people, one, app.at(clock.now())) for one in (token, "A" * 43))
    with clock.at(start + 10 * MINUTE - timedelta(seconds=1)):
        in_time = answer(people, token, app.at(clock.now()))

    assert {**late.json, "request_id": ""} == {**unknown.json, "request_id": ""}
    assert code_of(late) == (404, "challenge_gone")
    assert in_time.status_code == 201


# --- clients, cookies and devices


def test_a_device_of_another_account_is_no_known_device(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    app = people.with_app(ann)
    with clock.at(later()):
        for _ in range(2):
            token = people.challenged()["challenge"]
            for _ in range(5):
                answer(people, token, "000000")

        as_bob = people.challenged(device_token=bob.device_token)
        as_ann = people.challenged(device_token=ann.device_token)
        # The device counts at the first step, where the challenge is made.
        at_the_second = answer(
            people, people.challenged()["challenge"], app.at(clock.now()), device_token=ann.device_token
        )

        assert code_of(answer(people, as_bob["challenge"], app.at(clock.now()))) == (429, "too_many_wrong_codes")
        assert code_of(at_the_second) == (429, "too_many_wrong_codes")
        assert answer(people, as_ann["challenge"], app.at(clock.now())).status_code == 201


def test_a_device_token_signs_nobody_in_and_changes_no_password_check(people: People) -> None:
    member = people.member()
    wrong = BODY | {"password": "not the one", "device_token": member.device_token}

    assert people.stranger.post(SESSIONS, json=wrong).status_code == 401
    for credential in (member.device_token, people.with_app(member).secret):
        got = people.stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {credential}"})
        assert got.status_code == 401


def test_a_challenge_asked_by_a_browser_gives_a_cookie_whoever_answers(people: People, app: App) -> None:
    totp = people.with_app(people.member())
    with clock.at(later()):
        asked = people.stranger.post(SESSIONS, json=BODY | {"client": "browser"})

        entered = answer(people, asked.json["challenge"], totp.at(clock.now()))

    cookies = {one.partition("=")[0] for one in entered.headers.getlist("Set-Cookie")}
    assert "Set-Cookie" not in asked.headers
    assert cookies == {app.session_cookie, app.device_cookie}
    assert set(entered.json) == {"session_id", "account_id", "expires_at", "csrf_token"}


def test_a_challenge_asked_by_an_app_gives_a_token_and_no_cookie_to_a_browser(people: People, app: App) -> None:
    totp = people.with_app(people.member())
    browser = people.browser
    browser.set_cookie(app.device_cookie, "A" * 43)
    with clock.at(later()):
        asked = browser.post(SESSIONS, json=BODY)
        body = {"challenge": asked.json["challenge"], "method": "totp", "code": totp.at(clock.now())}
        entered = browser.post(ANSWER, json=body)

    assert entered.json["token"]
    assert entered.headers.getlist("Set-Cookie") == []


@pytest.mark.parametrize("planted", ["of nobody", "of the attacker", "of the owner"])
def test_a_session_planted_before_the_sign_in_is_not_the_one_after_it(people: People, app: App, planted: str) -> None:
    totp = people.with_app(people.member())
    people.account("eve@example.org")
    browser, start = people.browser, later()
    with clock.at(start):
        if planted == "of the attacker":
            browser.post(SESSIONS, json={"email": "eve@example.org", "password": PASSWORD, "client": "browser"})
        elif planted == "of the owner":
            asked = browser.post(SESSIONS, json=BODY | {"client": "browser"}).json["challenge"]
            browser.post(ANSWER, json={"challenge": asked, "method": "totp", "code": totp.at(clock.now())})
        else:
            browser.set_cookie(app.session_cookie, "A" * 43)
        before = browser.get_cookie(app.session_cookie).value
    with clock.at(start + MINUTE):
        asked = browser.post(SESSIONS, json=BODY | {"client": "browser"}).json["challenge"]
        browser.post(ANSWER, json={"challenge": asked, "method": "totp", "code": totp.at(clock.now())})
        thief = people.browser
        thief.set_cookie(app.session_cookie, before)
        as_thief, as_owner = thief.get("/api/v1/me"), browser.get("/api/v1/me")

    assert browser.get_cookie(app.session_cookie).value != before
    assert as_thief.status_code == 401
    assert as_owner.json["email"] == "ann@example.org"


def test_a_step_up_in_a_browser_needs_the_csrf_token_and_its_own_origin(people: People) -> None:
    totp = people.with_app(people.member())
    browser = people.browser
    with clock.at(later()):
        asked = browser.post(SESSIONS, json=BODY | {"client": "browser"}).json["challenge"]
        body = {"challenge": asked, "method": "totp", "code": totp.at(clock.now())}
        foreign = browser.post(ANSWER, json=body, headers={"Origin": "https://evil.example"})
        csrf = browser.post(ANSWER, json=body).json["csrf_token"]

        without = browser.post(STEP_UP), browser.post(f"{STEP_UP}/answer", json=body), browser.post(CONFIRM, json={})
        elsewhere = browser.post(STEP_UP, headers={"X-CSRF-Token": csrf, "Origin": "https://evil.example"})
        as_form = browser.post(f"{STEP_UP}/answer", data=body, headers={"X-CSRF-Token": csrf})
        right = browser.post(STEP_UP, headers={"X-CSRF-Token": csrf})

    assert code_of(foreign) == code_of(elsewhere) == (403, "foreign_origin")
    assert [code_of(one) for one in without] == [(403, "csrf_token_missing")] * 3
    assert as_form.status_code == 415
    assert right.status_code == 201


@pytest.mark.parametrize("value", ["é" * 30, "\xff\xfe" * 20, "A" * 4000, "%00" * 20, '"quoted"', ""], ids=range(6))
def test_odd_cookies_are_no_device_and_no_session_and_break_nothing(people: People, app: App, value: str) -> None:
    people.account()
    cookie = f"{app.device_cookie}={value}; other={value}"

    entered = people.stranger.post(
        SESSIONS, json=BODY, headers={"Cookie": cookie.encode("latin-1", "replace").decode("latin-1")}
    )
    replaced = people.stranger.post(
        SESSIONS, json=BODY, headers={"Cookie": f"{app.session_cookie}={value}".encode("latin-1").decode("latin-1")}
    )

    assert (entered.status_code, replaced.status_code) == (201, 201)


# --- factors that are not confirmed


def pending(people: People, outbox: Outbox) -> tuple[SignedIn, pyotp.TOTP, dict[str, str]]:
    """Give somebody who added a phone and an app and confirmed neither."""
    member = people.member()
    app = member.post(f"{FACTORS}/apps", json={"name": "app"}).json
    phone = member.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "phone"}).json
    return member, pyotp.TOTP(app["secret"]), {"app": app["factor"]["id"], "phone": phone["factor"]["id"]}


def test_a_factor_that_is_not_confirmed_is_asked_nowhere_and_counts_nowhere(people: People, outbox: Outbox) -> None:
    member, _, ids = pending(people, outbox)

    entered = people.stranger.post(SESSIONS, json=BODY)
    how = member.get(CONFIRM).json["methods"]
    asked = member.post(STEP_UP)
    codes = member.post(f"{FACTORS}/recovery-codes")

    assert entered.status_code == 201
    assert how == ["password"]
    assert code_of(asked) == (409, "no_second_factor")
    assert code_of(codes) == (404, "no_such_factor")
    assert [one["confirmed"] for one in member.get(FACTORS).json["factors"]] == [False, False]
    assert member.delete(f"{FACTORS}/{ids['app']}").status_code == 204
    assert not any(message.letter == "factor_removed" for message in outbox.sent)


def test_beside_a_confirmed_factor_one_that_is_not_satisfies_nothing(people: People, outbox: Outbox) -> None:
    member = people.member()
    confirmed = people.with_app(member)
    added = member.post(f"{FACTORS}/apps", json={"name": "second"}).json
    unconfirmed = pyotp.TOTP(added["secret"])
    phone = member.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "phone"}).json["factor"]["id"]
    enrolment_code = outbox.texted()
    with clock.at(later(2)):
        asked = people.challenged()
        step = member.post(STEP_UP).json["challenge"]

        by_app = answer(people, asked["challenge"], unconfirmed.at(clock.now()))
        by_text = people.stranger.post(TEXT, json={"challenge": asked["challenge"], "factor": phone})
        by_enrolment_code = answer(people, asked["challenge"], enrolment_code, "sms")
        body = {"challenge": step, "method": "totp", "code": unconfirmed.at(clock.now())}
        step_up = member.post(f"{STEP_UP}/answer", json=body)
        right = answer(people, asked["challenge"], confirmed.at(clock.now()))

    assert asked["methods"] == ["totp", "recovery_code"]
    assert [one["name"] for one in asked["factors"]] == ["authenticator"]
    assert code_of(by_text) == (404, "no_such_factor")
    assert code_of(by_app) == code_of(by_enrolment_code) == code_of(step_up) == (422, "wrong_code")
    assert right.status_code == 201


def test_no_recovery_code_and_no_code_of_another_factor_confirms_an_enrolment(people: People, outbox: Outbox) -> None:
    member = people.member()
    first = people.with_app(member)
    codes, added = member.recovery_codes, member.post(f"{FACTORS}/apps", json={"name": "second"}).json
    path = f"{FACTORS}/{added['factor']['id']}/confirmation"
    with clock.at(later()):
        tried = [member.post(path, json={"code": code}) for code in (codes[0], first.at(clock.now()))]
        right = member.post(path, json={"code": pyotp.TOTP(added["secret"]).at(clock.now())})

    assert [code_of(one) for one in tried] == [(422, "wrong_code")] * 2
    assert (right.status_code, right.json["recovery_codes"]) == (200, [])


# --- codes in every writing, at every time


@pytest.mark.parametrize(("skew", "status"), [(-2, 422), (-1, 201), (0, 201), (1, 422), (2, 422)], ids=str)
@pytest.mark.parametrize("year", [2026, 2038, 2039, 2106, 2900])
def test_an_app_is_believed_for_its_step_and_the_one_before_in_every_year(
    people: People, year: int, skew: int, status: int
) -> None:
    with clock.at(datetime(year, 2, 1, 12, tzinfo=UTC)):
        app = people.with_app(people.member())
    with clock.at(datetime(year, 2, 1, 12, 2, 0, tzinfo=UTC)):
        entered = answer(people, people.challenged()["challenge"], app.at(clock.now(), counter_offset=skew))

    assert entered.status_code == status


def test_the_later_step_ends_the_earlier_one(people: People) -> None:
    app = people.with_app(people.member())
    with clock.at(later(3)):
        before, now = app.at(clock.now(), counter_offset=-1), app.at(clock.now())

        entered = [answer(people, people.challenged()["challenge"], code).status_code for code in (now, before)]

    assert entered == [201, 422]


@pytest.mark.parametrize("written", ["{0}{1}", "{0} {1}", "{0}-{1}", "{0}  {1}"])
def test_a_code_is_taken_with_the_blanks_apps_show_it_with(people: People, outbox: Outbox, written: str) -> None:
    member = people.member()
    app, factor = people.with_app(member), people.with_phone(member)

    def typed(code: str) -> str:
        return written.format(code[:3], code[3:])

    with clock.at(later(2)):
        by_app = answer(people, people.challenged()["challenge"], typed(app.at(clock.now())))
        token = people.challenged()["challenge"]
        people.stranger.post(TEXT, json={"challenge": token, "factor": factor})
        by_text = answer(people, token, typed(outbox.texted()), "sms")

    assert (by_app.status_code, by_text.status_code) == (201, 201)


@pytest.mark.parametrize(
    "code",
    [
        "１２３４５６",
        "١٢٣٤٥٦",
        "𝟙𝟚𝟛𝟜𝟝𝟞",
        "12345６",
        " 123456",
        "123456\n",
        "123456\t",
        "123\u00a0456",
        "12345",
        "1" * 25,
        "123456'--",
        "",
        "      ",
        "------",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("method", ["totp", "sms", "recovery_code"])
def test_what_is_no_code_is_refused_before_it_counts(people: People, code: str, method: str) -> None:
    people.with_app(people.member())
    token = people.challenged()["challenge"]

    refused = answer(people, token, code, method)

    assert code_of(refused) == (422, "invalid_input")
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Challenge.tries).where(Challenge.use == "sign_in")).one() == 0


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    [],
    ["totp"],
    {},
    {"$ne": ""},
    "",
    "' OR '1'='1' --",
    "'); DROP TABLE factors; --",
    "{{7*7}}",
    "../../etc/passwd",
    "a\u0000b",
    "\u202e123456",
    "x" * 5000,
    "A" * 43,
    "019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d",
]


def forms(ids: dict[str, str]) -> dict[str, tuple[str, dict[str, Any]]]:
    """Give every route of second factors that takes a body, with a right one."""
    token = "A" * 43
    return {
        "sign in": (SESSIONS, BODY | {"client": "app", "device_token": token}),
        "answer": (ANSWER, {"challenge": token, "method": "totp", "code": "123456", "device_token": token}),
        "text": (TEXT, {"challenge": token, "factor": ids["phone"]}),
        "step up": (f"{STEP_UP}/answer", {"challenge": token, "method": "totp", "code": "123456"}),
        "confirm": (CONFIRM, {"password": PASSWORD}),
        "phone": (f"{FACTORS}/phones", {"phone": PHONE, "name": "phone"}),
        "app": (f"{FACTORS}/apps", {"name": "app"}),
        "confirmation": (f"{FACTORS}/{ids['app']}/confirmation", {"code": "123456"}),
    }


@pytest.mark.parametrize("form", forms({"phone": "", "app": ""}))
def test_odd_values_in_any_field_are_refused_and_change_nothing(people: People, outbox: Outbox, form: str) -> None:
    member, _, ids = pending(people, outbox)
    path, body = forms(ids)[form]

    for name in body:
        for value in ODD:
            whole = json.dumps(body | {name: value})
            got = member.post(path, data=whole, content_type="application/json")
            assert got.status_code < 500, (name, value)
            if not isinstance(value, str):
                assert code_of(got) in {(422, "invalid_input"), (400, "malformed_json")}, (name, value)
    for whole in ("[]", '"text"', "1", "null"):
        assert member.post(path, data=whole, content_type="application/json").status_code in {400, 422}

    with db.transaction(reading=True) as session:
        assert all(one.pending_since is not None for one in session.scalars(select(Factor)))
    assert member.get("/api/v1/me").status_code == 200


# --- what is told


def test_a_thief_of_a_session_sees_no_number_and_no_secret(people: People) -> None:
    member = people.member()
    people.with_phone(member)
    people.with_app(member)
    whole = member.get(FACTORS).json["factors"]
    with clock.at(later(6)):
        stolen = member.get(FACTORS)
        renamed = member.patch(f"{FACTORS}/{whole[0]['id']}", json={"name": "other"})

    assert [one["phone"] for one in whole] == [PHONE, None]
    assert [one["phone"] for one in stolen.json["factors"]] == ["•• 78", None]
    assert renamed.json["phone"] == "•• 78"
    assert set(stolen.json["factors"][1]) == {"id", "kind", "name", "phone", "confirmed", "added_at", "used_at"}
    assert PHONE[1:-2] not in stolen.text
    assert stolen.json["recovery_codes_left"] == 10


def test_a_thief_of_a_session_changes_no_factor(people: People, outbox: Outbox) -> None:
    member = people.member()
    factor = people.with_phone(member)
    added = member.post(f"{FACTORS}/apps", json={"name": "app"}).json["factor"]["id"]
    with clock.at(later(6)):
        refused = [
            member.post(f"{FACTORS}/phones", json={"phone": "+4915112345679", "name": "x"}),
            member.post(f"{FACTORS}/apps", json={"name": "x"}),
            member.post(f"{FACTORS}/{added}/confirmation", json={"code": "123456"}),
            member.delete(f"{FACTORS}/{factor}"),
            member.post(f"{FACTORS}/recovery-codes"),
        ]

    assert [code_of(one) for one in refused] == [(403, "sign_in_again")] * 5


def test_asking_for_a_code_tells_nothing_about_factors_one_does_not_have(people: People, outbox: Outbox) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    app_only = people.with_app(ann)
    bobs = people.with_phone(bob)
    apps = ann.get(FACTORS).json["factors"][0]["id"]
    token = people.challenged()["challenge"]
    headers = {"X-Request-ID": "the-same"}

    def ask(challenge: str, factor: str) -> Any:
        return people.stranger.post(TEXT, json={"challenge": challenge, "factor": factor}, headers=headers)

    known = [ask(token, factor) for factor in (bobs, apps, str(new_id()))]
    unknown = [ask("B" * 43, factor) for factor in (bobs, apps, str(new_id()))]

    assert app_only.digits == 6
    assert len({one.data for one in known}) == len({one.data for one in unknown}) == 1
    assert (code_of(known[0]), code_of(unknown[0])) == ((404, "no_such_factor"), (404, "challenge_gone"))
    assert [one.letter for one in outbox.sent].count("security_code") == 1


def test_a_challenge_shows_two_digits_and_the_names_and_no_more(people: People) -> None:
    member = people.member()
    people.with_phone(member)
    people.with_app(member)

    asked = people.stranger.post(SESSIONS, json=BODY)

    assert set(asked.json) == {"challenge", "expires_at", "methods", "factors"}
    assert all(set(one) == {"id", "kind", "name", "hint"} for one in asked.json["factors"])
    assert PHONE[1:-2] not in asked.text


def test_an_objection_ends_devices_sessions_challenges_and_the_factor_that_was_added(
    people: People, outbox: Outbox
) -> None:
    member = people.member()
    people.with_app(member)
    token = people.challenged()["challenge"]

    done = people.stranger.post("/api/v1/undo", json={"token": outbox.undo_token("factor_added")})
    entered = people.stranger.post(SESSIONS, json=BODY)
    thief = SignedIn(people.stranger, entered.json["token"], entered.json["session_id"])
    again = thief.post(f"{FACTORS}/apps", json={"name": "mine"})

    assert done.status_code == 200
    assert code_of(answer(people, token, member.recovery_codes[0], "recovery_code")) == (404, "challenge_gone")
    assert code_of(again) == (409, "changes_frozen")
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Factor)).all() == []
        assert len(session.scalars(select(Session)).all()) == len(session.scalars(select(KnownDevice)).all()) == 1


def test_an_objection_to_recovery_codes_ends_them_and_keeps_the_factor(people: People, outbox: Outbox) -> None:
    member = people.member()
    app = people.with_app(member)
    stolen = member.post(f"{FACTORS}/recovery-codes").json["recovery_codes"]

    people.stranger.post("/api/v1/undo", json={"token": outbox.undo_token("recovery_codes_made")})
    with clock.at(later()):
        by_stolen = answer(people, people.challenged()["challenge"], stolen[0], "recovery_code")
        by_app = answer(people, people.challenged()["challenge"], app.at(clock.now()))

    assert code_of(by_stolen) == (422, "wrong_code")
    assert by_app.status_code == 201


def test_a_number_that_no_plan_knows_any_more_still_signs_in(
    people: People, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    factor = people.with_phone(people.member())
    monkeypatch.setattr(phonenumbers, "is_valid_number", lambda _number: False)
    monkeypatch.setattr(phonenumbers, "region_code_for_number", lambda _number: None)
    with clock.at(later(2)):
        asked = people.challenged()
        sent = people.stranger.post(TEXT, json={"challenge": asked["challenge"], "factor": factor})
        entered = answer(people, asked["challenge"], outbox.texted(), "sms")

    assert (sent.status_code, entered.status_code) == (202, 201)
