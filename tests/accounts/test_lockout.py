"""Guessing as a weapon: a stranger who hammers stays bounded, and never keeps the owner's device out of any door."""

import ast
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pyotp
import pytest

from suite.kernel import clock
from tests import source
from tests.people import PASSWORD, PHONE, Outbox, People, SignedIn

SESSIONS, FACTORS = "/api/v1/sessions", "/api/v1/me/factors"
ANSWER, TEXT = f"{SESSIONS}/challenge", "/api/v1/challenges/code"
STEP_UP, CONFIRM = f"{SESSIONS}/current/challenge", f"{SESSIONS}/current/confirmation"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
EMAIL = "ann@example.org"


# --- which doors there are

PASSWORDS = {
    "accounts/signin.py": "sign_in",
    "accounts/signup.py": "confirm_by_link",
    "accounts/stepup.py": "judge_password",
    "accounts/answers.py": "judge",
    "staff/signin.py": "sign_in",
}
CODES = {
    "accounts/signin.py": {"answer"},
    "accounts/stepup.py": {"answer"},
    "accounts/recovery_steps.py": {"answer_factor"},
    "factors/challenges.py": {"answer"},
    "factors/enrolment.py": {"confirm"},
    "staff/signin.py": {"answer", "confirm"},
}
KEYS = ("_judge_totp", "_judge_sms", "_judge_recovery_code", "_JUDGES")


def callers(*names: str) -> dict[str, set[str]]:
    """Give the functions that call one of these, by file."""
    found: dict[str, set[str]] = {}
    for place, function, called in called_in_functions():
        if called & set(names):
            found.setdefault(place, set()).add(function)
    return found


@cache
def called_in_functions() -> list[tuple[str, str, set[str]]]:
    """Give place and name of every function with what it calls."""
    return [
        (place, node.name, {ast.unparse(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)})
        for place, nodes in source.nodes().items()
        for node in nodes
        if isinstance(node, ast.FunctionDef)
    ]


def test_passwords_are_judged_at_these_doors_and_no_others() -> None:
    found = callers("verify_password", "gate.judge")
    found.pop("kernel/gate.py")

    assert found == {file: {function} for file, function in PASSWORDS.items()}


def test_codes_are_judged_at_these_doors_through_one_gate() -> None:
    assert callers("challenges.answer", "challenges.judge", "judge") == CODES


def test_nothing_but_the_gate_compares_a_code() -> None:
    users = {
        place for place, text in source.texts().items() if any(key in text for key in KEYS) or "pyotp.TOTP(" in text
    }

    assert users == {"factors/challenges.py", "factors/enrolment.py"}
    assert callers("pyotp.TOTP")["factors/enrolment.py"] == {"add_app"}


# --- the siege


@dataclass
class Owner:
    """Whom it is about: a device that signed in before, a session, an app, a phone, recovery codes."""

    people: People
    outbox: Outbox
    session: SignedIn
    app: pyotp.TOTP | None = None
    phone: str = ""

    def password(self) -> Any:
        body = {"email": EMAIL, "password": PASSWORD, "device_token": self.session.device_token}
        return self.people.stranger.post(SESSIONS, json=body)

    def code(self, method: str, challenge: dict[str, Any]) -> str:
        if method == "totp":
            assert self.app is not None
            return self.app.at(clock.now())
        if method == "recovery_code":
            return self.session.recovery_codes[0]
        body = {"challenge": challenge["challenge"], "factor": self.phone}
        sent = self.people.stranger.post(TEXT, json=body)
        assert sent.status_code == 202, sent.json
        return self.outbox.texted()


def owner(people: People, outbox: Outbox, *, factors: bool) -> Owner:
    found = Owner(people, outbox, people.member(EMAIL))
    if factors:
        found.phone = people.with_phone(found.session)
        codes = found.session.recovery_codes
        found.app = people.with_app(found.session)
        found.session.recovery_codes = codes
    return found


@dataclass
class Siege:
    """What a stranger did who knows the address, and perhaps the password."""

    judged: Counter[str]

    @property
    def wrong_codes(self) -> int:
        return self.judged["wrong_code"]


