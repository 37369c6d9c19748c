"""Generated requests at every route: whatever comes, the answer is one that the API description promises."""

import secrets as random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case, CheckContext, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from suite.accounts.models import Account, Membership, Session
from suite.accounts.sessions import LIFETIMES
from suite.kernel import clock, db, secrets, system
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.models import Limit
from suite.privacy import Person
from suite.staff import Role
from suite.staff import sessions as staff_sessions
from suite.staff.models import StaffMember
from tests import conftest

DESCRIBED = schemathesis.openapi.from_path(Path(__file__).parent.parent.parent / "openapi.json")
DESCRIBED.config.generation.update(with_security_parameters=False, allow_x00=False)


def valid_input_is_taken(_ctx: CheckContext, response: Response, case: Case) -> None:
    """Let no value be refused as unreadable or wrong that the description allows.

    A service decides which profile fields and consents it takes, `format: email` allows addresses to which no
    mail can go, a text may be no domain, the settings decide where webhooks go, the vendor file in which countries and under which safeguard
    data are processed, a ban on telling has both its law and its end, and time zones are known by the files of the
    machine: all are refused with a sentence, and no schema can say so.
    """
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in {400, 415, 422}:
        return
    problem = response.json()
    wrong = [one["pointer"] for one in problem.get("errors", [{"pointer": ""}]) if one.get("message") not in BY_KIND]
    excused = all(pointer.startswith(EXCUSED) for pointer in wrong)
    assert problem["code"] not in UNREADABLE or excused, problem


EXCUSED = ("/profile", "/email", "/url", "/preferences/time_zone", "/country", "/safeguard", "/silent_law", "/domain")
BY_KIND = {
    "This request needs this field.",
    "This request does not ask for this field.",
    "Give either the licence or the activation.",
    "An account or company needs a service and its number, nobody needs nothing.",
}
"""Which fields a request has depends on its kind, or on the other fields."""
UNREADABLE = {"malformed_json", "wrong_media_type", "invalid_input"}
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
    checks.ignored_auth,
    valid_input_is_taken,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = conftest._application("sqlite", tmp_path_factory)
    before = system._system
    system.use(made.extensions["suite_system"])
    conftest.empty(system.current())
    yield made
    conftest.empty(system.current())
    system._system = before


def stranger() -> dict[str, str]:
    """Send no credential; begin with full allowances."""
    with db.transaction() as session:
        session.query(Limit).delete()
    return {}


def member() -> dict[str, str]:
    """Send the token of a new account with two services."""
    stranger()
    now, token = clock.now(), random.token_urlsafe(32)
    with db.transaction() as session:
        person = Person(id=new_id())
        session.add(person)
        session.flush()
        address = f"{person.id}@example.org"
        session.add(
            Account(
                id=person.id,
                address=address,
                email_key=address,
                password_hash=_HASH,
                language="en",
                created_at=now,
            )
        )
        session.flush()
        for service in ("my-account", "cloud-console"):
            session.add(Membership(account_id=person.id, service=service, joined_at=now))
        session.add(
            Session(
                account_id=person.id,
                token_hash=secrets.token_hash(token),
                client="app",
                created_at=now,
                seen_at=now,
                fresh_at=now,
                expires_at=now + LIFETIMES["app"].whole,
            )
        )
    return {"Authorization": f"Bearer {token}"}


def staff() -> dict[str, str]:
    """Send the token of a new staff member in every role."""
    stranger()
    with db.transaction() as session:
        person = Person(id=new_id())
        session.add(person)
        session.flush()
        address = f"{person.id}@example.org"
        session.add(
            StaffMember(
                id=person.id,
                address=address,
                email_key=address,
                password_hash=_HASH,
                language="en",
                roles=[role.value for role in Role],
                created_at=clock.now(),
            )
        )
        session.flush()
        _, token = staff_sessions.begin(person.id, "app", None)
    return {"Authorization": f"Bearer {token}"}


_HASH = "k1$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2m2TjB3C1rFJ9nYv1Zbqzr3k0oXy4eT2m8vR3Qm1b7A"


def send(case: Case, app: App, caller: Callable[[], dict[str, str]]) -> int:
    """Send one generated request and hold the answer against every check; give its status."""
    case.operation.schema.app = app
    return case.call_and_validate(app=app, headers=caller(), checks=CHECKS).status_code


SOME = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def needs_nobody(found: Any) -> bool:
    """Say whether an operation is open to everybody; elsewhere strangers get 401, which other tests ask."""
    return not found.operation.definition.raw.get("security")


@pytest.mark.parametrize("caller", [stranger, member])
@DESCRIBED.include(needs_nobody).parametrize()
@SOME
def test_every_open_route_answers_as_described(case: Case, server: App, caller: Callable[[], dict[str, str]]) -> None:
    send(case, server, caller)


@DESCRIBED.exclude(needs_nobody).exclude(path_regex="^/api/v1/staff/").parametrize()
@SOME
def test_every_route_of_people_answers_them_as_described(case: Case, server: App) -> None:
    send(case, server, member)


@DESCRIBED.exclude(needs_nobody).include(path_regex="^/api/v1/staff/").parametrize()
@SOME
def test_every_route_of_the_internal_tools_answers_staff_as_described(case: Case, server: App) -> None:
    send(case, server, staff)
