"""How many SQL statements each endpoint sends: a table that says so when one more creeps in, or one less is needed.

BEGIN, COMMIT, pragmas and PostgreSQL's wake-up of the workers are not counted; limits, kept in the database, are.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from suite.kernel import clock, system
from suite.kernel.http import App
from tests.people import PASSWORD, PHONE, Outbox, People

SESSIONS, ME, REGISTRATIONS = "/api/v1/sessions", "/api/v1/me", "/api/v1/registrations"
CREDENTIALS = {"email": "ann@example.org", "password": PASSWORD}
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


def sign_in_again(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    body = CREDENTIALS | {"device_token": people.sign_in().device_token}
    return lambda: people.stranger.post(SESSIONS, json=body)


def sign_in_wrongly(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS | {"password": "not the one"})


def sign_in_with_factor(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.with_app(people.member())
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS)


def answer_with_app(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    app = people.with_app(people.member())
    body = {"challenge": people.challenged()["challenge"], "method": "totp", "code": app.at(clock.now())}
    return lambda: people.stranger.post(f"{SESSIONS}/challenge", json=body)


def leave(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/services", json={"service": "cloud-console"})
    return lambda: member.delete(f"{ME}/services/cloud-console")


def changed(path: str, body: dict[str, object]) -> Act:
    """Change what stands there, as somebody who just looked at it."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member("ann@example.org", "business-hub")
        headers = {"If-Match": member.get(path).headers["ETag"]}
        return lambda: member.patch(path, json=body, headers=headers)

    return prepare


def confirm_email(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/email", json={"email": "new@example.org"})
    code = outbox.code("confirm_new_address")
    return lambda: member.post(f"{ME}/email/confirmation", json={"code": code})


def undo_link(path: str, letter: str) -> Act:
    """Send the token of a letter: about a new password, a new address, a closed account."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member("ann@example.org", "business-hub")
        if letter == "account_closed_for_now":
            member.post(f"{ME}/closure")
        elif letter == "address_changed":
            member.post(f"{ME}/email", json={"email": "new@example.org"})
            member.post(f"{ME}/email/confirmation", json={"code": outbox.code("confirm_new_address")})
        else:
            member.put(f"{ME}/password", json={"password": PASSWORD})
        token = outbox.undo_token(letter)
        return lambda: people.stranger.post(path, json={"token": token})

    return prepare


def come_back(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/services", json={"service": "cloud-console"})
    member.delete(f"{ME}/services/cloud-console")
    return lambda: member.post(f"{ME}/services/cloud-console/return")


UNDO, HUB, CONSENT = "/api/v1/undo", f"{ME}/services/business-hub", f"{ME}/consents/my-account/news_by_email"
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
    "sign in with a known device": (sign_in_again, 201, 9),
    "sign in, unknown address": (sign_in_of_nobody, 401, 5),
    "sign in, wrong password": (sign_in_wrongly, 401, 5),
    "sign in, second factor asked": (sign_in_with_factor, 202, 9),
    "sign in, second factor given": (answer_with_app, 201, 15),
    "how to confirm": (signed_in("GET", f"{SESSIONS}/current/confirmation"), 200, 2),
    "list factors": (signed_in("GET", f"{ME}/factors"), 200, 3),
    "add an app": (signed_in("POST", f"{ME}/factors/apps", json={"name": "app"}), 201, 6),
    "add a phone": (signed_in("POST", f"{ME}/factors/phones", json={"name": "phone", "phone": PHONE}), 201, 20),
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
    "return to a service": (come_back, 200, 6),
    "close the account": (signed_in("POST", f"{ME}/closure"), 200, 12),
    "my settings": (signed_in("GET", f"{ME}/settings"), 200, 5),
    "change my settings": (changed(f"{ME}/settings", {"language": "de"}), 200, 8),
    "one of my services": (signed_in("GET", f"{ME}/services/my-account"), 200, 2),
    "change what it was told": (changed(HUB, {"profile": {"country": "AT"}}), 200, 6),
    "my consents": (signed_in("GET", f"{ME}/consents"), 200, 3),
    "give a consent": (signed_in("PUT", CONSENT, json={"given": True}), 200, 6),
    "give no consent": (signed_in("PUT", CONSENT, json={"given": False}), 200, 4),
    "change the password": (
        signed_in("PUT", f"{ME}/password", json={"password": "five small red kettles", "current": PASSWORD}),
        204,
        13,
    ),
    "change the address": (signed_in("POST", f"{ME}/email", json={"email": "new@example.org"}), 202, 8),
    "confirm the address": (confirm_email, 200, 15),
    "give up the change": (signed_in("DELETE", f"{ME}/email"), 404, 3),
    "look at an undo link": (undo_link(f"{UNDO}/details", "password_changed"), 200, 2),
    "undo a password": (undo_link(UNDO, "password_changed"), 200, 13),
    "undo an address": (undo_link(UNDO, "address_changed"), 200, 23),
    "undo a closing": (undo_link(UNDO, "account_closed_for_now"), 200, 10),
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
