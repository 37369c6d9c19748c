"""How many SQL statements each endpoint sends: a table that says so when one more creeps in, or one less is needed.

BEGIN, COMMIT, pragmas and PostgreSQL's wake-up of the workers are not counted; limits, kept in the database, are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from suite.kernel import clock, system
from suite.kernel.http import App
from suite.staff import Role
from tests.people import PASSWORD, Outbox, People

SESSIONS, ME, REGISTRATIONS = "/api/v1/sessions", "/api/v1/me", "/api/v1/registrations"
STAFF = "/api/v1/staff"
CREDENTIALS = {"email": "ann@example.org", "password": PASSWORD}
STAFF_CREDENTIALS = {"email": "ada@example.org", "password": PASSWORD}
Act = Callable[[People, Outbox], Callable[[], TestResponse]]


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "NOTIFY")):
            sent.append(statement)

    database = system.current().database
    engine = database.engine if database.sqlite else database.reading
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def get(path: str) -> Act:
    """Ask as a stranger."""
    return lambda people, _outbox: lambda: people.stranger.get(path)


def signed_in(method: str, path: str, **options: object) -> Act:
    """Ask as a member."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        return lambda: member.request(method, path, **options)

    return prepare


def register(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return people.register


def confirm(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    path = f"{REGISTRATIONS}/{people.register().json['id']}/confirmation"
    code = outbox.code()
    return lambda: people.stranger.post(path, json={"code": code})


def confirm_by_link(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.register()
    body = {"token": outbox.link_token(), "password": PASSWORD}
    return lambda: people.stranger.post(f"{REGISTRATIONS}/confirmation", json=body)


def sign_in(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS)


def sign_in_of_nobody(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS)


def leave(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/services", json={"service": "cloud-console"})
    return lambda: member.delete(f"{ME}/services/cloud-console")


def second_step(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    app = people.with_app(people.member())
    body = {"challenge": people.challenged()["challenge"], "method": "totp", "code": app.at(clock.now())}
    return lambda: people.stranger.post(f"{SESSIONS}/challenge", json=body)


def accept(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    _, token = people.invite("ada@example.org")
    body = {"token": token, "password": PASSWORD}
    return lambda: people.stranger.post(f"{STAFF}/invitations/acceptance", json=body)


def staff_sign_in(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.staff()
    return lambda: people.stranger.post(f"{STAFF}/sessions", json=STAFF_CREDENTIALS)


def staff_sign_in_of_nobody(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return lambda: people.stranger.post(f"{STAFF}/sessions", json=STAFF_CREDENTIALS)


def staff_second_step(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    ada = people.staff()
    body = {"challenge": people.staff_challenge()["challenge"], "method": "totp"}

    def act() -> TestResponse:
        with clock.at(clock.now() + timedelta(seconds=31)):
            return people.stranger.post(f"{STAFF}/sessions/challenge", json=body | {"code": ada.code()})

    return act


def as_staff(method: str, path: str, **options: object) -> Act:
    """Ask as a staff member of every role, about an account where the path has a place for its number."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        account = people.account()["id"]
        ada = people.staff(*Role)
        outbox.deliver()
        return lambda: ada.request(method, f"{STAFF}{path.format(account)}", **options)

    return prepare


ENDPOINTS: dict[str, tuple[Act, int, int]] = {
    "healthz": (get("/healthz"), 200, 0),
    "services": (get("/api/v1/services"), 200, 0),
    "one service": (get("/api/v1/services/my-account"), 200, 0),
    "catalogue": (get("/api/v1/privacy/catalogue"), 200, 0),
    "API description": (get("/openapi.json"), 200, 0),
    "who am I": (signed_in("GET", ME), 200, 1),
    "who am I, a stranger": (get(ME), 401, 0),
    "register": (register, 202, 5),
    "confirm by code": (confirm, 201, 7),
    "confirm by link": (confirm_by_link, 201, 7),
    "sign in": (sign_in, 201, 12),
    "sign in, unknown address": (sign_in_of_nobody, 401, 5),
    "list sessions": (signed_in("GET", SESSIONS), 200, 2),
    "sign out": (signed_in("DELETE", f"{SESSIONS}/current"), 204, 3),
    "sign out elsewhere": (signed_in("DELETE", SESSIONS), 200, 3),
    "confirm the password": (
        signed_in("POST", f"{SESSIONS}/current/confirmation", json={"password": PASSWORD}),
        204,
        6,
    ),
    "my services": (signed_in("GET", f"{ME}/services"), 200, 2),
    "join a service": (signed_in("POST", f"{ME}/services", json={"service": "cloud-console"}), 201, 4),
    "leave a service": (leave, 200, 10),
    "close the account": (signed_in("POST", f"{ME}/closure"), 200, 12),
    "sign in, second factor": (second_step, 201, 16),
    "what happened": (signed_in("GET", f"{ME}/events"), 200, 2),
    "who looked": (signed_in("GET", f"{ME}/accesses"), 200, 2),
    "accept an invitation": (accept, 200, 13),
    "staff sign in": (staff_sign_in, 202, 9),
    "staff sign in, unknown address": (staff_sign_in_of_nobody, 401, 5),
    "staff sign in, second factor": (staff_second_step, 201, 17),
    "staff, who am I": (as_staff("GET", "/me"), 200, 1),
    "find an account": (as_staff("POST", "/accounts/search", json={"email": "ann@example.org"}), 200, 4),
    "look at an account": (as_staff("POST", "/accounts/{}/view"), 200, 7),
    "block an account": (as_staff("POST", "/accounts/{}/block", json={"reason": "misuse"}), 200, 9),
    "end the sessions of an account": (as_staff("DELETE", "/accounts/{}/sessions"), 200, 4),
    "messages of an account": (as_staff("POST", "/accounts/{}/messages/list", json={}), 200, 4),
    "trail of an account": (as_staff("POST", "/accounts/{}/audit", json={}), 200, 4),
    "audit trail": (as_staff("GET", "/audit"), 200, 2),
    "troubled messages": (as_staff("GET", "/messages"), 200, 3),
    "staff members": (as_staff("GET", "/members"), 200, 2),
    "make a staff member": (
        as_staff("POST", "/members", json={"email": "bea@example.org", "roles": ["operator"]}),
        201,
        9,
    ),
}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_endpoint_sends_as_many_statements_as_the_table_says(
    endpoint: str, app: App, people: People, outbox: Outbox
) -> None:
    prepare, status, expected = ENDPOINTS[endpoint]
    act = prepare(people, outbox)

    with counted() as statements:
        answer = act()

    assert answer.status_code == status, answer.json
    assert len(statements) == expected, "\n".join(statements)