def besiege(people: People, *, knows_password: bool, begun: datetime, hours: int = 3) -> Siege:
    """Hammer every door a stranger reaches, for hours, from ever new networks."""
    judged: Counter[str] = Counter()

    def ask(path: str, body: dict[str, Any], network: int) -> Any:
        answer = people.stranger.post(path, json=body, environ_base={"REMOTE_ADDR": f"10.66.{network}.1"})
        judged[answer.json.get("code", "") if answer.json else ""] += 1
        return answer

    for hour in range(hours):
        with clock.at(begun + hour * HOUR):
            for turn in range(12 if knows_password else 60):
                ask(SESSIONS, {"email": EMAIL, "password": "not the one"}, turn // 10 + 10 * hour)
        for turn in range(4 if knows_password else 0):
            with clock.at(begun + hour * HOUR + turn * 11 * MINUTE):
                asked = people.stranger.post(
                    SESSIONS,
                    json={"email": EMAIL, "password": PASSWORD},
                    environ_base={"REMOTE_ADDR": f"10.77.{hour}.{turn}"},
                )
                if asked.status_code != 202:
                    continue
                for method in ("totp", "sms", "recovery_code", "totp", "sms", "totp"):
                    ask(ANSWER, {"challenge": asked.json["challenge"], "method": method, "code": "000000"}, turn)
                for factor in asked.json["factors"]:
                    ask(TEXT, {"challenge": asked.json["challenge"], "factor": factor["id"]}, turn)
    return Siege(judged)


def sign_in(method: str) -> Callable[[Owner], Any]:
    def enter(ann: Owner) -> Any:
        asked = ann.password()
        assert asked.status_code == 202, asked.json
        body = {"challenge": asked.json["challenge"], "method": method, "code": ann.code(method, asked.json)}
        return ann.people.stranger.post(ANSWER, json=body)

    return enter


def step_up(method: str) -> Callable[[Owner], Any]:
    def confirm(ann: Owner) -> Any:
        asked = ann.session.post(STEP_UP).json
        body = {"challenge": asked["challenge"], "method": method, "code": ann.code(method, asked)}
        return ann.session.post(f"{STEP_UP}/answer", json=body)

    return confirm


def enrol(ann: Owner) -> Any:
    assert step_up("totp")(ann).status_code == 204
    added = ann.session.post(f"{FACTORS}/phones", json={"phone": "+4915112345679", "name": "second"})
    assert added.status_code == 201, added.json
    path = f"{FACTORS}/{added.json['factor']['id']}/confirmation"
    return ann.session.post(path, json={"code": ann.outbox.texted()})


DOORS: dict[str, tuple[Callable[[Owner], Any], int]] = {
    "password, then app": (sign_in("totp"), 201),
    "password, then text message": (sign_in("sms"), 201),
    "password, then recovery code": (sign_in("recovery_code"), 201),
    "step-up by app": (step_up("totp"), 204),
    "step-up by text message": (step_up("sms"), 204),
    "step-up by recovery code": (step_up("recovery_code"), 204),
    "enrolment of a phone": (enrol, 200),
}


def test_the_owner_s_device_enters_every_door_while_a_stranger_who_knows_the_password_hammers(
    people: People, outbox: Outbox
) -> None:
    """One siege, then door after door: what one door used does not close the next."""
    ann, begun = owner(people, outbox, factors=True), clock.now() + HOUR
    siege = besiege(people, knows_password=True, begun=begun)
    with clock.at(begun + 2 * HOUR + 45 * MINUTE):
        elsewhere = people.stranger.post(SESSIONS, json={"email": EMAIL, "password": PASSWORD})
        strangers = people.stranger.post(
            ANSWER, json={"challenge": elsewhere.json["challenge"], "method": "totp", "code": ann.app.at(clock.now())}
        )

    entered = {}
    for turn, (door, (enter, _)) in enumerate(DOORS.items()):
        with clock.at(begun + 3 * HOUR + turn * 4 * MINUTE):
            entered[door] = enter(ann).status_code
        ann.session.recovery_codes = ann.session.recovery_codes[1:]

    assert entered == {door: status for door, (_, status) in DOORS.items()}
    assert siege.wrong_codes == 20
    assert siege.judged["too_many_wrong_codes"] > 20
    assert strangers.json["code"] == "too_many_wrong_codes"
    assert outbox.last("second_factor_guessed").recipient == EMAIL


def test_the_owner_s_device_and_session_enter_while_strangers_guess_the_password(
    people: People, outbox: Outbox
) -> None:
    ann, begun = owner(people, outbox, factors=False), clock.now() + HOUR
    siege = besiege(people, knows_password=False, begun=begun, hours=1)

    with clock.at(begun + MINUTE):
        stranger = people.stranger.post(SESSIONS, json={"email": EMAIL, "password": PASSWORD})
        entered = ann.password()
        confirmed = ann.session.post(CONFIRM, json={"password": PASSWORD})

    assert siege.judged == {"wrong_credentials": 50, "too_many_attempts": 10}
    assert stranger.json["code"] == "too_many_attempts"
    assert (entered.status_code, confirmed.status_code) == (201, 204)


def test_a_thief_of_a_session_who_hammers_the_step_up_keeps_the_owner_out_of_nothing(
    people: People, outbox: Outbox
) -> None:
    ann = owner(people, outbox, factors=True)
    thief_challenge = sign_in("totp")(ann).json
    thief = SignedIn(people.stranger, thief_challenge["token"], thief_challenge["session_id"])
    begun, judged = clock.now() + HOUR, 0
    for hour in range(4):
        with clock.at(begun + hour * HOUR):
            for _ in range(3):
                token = thief.post(STEP_UP).json["challenge"]
                body = {"challenge": token, "method": "sms", "code": "000000"}
                codes = [thief.post(f"{STEP_UP}/answer", json=body).json["code"] for _ in range(6)]
                judged += codes.count("wrong_code")

    entered = {}
    for turn, (door, (enter, _)) in enumerate(DOORS.items()):
        with clock.at(begun + 4 * HOUR + turn * 4 * MINUTE):
            entered[door] = enter(ann).status_code
        ann.session.recovery_codes = ann.session.recovery_codes[1:]

    assert judged == 20
    assert entered == {door: status for door, (_, status) in DOORS.items()}


def test_who_knows_only_the_number_takes_no_text_message_from_its_owner(people: People, outbox: Outbox) -> None:
    ann = owner(people, outbox, factors=True)
    eve = people.member("eve@example.org")
    begun, sent = clock.now() + HOUR, 0
    for turn in range(14):
        with clock.at(begun + turn * 11 * MINUTE):
            eve = people.sign_in("eve@example.org")
            for factor in eve.get(FACTORS).json["factors"]:
                eve.delete(f"{FACTORS}/{factor['id']}")
            sent += eve.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "mine"}).status_code == 201

    with clock.at(begun + 14 * 11 * MINUTE):
        entered = sign_in("sms")(ann)

    # Ten a day go to a number while it is being added; the owner's own first one was among them.
    assert sent == 9
    assert entered.status_code == 201


