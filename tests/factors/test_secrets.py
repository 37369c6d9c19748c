"""Numbers, codes, secrets and tokens of second factors stand nowhere but where they must; keys can be changed."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select

from suite.accounts import signin
from suite.factors import challenges, enrolment, guard, phones
from suite.factors.models import Challenge, Factor
from suite.kernel import clock, db, jobs, log, sealed, system
from suite.kernel.db import Base
from suite.kernel.ids import new_id
from suite.messages.models import InboxMessage
from suite.settings import new_key
from tests.conftest import KEY
from tests.people import PASSWORD, PHONE, Outbox, People, SignedIn

ANSWER, CODE = "/api/v1/sessions/challenge", "/api/v1/challenges/code"
STEP_UP, FACTORS = "/api/v1/sessions/current/challenge", "/api/v1/me/factors"
MINUTE = timedelta(seconds=61)


@dataclass
class Canaries:
    """What must not be found, by name."""

    known: dict[str, str] = field(default_factory=dict)

    def add(self, **named: str) -> None:
        self.known |= {f"{name} {len(self.known)}": value for name, value in named.items()}

    def found_in(self, text: str) -> list[str]:
        """Give the names of those that stand in a text, as words of their own."""
        return [
            name
            for name, value in self.known.items()
            if value in text and re.search(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", text)
        ]


@dataclass
class Journey:
    """A person who did everything there is to do with second factors, and what was seen on the way."""

    canaries: Canaries
    tables: list[tuple[str, str]]
    urls: list[str]


def contents() -> list[tuple[str, str]]:
    """Give every value of every table as text; bytes as they are. The development inbox shows what left."""
    shown = []
    with db.transaction(reading=True) as session:
        for table in Base.metadata.sorted_tables:
            if table.name == "inbox_messages":
                continue
            for row in session.execute(select(table)):
                for value, column in zip(row, table.columns, strict=True):
                    if isinstance(value, (str, bytes, dict, list)):
                        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                        shown.append((column.name, text))
    return shown


def travel(people: People, outbox: Outbox) -> Journey:
    """Use every door; keep what tables held before and after each delivery."""
    canaries, tables = Canaries(), []
    canaries.add(phone=PHONE[1:], prefix=PHONE[1:-4])
    now = clock.now()

    def look() -> None:
        tables.extend(contents())
        outbox.deliver()
        tables.extend(contents())

    with clock.at(now):
        member = people.member()
        canaries.add(token=member.token, device=member.device_token)
        added = member.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "my phone"}).json
        look()
        canaries.add(sms=outbox.texted())
        path = f"{FACTORS}/{added['factor']['id']}/confirmation"
        for code in member.post(path, json={"code": outbox.texted()}).json["recovery_codes"]:
            canaries.add(recovery=code, plain_recovery=code.replace("-", ""))
        app = member.post(f"{FACTORS}/apps", json={"name": "authenticator"}).json
        canaries.add(secret=app["secret"])
        totp = pyotp.TOTP(app["secret"])
        canaries.add(totp=totp.at(clock.now()))
        member.post(f"{FACTORS}/{app['factor']['id']}/confirmation", json={"code": totp.at(clock.now())})
        look()
    with clock.at(now + timedelta(days=2)):
        asked = people.challenged(device_token=member.device_token)
        canaries.add(challenge=asked["challenge"])
        sms = next(one["id"] for one in asked["factors"] if one["kind"] == "sms")
        people.stranger.post(CODE, json={"challenge": asked["challenge"], "factor": sms})
        look()
        canaries.add(sms=outbox.texted())
        wrong = {"challenge": asked["challenge"], "method": "totp", "code": "135797"}
        canaries.add(wrong="135797")
        people.stranger.post(ANSWER, json=wrong)
        entered = people.stranger.post(ANSWER, json=wrong | {"method": "sms", "code": outbox.texted()}).json
        canaries.add(token=entered["token"], device=entered["device_token"])
        fresh = SignedIn(people.stranger, entered["token"], entered["session_id"])
        step = fresh.post(STEP_UP).json["challenge"]
        canaries.add(step_up=step, totp=totp.at(clock.now()))
        body = {"challenge": step, "method": "totp", "code": totp.at(clock.now())}
        assert fresh.post(f"{STEP_UP}/answer", json=body).status_code == 204
        look()
        for code in fresh.post(f"{FACTORS}/recovery-codes").json["recovery_codes"]:
            canaries.add(recovery=code)
        assert fresh.delete(f"{FACTORS}/{added['factor']['id']}").status_code == 204
        look()
    for letter in ("factor_added", "factor_removed", "new_device", "recovery_codes_made"):
        canaries.add(undo=outbox.undo_token(letter))
    return Journey(canaries, tables, _urls())


def _urls() -> list[str]:
    """Give every address in everything that was sent."""
    with db.transaction(reading=True) as session:
        sent = session.scalars(select(InboxMessage)).all()
    return [url for one in sent for url in re.findall(r"https?://[^\s\"'<>]+", one.text + " " + one.html)]


@pytest.fixture
def logged(app: Any, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """Write the log in full and give it, without its times."""
    log.start("debug", "json")

    def read() -> str:
        lines = [json.loads(line) for line in capfd.readouterr().err.splitlines() if line.startswith("{")]
        return "\n".join(
            str({key: value for key, value in line.items() if key not in {"timestamp", "ms"}}) for line in lines
        )

    yield read
    log.start("error", "json")


def test_no_secret_of_a_factor_stands_in_log_metrics_tables_or_addresses(
    people: People, outbox: Outbox, logged: Callable[[], str]
) -> None:
    seen = travel(people, outbox)
    log_ = logged()
    metrics = "\n".join(line.rpartition(" ")[0] for line in people.stranger.get("/metrics").text.splitlines())

    assert len(seen.canaries.known) > 40
    assert '"/api/v1/sessions/challenge"' in metrics
    assert "message_sent" in log_
    assert seen.canaries.found_in(log_) == []
    assert seen.canaries.found_in(metrics) == []
    assert {
        (name, *seen.canaries.found_in(value)) for name, value in seen.tables if seen.canaries.found_in(value)
    } == set()
    assert any("#" in url for url in seen.urls)
    assert [seen.canaries.found_in(url.partition("#")[0]) for url in seen.urls if "#" in url] == [[]] * len(
        [url for url in seen.urls if "#" in url]
    )
    assert [url for url in seen.urls if "#" not in url and seen.canaries.found_in(url)] == []


def test_the_check_above_finds_what_it_looks_for(people: People, outbox: Outbox, logged: Callable[[], str]) -> None:
    canaries = Canaries({"code": "482913", "phone": PHONE[1:]})
    log.log.warning("careless", note="it is 482913")

    assert canaries.found_in(logged()) == ["code"]
    assert canaries.found_in(f"x+{PHONE[1:]}.") == ["phone"]
    assert canaries.found_in("4829130 a482913") == []


def boom(*values: object, **named: object) -> None:
    """Fail with everything it was given in the text."""
    raise RuntimeError(f"{values} {named}")


@pytest.mark.parametrize("where", ["judging", "texting", "recording", "sealing"])
def test_no_secret_stands_in_what_an_error_of_ours_leaves_behind(
    people: People,
    outbox: Outbox,
    logged: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    member = people.member()
    factor = people.with_phone(member)
    app = people.with_app(member)
    asked = people.challenged()
    canaries = Canaries({"phone": PHONE[1:], "other": "4915112345679", "challenge": asked["challenge"]})
    code = app.at(clock.now())
    canaries.add(code=code, recovery=member.recovery_codes[0] if member.recovery_codes else "none")
    if where == "judging":
        monkeypatch.setattr(challenges, "_JUDGES", dict.fromkeys(challenges.METHODS, boom))
    elif where == "texting":
        monkeypatch.setattr(challenges, "text", boom)
    elif where == "recording":
        monkeypatch.setattr(guard, "_record", boom)
    else:
        monkeypatch.setattr(type(system.current().keys), "seal", boom)

    with clock.at(clock.now() + MINUTE):
        answers = [
            people.stranger.post(ANSWER, json={"challenge": asked["challenge"], "method": "totp", "code": code}),
            people.stranger.post(CODE, json={"challenge": asked["challenge"], "factor": factor}),
            member.post(f"{FACTORS}/phones", json={"phone": "+4915112345679", "name": "second"}),
        ]

    failed = [answer for answer in answers if answer.status_code == 500]
    assert failed
    assert canaries.found_in(logged() + " ".join(answer.text for answer in failed)) == []


def test_what_holds_a_secret_does_not_show_it(people: People) -> None:
    shown = [
        repr(challenges.Question("the-secret", clock.now(), [], [])),
        repr(enrolment.Provision("the-secret", "otpauth://the-secret")),
        repr(signin.Caller("app", None, "10.0.0.1", device="the-secret", replaces="the-secret")),
        repr(phones.read(PHONE)),
        repr(Factor(id=new_id(), secret=b"the-secret", phone=b"the-secret")),
        repr(Challenge(id=new_id(), code_hash="the-secret", token_hash="the-secret")),
    ]

    assert [one for one in shown if "the-secret" in one or PHONE[-4:] in one] == []


def test_a_job_for_a_text_message_carries_a_row_number_alone(people: People) -> None:
    member = people.member()
    member.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "my phone"})

    with db.transaction(reading=True) as session:
        (args,) = session.scalars(select(jobs.Job.args))

    assert set(args) == {"message_id"}


# --- keys


NEW = "fresh:" + new_key().partition(":")[2]


def test_numbers_and_secrets_move_to_a_new_key_and_signing_in_works_all_the_while(
    people: People, outbox: Outbox, running_with: Callable[[str], None]
) -> None:
    member = people.member()
    factor = people.with_phone(member)
    app = people.with_app(member)
    now = clock.now()

    def by_app(minutes: int) -> int:
        with clock.at(now + timedelta(minutes=minutes)):
            body = {"challenge": people.challenged()["challenge"], "method": "totp", "code": app.at(clock.now())}
            return int(people.stranger.post(ANSWER, json=body).status_code)

    def asked(minutes: int) -> str:
        with clock.at(now + timedelta(minutes=minutes)):
            token = str(people.challenged()["challenge"])
            assert people.stranger.post(CODE, json={"challenge": token, "factor": factor}).status_code == 202
            return token

    def answered(token: str, minutes: int) -> int:
        with clock.at(now + timedelta(minutes=minutes)):
            body = {"challenge": token, "method": "sms", "code": outbox.texted()}
            return int(people.stranger.post(ANSWER, json=body).status_code)

    before = by_app(1), answered(asked(2), 2)
    waiting = asked(20)
    running_with(f"{NEW},{KEY}")
    both = by_app(21), answered(waiting, 21), answered(asked(23), 23)
    moved = {one.place.name: one.moved for one in sealed.rotate()}
    during = by_app(40), answered(asked(41), 41)
    running_with(NEW)
    after = by_app(61), answered(asked(62), 62)
    shown = member.get(FACTORS).json["factors"]

    assert (before, both, during, after) == ((201, 201), (201, 201, 201), (201, 201), (201, 201))
    assert (moved["factors.phone"], moved["factors.secret"]) == (1, 1)
    assert not any(place.name.startswith("factors.") for place in sealed.needing("test1"))
    assert [one["phone"] for one in shown] == [PHONE, None]


def test_a_sealed_number_or_secret_opens_in_its_own_row_alone(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    people.with_app(ann)
    people.with_app(bob)
    with db.transaction() as session:
        first, second = session.scalars(select(Factor).order_by(Factor.id))
        first.secret, second.secret = second.secret, first.secret

    entered = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD}).json
    body = {"challenge": entered["challenge"], "method": "totp", "code": "000000"}

    assert people.stranger.post(ANSWER, json=body).status_code == 500
