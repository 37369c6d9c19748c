"""Random lives over HTTP: people who register, protect, change, leave and close, with a canary in every field."""

import random
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st

from suite.services import SERVICES
from tests.people import PROFILES, Outbox, People, SignedIn

OPEN = sorted(PROFILES)
QUESTIONS = "/api/v1/me/security-question"


class Neighbour(People):
    """Makes clients that call from one address of their own."""

    def __init__(self, app: Any, outbox: Outbox, network: str) -> None:
        super().__init__(app, outbox)
        self._network = network

    @property
    def stranger(self) -> FlaskClient:
        """A client without any credential."""
        client = super().stranger
        client.environ_base["REMOTE_ADDR"] = self._network
        return client


class Life:
    """One person; `canaries` is everything that person ever said about themselves."""

    def __init__(self, people: People, outbox: Outbox, service: str, seed: object) -> None:
        self.outbox, self.service = outbox, service
        self._chance = random.Random(str(seed))
        network = "10." + ".".join(str(self._chance.randrange(100, 255)) for _ in range(3))
        self.people = Neighbour(people._app, outbox, network)
        self.canaries = [network]
        self.email = self.address()
        self.password = self.word()
        self.member: SignedIn | None = None

    def word(self) -> str:
        """Say something nobody else says."""
        letters = "".join(self._chance.choice("bcdfghjkmnpqrstvwxz") for _ in range(14))
        self.canaries.append(letters)
        return letters

    def name(self) -> str:
        """Say a name; its umlaut tells encodings apart."""
        name = f"{self.word()}ü{self.word()}"
        self.canaries.append(name)
        return name

    def address(self) -> str:
        """Say a mail address."""
        address = f"{self.word()}@{self.word()}.example"
        self.canaries.append(address)
        return address

    def phone(self) -> str:
        """Say a phone number that can be called in Germany."""
        number = f"+49151{self._chance.randrange(10**7, 10**8)}"
        self.canaries += [number, number[1:]]
        return number

    def profile(self, service: str) -> dict[str, str]:
        """Say what a service asks, country codes aside: they are the same for many."""
        names = {ask.field.name for ask in SERVICES[service].asks} - {"email", "password", "country"}
        known = {"user_name", "first_name", "last_name", "full_name", "company_name", "street", "city", "postal_code"}
        told = {name: self.word() if name in {"user_name", "postal_code"} else self.name() for name in names & known}
        return told | ({"country": "DE"} if service in {"business-hub", "partner-portal"} else {})

    def begin(self) -> None:
        """Register, prove the address, sign in from a browser with a name."""
        self.people.account(self.email, self.service, password=self.password, profile=self.profile(self.service))
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in once more."""
        client = self.people.stranger
        headers = {"User-Agent": self.word()}
        answer = client.post("/api/v1/sessions", json={"email": self.email, "password": self.password}, headers=headers)
        if answer.status_code == 201:
            self.member = SignedIn(client, answer.json["token"], answer.json["session_id"])
            account = self.member.get("/api/v1/me").json["id"]
            self.canaries += [account, account.replace("-", "")]

    def act(self, step: str) -> None:
        """Do one thing; what is refused at this point of a life is refused."""
        if self.member is not None:
            STEPS[step](self, self.member)

    def end(self) -> None:
        """Close the account, if it is still open."""
        if self.member is not None:
            self.member.post("/api/v1/me/closure")


def _phone(life: Life, member: SignedIn) -> None:
    added = member.post("/api/v1/me/factors/phones", json={"phone": life.phone(), "name": life.word()})
    if added.status_code == 201:
        path = f"/api/v1/me/factors/{added.json['factor']['id']}/confirmation"
        member.post(path, json={"code": life.outbox.texted()})


def _app(life: Life, member: SignedIn) -> None:
    member.post("/api/v1/me/factors/apps", json={"name": life.word()})


def _question(life: Life, member: SignedIn) -> None:
    member.put(QUESTIONS, json={"question": "first_boss", "answer": life.name()})


def _settings(_life: Life, member: SignedIn) -> None:
    path = "/api/v1/me/settings"
    member.patch(path, json={"language": "de"}, headers={"If-Match": member.get(path).headers.get("ETag", "")})


def _join(life: Life, member: SignedIn) -> None:
    service = life._chance.choice(OPEN)
    member.post("/api/v1/me/services", json={"service": service, "profile": life.profile(service)})


def _leave(life: Life, member: SignedIn) -> None:
    member.delete(f"/api/v1/me/services/{life.service}")


def _address(life: Life, member: SignedIn) -> None:
    new = life.address()
    if member.post("/api/v1/me/email", json={"email": new}).status_code == 202:
        code = life.outbox.code("confirm_new_address")
        if member.post("/api/v1/me/email/confirmation", json={"code": code}).status_code == 200:
            life.email = new


def _unproven(life: Life, member: SignedIn) -> None:
    member.post("/api/v1/me/email", json={"email": life.address()})


def _recover(life: Life, _member: SignedIn) -> None:
    life.people.stranger.post("/api/v1/recoveries", json={"email": life.email})
    life.outbox.deliver()


def _wrong(life: Life, _member: SignedIn) -> None:
    life.people.stranger.post("/api/v1/sessions", json={"email": life.email, "password": life.word()})


def _again(life: Life, _member: SignedIn) -> None:
    life.sign_in()


def _abandoned(life: Life, _member: SignedIn) -> None:
    life.people.register(life.address(), "motorsport", profile=life.profile("motorsport"))


STEPS: dict[str, Callable[[Life, SignedIn], Any]] = {
    "phone": _phone,
    "app": _app,
    "question": _question,
    "settings": _settings,
    "join": _join,
    "leave": _leave,
    "address": _address,
    "unproven address": _unproven,
    "recovery": _recover,
    "wrong password": _wrong,
    "sign in again": _again,
    "abandoned registration": _abandoned,
}

histories = st.tuples(
    st.sampled_from(OPEN), st.lists(st.sampled_from(sorted(STEPS)), max_size=6), st.integers(0, 2**32)
)
"""A service to begin with, what happens then, and a number that decides every word."""


def live(people: People, outbox: Outbox, history: tuple[str, list[str], int], number: int) -> Life:
    """Live through a history up to its end; `number` tells lives with the same history apart."""
    service, steps, seed = history
    life = Life(people, outbox, service, (seed, number))
    life.begin()
    for step in steps:
        life.act(step)
    life.end()
    outbox.deliver()
    return life
