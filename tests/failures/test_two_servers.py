"""Two server processes on one PostgreSQL: what is spent at one is spent at the other."""

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pyotp
import pytest

from suite.kernel import clock
from tests import databases
from tests.conftest import KEY
from tests.failures.crowd import at_once
from tests.failures.served import Answer, Served
from tests.people import PASSWORD

CROWD = 24
FACTORS, SESSIONS = "/api/v1/me/factors", "/api/v1/sessions"


@dataclass
class Pair:
    """Two servers; a request goes to the one its number says."""

    servers: list[Served]
    url: str

    def ask(self, which: int, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return self.servers[which % 2].ask(method, path, body, network=f"10.1.{which % 200}.1", **headers)

    def code(self, to: str, *, after: int = 0) -> str:
        """Wait for a message to somebody, the first or one after so many, and give its code."""
        for _ in range(500):
            shown = self.servers[0].ask("GET", "/dev/inbox/messages").body["messages"]
            found = [one for one in shown if one["to"] == to]
            code = re.search(r"\b(\d{6})\b", found[0]["subject"] + " " + found[0]["text"]) if found else None
            if code is not None and len(found) > after:
                return code[1]
            time.sleep(0.02)
        raise AssertionError("Nothing came.")

    def let_an_hour_pass(self) -> None:
        """Let the limits end and the steps of apps be new, which would take the servers an hour."""
        with psycopg.connect(self.url) as connection:
            connection.execute("DELETE FROM limits")
            connection.execute("UPDATE factors SET last_step = last_step - 120")


@dataclass
class Member:
    """A person with a phone and an app, signed in."""

    email: str
    phone: str
    bearer: dict[str, str]
    factor: str
    app: pyotp.TOTP
    recovery_codes: list[str]


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Run two servers on one database."""
    if request.config.getoption("--only") == "sqlite":
        pytest.skip("not asked for")
    with databases.empty_postgresql() as url:
        if url is None:
            pytest.skip(databases.MISSING)
        common: dict[str, Any] = {"database_url": url, "secret_keys": KEY, "database_pool": 4}
        servers = [Served(tmp_path_factory.mktemp(name), threads=8, **common).start() for name in ("one", "two")]
        yield Pair(servers, url)
        for server in servers:
            server.close()


@pytest.fixture(scope="module")
def ann(pair: Pair) -> Member:
    """Make a person with two factors, each half of it at another server."""
    email, phone = "ann@example.org", "+4915112345678"
    body = {"service": "my-account", "email": email, "password": PASSWORD, "profile": {}}
    registration = pair.ask(0, "POST", "/api/v1/registrations", body).body["id"]
    pair.ask(1, "POST", f"/api/v1/registrations/{registration}/confirmation", {"code": pair.code(email)})
    token = pair.ask(0, "POST", SESSIONS, {"email": email, "password": PASSWORD}).body["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    added = pair.ask(1, "POST", f"{FACTORS}/apps", {"name": "app"}, **bearer).body
    app = pyotp.TOTP(added["secret"])
    path = f"{FACTORS}/{added['factor']['id']}/confirmation"
    confirmed = pair.ask(0, "POST", path, {"code": app.at(clock.now())}, **bearer)
    factor = pair.ask(1, "POST", f"{FACTORS}/phones", {"phone": phone, "name": "phone"}, **bearer).body["factor"]["id"]
    typed = pair.ask(0, "POST", f"{FACTORS}/{factor}/confirmation", {"code": pair.code(phone)}, **bearer)
    assert (confirmed.status, typed.status) == (200, 200)
    return Member(email, phone, bearer, factor, app, confirmed.body["recovery_codes"])


def challenges(pair: Pair, who: Member, number: int) -> list[str]:
    """Give the password so many times, at both servers."""
    pair.let_an_hour_pass()
    body = {"email": who.email, "password": PASSWORD}
    asked = [pair.ask(which, "POST", SESSIONS, body) for which in range(number)]
    assert {one.status for one in asked} == {202}
    return [one.body["challenge"] for one in asked]


def answered(pair: Pair, tokens: list[str], method: str, code: str) -> Counter[Any]:
    """Answer the challenges in turn, all at once, half of the answers at each server."""

    def act(which: int) -> Answer:
        body = {"challenge": tokens[which % len(tokens)], "method": method, "code": code}
        return pair.ask(which, "POST", f"{SESSIONS}/challenge", body)

    return Counter((one.status, one.code) for one in at_once(CROWD, act))


def sessions(pair: Pair, who: Member) -> int:
    return len(pair.ask(0, "GET", SESSIONS, **who.bearer).body["sessions"])


def test_a_challenge_has_five_tries_over_two_servers(pair: Pair, ann: Member) -> None:
    judged = answered(pair, challenges(pair, ann, 1), "totp", "000000")

    assert judged == {(422, "wrong_code"): 5, (409, "challenge_used_up"): CROWD - 5}


def test_a_recovery_code_is_spent_once_over_two_servers(pair: Pair, ann: Member) -> None:
    before = sessions(pair, ann)

    spent = answered(pair, challenges(pair, ann, CROWD), "recovery_code", ann.recovery_codes[0])

    assert spent == {(201, ""): 1, (422, "wrong_code"): 10, (429, "too_many_wrong_codes"): CROWD - 11}
    assert sessions(pair, ann) == before + 1


def test_a_step_of_an_app_is_spent_once_over_two_servers(pair: Pair, ann: Member) -> None:
    before = sessions(pair, ann)

    spent = answered(pair, challenges(pair, ann, CROWD), "totp", ann.app.at(clock.now()))

    assert spent == {(201, ""): 1, (422, "wrong_code"): 10, (429, "too_many_wrong_codes"): CROWD - 11}
    assert sessions(pair, ann) == before + 1


def test_a_text_message_is_sent_once_and_spent_once_over_two_servers(pair: Pair, ann: Member) -> None:
    before = sessions(pair, ann)
    (token,) = challenges(pair, ann, 1)
    body = {"challenge": token, "factor": ann.factor}

    sent = at_once(CROWD, lambda which: pair.ask(which, "POST", "/api/v1/challenges/code", body))
    spent = answered(pair, [token], "sms", pair.code(ann.phone, after=1))

    assert Counter((one.status, one.code) for one in sent) == {(202, ""): 1, (429, "text_too_soon"): CROWD - 1}
    assert spent == {(201, ""): 1, (404, "challenge_gone"): CROWD - 1}
    assert sessions(pair, ann) == before + 1