@pytest.mark.parametrize("tries", [4, 5])
def test_wrong_codes_after_the_right_password_are_told_however_they_are_spread(
    people: People, outbox: Outbox, tries: int
) -> None:
    """Four tries a challenge never use one up; the owner hears of them all the same, once a day."""
    owner(people, outbox, factors=True)
    begun = clock.now() + HOUR

    with clock.at(begun):
        for _ in range(2):
            token = people.challenged()["challenge"]
            for _ in range(tries):
                people.stranger.post(ANSWER, json={"challenge": token, "method": "totp", "code": "000000"})
        letters = [message.letter for message in outbox.sent]

    assert letters.count("second_factor_guessed") == 1


def test_new_devices_are_told_of_without_filling_the_mailbox(people: People, outbox: Outbox) -> None:
    people.account(EMAIL)
    body = {"email": EMAIL, "password": PASSWORD}
    agent = {
        "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/131.0 call +1 555 0100 http://evil.example/x <b>now</b>"
    }

    with clock.at(clock.now() + timedelta(days=2)):
        for _ in range(12):
            assert people.stranger.post(SESSIONS, json=body, headers=agent).status_code == 201
        told = [message for message in outbox.sent if message.letter == "new_device"]

    assert len(told) == 5
    assert "Firefox/131, Windows" in told[0].text
    assert not any(word in told[0].text + told[0].html for word in ("evil", "555", "<b>now"))
