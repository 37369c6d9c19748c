"""Builders for tests: people who registered, clients that are signed in, and what would have left the product."""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from suite import staff
from suite.kernel import access, clock, db, jobs
from suite.messages.models import InboxMessage
from suite.privacy.models import Person
from suite.staff import Role
from tests.licenses.making import issued
from tests.memory import Memory

PASSWORD = "four tall green bottles"
PHONE = "+4915112345678"
PROFILES: dict[str, dict[str, str]] = {
    "my-account": {},
    "business-hub": {"country": "DE"},
    "cloud-console": {},
    "motorsport": {"user_name": "speedy", "first_name": "Ann", "last_name": "Lee"},
    "office-365": {"company_name": "Lee Ltd"},
    "partner-portal": {"full_name": "Ann Lee"},
    "report-parser": {},
    "company-account": {
        "first_name": "Ann",
        "last_name": "Lee",
        "company": "Lee Ltd",
        "country": "DE",
        "license": "a new code for each who joins",
    },
}
KEPT_ABOVE = frozenset({"company", "license"})
"""Fields that parts above accounts keep: they are asked for, and no part of the profile that is shown."""


def profile_of(service: str) -> dict[str, str]:
    """Give what somebody tells a service to join it; where a licence is needed, each time a new one."""
    told = dict(PROFILES.get(service, {}))
    return told | {"license": new_license_code()} if "license" in told else told


def new_license_code(product: str = "endpoint-security", policy: str = "business-year") -> str:
    """Issue a licence that companies use; give its activation code."""
    return issued(product, policy)[1]


class Outbox:
    """Delivers what waits and shows it; delivery ends in the development inbox."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def deliver(self) -> int:
        """Run every due job."""
        access.begin(access.SYSTEM, None)
        return jobs.run_due()

    @property
    def sent(self) -> list[InboxMessage]:
        """Deliver what waits; give everything that left, oldest first."""
        self.deliver()
        with db.transaction(reading=True) as session:
            return list(session.scalars(select(InboxMessage).order_by(InboxMessage.id)))

    def empty(self) -> None:
        """Deliver what waits, and empty the mailboxes it went to: they are not the product's."""
        self.deliver()
        with db.transaction() as session:
            farewells = select(InboxMessage.person_id).where(InboxMessage.letter.startswith("account_closed"))
            session.execute(delete(Person).where(Person.id.in_(farewells)))
            session.execute(delete(InboxMessage))

    def last(self, letter: str) -> InboxMessage:
        """Give the newest message of a kind."""
        return [message for message in self.sent if message.letter == letter][-1]

    def code(self, letter: str = "confirm_address") -> str:
        """Give the newest code."""
        return self.last(letter).subject.rsplit(" ", 1)[1]

    def texted(self) -> str:
        """Give the code of the newest text message."""
        found = re.search(r"\b(\d{6})\b", self.last("security_code").text)
        assert found is not None
        return found[1]

    def undo_token(self, letter: str) -> str:
        """Give the token of the link in the newest letter of a kind."""
        return self.last(letter).text.split("/undo#")[1].split()[0]

    def invitation_token(self) -> str:
        """Give the token of the newest invitation to the internal tools."""
        return self.last("staff_invitation").text.split("/staff/invitation#")[1].split()[0]

    def link_token(self) -> str:
        """Give the token of the newest link."""
        return self.last("confirm_address").text.split("/confirm#")[1].split()[0]


@dataclass
class SignedIn:
    """A client that sends its token with every request."""

    client: FlaskClient
    token: str
    session_id: str
    headers: dict[str, str] = field(default_factory=dict)
    recovery_codes: list[str] = field(default_factory=list)
    device_token: str = ""
    person_id: str = ""
    authenticator: pyotp.TOTP | None = None

    def code(self) -> str:
        """Give the present code of the authenticator app."""
        assert self.authenticator is not None
        return self.authenticator.at(clock.now())

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a request with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **options.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.request("DELETE", path, **options)


P, R = ParamSpec("P"), TypeVar("R")


def remembered(make: "Callable[Concatenate[People, P], R]") -> "Callable[Concatenate[People, P], R]":
    """Take what is made from memory, where a moment ago the same was made of the same tables."""

    @wraps(make)
    def made(people: "People", *args: P.args, **fields: P.kwargs) -> R:
        if people._memory is None:
            return make(people, *args, **fields)
        told = [one.token if isinstance(one, SignedIn) else one for one in args]
        call = f"{make.__name__} {told} {sorted(fields.items())}"
        return people._memory.again(call, lambda: make(people, *args, **fields), people._again)  # type: ignore[no-any-return]

    return made


