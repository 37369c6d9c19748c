"""Random lives over HTTP: people who register, protect, ask, change, leave and close, with a canary in every field."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from hypothesis import strategies as st

from suite.accounts import closure
from suite.accounts.models import Account
from suite.kernel import access, clock, db
from suite.services import SERVICES
from tests.people import KEPT_ABOVE, PROFILES, Outbox, People, SignedIn, profile_of
from tests.privacy.officials import World

OPEN = sorted(PROFILES)
_ASKED = {"user_name", "first_name", "last_name", "full_name", "company_name", "street", "city", "postal_code"}


class Neighbour(People):
    """Makes clients that call from one address of their own."""

    def __init__(self, app: Any, outbox: Outbox, network: str) -> None:
        super().__init__(app, outbox)
        self._network = network

    @property
    def stranger(self) -> FlaskClient:
        """A client without any credential."""
        return self._there(super().stranger)

    @property
    def browser(self) -> FlaskClient:
        """A client that keeps cookies."""
        return self._there(super().browser)

    def _there(self, client: FlaskClient) -> FlaskClient:
        client.environ_base["REMOTE_ADDR"] = self._network
        return client


class Life:
    """One person and everything that person ever said.

    `own` is about the account, `aside` was said where nothing leads to it, `late` is kept for a year by a legal duty.
    `shredded` is what no backup may give back once it is erased.
    """

    def __init__(self, world: World, service: str, seed: object) -> None:
        self.world, self.outbox, self.service = world, world.outbox, service
        self.chance = random.Random(str(seed))
        self.own: list[str] = []
        self.aside: list[str] = []
        self.late: list[str] = []
        self.shredded: list[str] = []
        self._heard = self.own
        self.network = self._hear("10." + ".".join(str(self.chance.randrange(100, 255)) for _ in range(3)))
        self.people = Neighbour(world.people._app, world.outbox, self.network)
        self.email, self.password = self.address(), self.word()
        self.services = {service}
        self.number = ""
        self.recovery_codes: list[str] = []
        self.member: SignedIn | None = None
        self.idle = service == "partner-portal" and self.chance.random() < 0.4
        self.slow = False

    def _hear(self, said: str) -> str:
        self._heard.append(said)
        return said

    @contextmanager
    def hearing(self, words: list[str]) -> Iterator[None]:
        """Put what is said meanwhile into another list."""
        before, self._heard = self._heard, words
        try:
            yield
        finally:
            self._heard = before

    def word(self) -> str:
        """Say something nobody else says."""
        return self._hear("".join(self.chance.choice("bcdfghjkmnpqrstvwxz") for _ in range(14)))

    def name(self) -> str:
        """Say a name; its umlaut tells encodings apart."""
        return self._hear(f"{self.word()}ü{self.word()}")

    def address(self) -> str:
        """Say a mail address."""
        return self._hear(f"{self.word()}@{self.word()}.example")

    def phone(self) -> str:
        """Say a phone number that can be called in Germany."""
        number = self._hear(f"+49151{self.chance.randrange(10**7, 10**8)}")
        self._hear(number[1:])
        return number

    def profile(self, service: str) -> dict[str, str]:
        """Say what a service asks, country codes aside: they are the same for many."""
        names = _ASKED & {ask.field.name for ask in SERVICES[service].asks}
        before = len(self._heard)
        told = {name: self.word() if name in {"user_name", "postal_code"} else self.name() for name in sorted(names)}
        if not SERVICES[service].restorable:
            self.shredded += self._heard[before:]
        return told | ({"country": "DE"} if service in {"business-hub", "partner-portal", "company-account"} else {})

    def joining(self, service: str) -> dict[str, str]:
        """Say what a service asks once, when somebody joins it; a company and its licence are about nobody."""
        once = {name: value for name, value in profile_of(service).items() if name in KEPT_ABOVE}
        return self.profile(service) | once

    def begin(self) -> None:
        """Register, prove the address, sign in from a browser with a name."""
        made = self.people.account(self.email, self.service, password=self.password, profile=self.joining(self.service))
        self.number = self._hear(made["id"])
        self._hear(made["id"].replace("-", ""))
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in once more."""
        client = self.people.stranger
        headers = {"User-Agent": self.word()}
        answer = client.post("/api/v1/sessions", json={"email": self.email, "password": self.password}, headers=headers)
        if answer.status_code == 202 and self.recovery_codes:
            code = {"method": "recovery_code", "code": self.recovery_codes.pop()}
            body = {"challenge": answer.json["challenge"]} | code
            answer = client.post("/api/v1/sessions/challenge", json=body, headers=headers)
        if answer.status_code == 201:
            self.member = SignedIn(client, answer.json["token"], answer.json["session_id"])

    @property
    def alone(self) -> bool:
        """Whether no service of this life may come back from a backup."""
        return not any(SERVICES[key].restorable for key in self.services)

    def end(self) -> None:
        """Close the account, if it is still open: by hand where its owner cannot or may not."""
        if self.idle:
            return
        if self.member is not None:
            path = "/api/v1/sessions/current/confirmation"
            self.member.post(path, json={"password": self.password})
            if self.member.post("/api/v1/me/closure").status_code == 200:
                return
        self._close_by_hand()

    def _close_by_hand(self) -> None:
        access.begin(access.SYSTEM, None)
        with clock.at(clock.now() + timedelta(hours=25)), db.transaction() as session:  # a freeze is over by then
            account = session.query(Account).filter_by(email_key=self.email, closed_at=None).one_or_none()
            if account is not None:
                self.slow = True
                closure.close(account)

    @property
    def words(self) -> list[str]:
        """What was said; the bare number of an account stands longer where a recipient is still to be told."""
        return [one for one in self.own if one.replace("-", "") != self.number.replace("-", "")]

    @property
    def soon(self) -> list[str]:
        """What is gone with the limits of the services."""
        return [] if self.idle else self.own + self.aside

    @property
    def canaries(self) -> list[str]:
        """Everything."""
        return self.own + self.aside + self.late


def history(steps: list[str]) -> st.SearchStrategy[tuple[str, list[str], int]]:
    """Draw a service to begin with, what happens then, and a number that decides every word."""
    return st.tuples(
        st.sampled_from(OPEN),
        st.lists(st.sampled_from(steps), min_size=2, max_size=12, unique=True),
        st.integers(0, 2**32),
    )