class People:
    """Makes people through the HTTP interface, as front ends do."""

    def __init__(self, app: Any, outbox: Outbox, memory: Memory | None = None) -> None:
        self._app, self._outbox, self._memory = app, outbox, memory

    def _again(self, given: Any) -> Any:
        """Give what was given, for a test that may change it."""
        if not isinstance(given, SignedIn):
            return copy.deepcopy(given)
        headers, codes = dict(given.headers), list(given.recovery_codes)
        return replace(given, client=self.stranger, headers=headers, recovery_codes=codes)

    @property
    def stranger(self) -> FlaskClient:
        """A client without any credential."""
        return self._app.test_client(use_cookies=False)

    @property
    def browser(self) -> FlaskClient:
        """A client that keeps cookies."""
        return self._app.test_client()

    def register(self, email: str = "ann@example.org", service: str = "my-account", **fields: Any) -> TestResponse:
        """Send a registration."""
        body = {
            "service": service,
            "email": email,
            "password": PASSWORD,
            "profile": fields["profile"] if "profile" in fields else profile_of(service),
        } | fields
        return self.stranger.post("/api/v1/registrations", json=body)

    @remembered
    def account(self, email: str = "ann@example.org", service: str = "my-account", **fields: Any) -> dict[str, Any]:
        """Register and prove the address; give the account."""
        started = self.register(email, service, **fields)
        assert started.status_code == 202, started.json
        path = f"/api/v1/registrations/{started.json['id']}/confirmation"
        confirmed = self.stranger.post(path, json={"code": self._outbox.code()})
        assert confirmed.status_code == 201, confirmed.json
        return dict(confirmed.json)

    def sign_in(self, email: str = "ann@example.org", password: str = PASSWORD) -> SignedIn:
        """Sign in as an app."""
        client = self.stranger
        answer = client.post("/api/v1/sessions", json={"email": email, "password": password})
        assert answer.status_code == 201, answer.json
        return SignedIn(
            client, answer.json["token"], answer.json["session_id"], device_token=answer.json["device_token"]
        )

    def with_phone(self, member: SignedIn, phone: str = PHONE) -> str:
        """Add a phone and confirm it; give the number of the factor."""
        factor, member.recovery_codes = self._confirmed_phone(member, phone)
        return factor

    @remembered
    def _confirmed_phone(self, member: SignedIn, phone: str) -> tuple[str, list[str]]:
        added = member.post("/api/v1/me/factors/phones", json={"phone": phone, "name": "my phone"})
        assert added.status_code == 201, added.json
        factor = str(added.json["factor"]["id"])
        confirmed = member.post(f"/api/v1/me/factors/{factor}/confirmation", json={"code": self._outbox.texted()})
        assert confirmed.status_code == 200, confirmed.json
        return factor, confirmed.json["recovery_codes"]

    def with_app(self, member: SignedIn) -> pyotp.TOTP:
        """Add an authenticator app and confirm it; give what makes its codes."""
        app, member.recovery_codes = self._confirmed_app(member)
        return app

    @remembered
    def _confirmed_app(self, member: SignedIn) -> tuple[pyotp.TOTP, list[str]]:
        added = member.post("/api/v1/me/factors/apps", json={"name": "authenticator"})
        assert added.status_code == 201, added.json
        app = pyotp.TOTP(added.json["secret"])
        path = f"/api/v1/me/factors/{added.json['factor']['id']}/confirmation"
        with clock.at(clock.now()):  # the code before stays the one before
            confirmed = member.post(path, json={"code": app.at(clock.now(), counter_offset=-1)})
        assert confirmed.status_code == 200, confirmed.json
        return app, confirmed.json["recovery_codes"]

    def challenged(self, email: str = "ann@example.org", password: str = PASSWORD, **fields: Any) -> dict[str, Any]:
        """Give the right password of somebody with a second factor; give the challenge."""
        answer = self.stranger.post("/api/v1/sessions", json={"email": email, "password": password} | fields)
        assert answer.status_code == 202, answer.json
        return dict(answer.json)

    @remembered
    def member(self, email: str = "ann@example.org", service: str = "my-account", **fields: Any) -> SignedIn:
        """Make an account and sign in."""
        self.account(email, service, **fields)
        return self.sign_in(email)

    def invite(self, email: str, *roles: Role) -> tuple[str, str]:
        """Make a staff member as the command does; give his number and the token of his invitation."""
        access.begin(access.SYSTEM, None)
        with db.transaction():
            member, token = staff.create(email, roles or (Role.SUPPORT_AGENT,))
        return str(member.id), token

    def accept(self, token: str, password: str = PASSWORD) -> SignedIn:
        """Accept an invitation; give somebody with an authenticator app and recovery codes who is not signed in yet."""
        path = "/api/v1/staff/invitations"
        added = self.stranger.post(f"{path}/acceptance", json={"token": token, "password": password})
        assert added.status_code == 200, added.json
        app = pyotp.TOTP(added.json["secret"])
        with clock.at(clock.now()):  # the code before stays the one before
            code = app.at(clock.now(), counter_offset=-1)
            confirmed = self.stranger.post(f"{path}/confirmation", json={"token": token, "code": code})
        assert confirmed.status_code == 200, confirmed.json
        codes = confirmed.json["recovery_codes"]
        return SignedIn(self.stranger, "", "", recovery_codes=codes, authenticator=app)

    @remembered
    def staff(self, *roles: Role, email: str = "ada@example.org") -> SignedIn:
        """Make a staff member who accepted the invitation and is signed in."""
        member_id, token = self.invite(email, *roles)
        member = self.accept(token)
        member.person_id = member_id
        return self.enter(member, email)

    def enter(self, member: SignedIn, email: str = "ada@example.org", code: str = "") -> SignedIn:
        """Sign a staff member in, with the present code of his app or a recovery code."""
        asked = self.staff_challenge(email)
        body = {"challenge": asked["challenge"], "method": "recovery_code" if code else "totp"}
        entered = self.stranger.post("/api/v1/staff/sessions/challenge", json=body | {"code": code or member.code()})
        assert entered.status_code == 201, entered.json
        member.token, member.session_id = entered.json["token"], entered.json["session_id"]
        member.device_token = entered.json["device_token"]
        return member

    def staff_challenge(self, email: str = "ada@example.org", **fields: Any) -> dict[str, Any]:
        """Give the right password of a staff member; give the challenge."""
        answer = self.stranger.post("/api/v1/staff/sessions", json={"email": email, "password": PASSWORD} | fields)
        assert answer.status_code == 202, answer.json
        return dict(answer.json)
