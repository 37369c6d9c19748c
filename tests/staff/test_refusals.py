"""Every refusal of the staff module, as a caller meets it."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from suite.accounts import AccountIsClosed, AlreadyBlocked, NotBlocked
from suite.kernel import clock
from suite.kernel.access import Actor, ActorKind, Permission
from suite.kernel.errors import Refusal
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.staff import Role, errors
from tests.people import PASSWORD, People

STAFF = "/api/v1/staff"
GERMAN = {"headers": {"Accept-Language": "de"}}
# `suite staff` meets it alone: the API names members by their numbers.
ON_THE_COMMAND_LINE = {"staff_unknown"}


def staff_exists(people: People, _app: App) -> Any:
    body = {"email": "ada@example.org", "roles": ["operator"]}
    return people.staff(Role.ADMINISTRATOR).post(f"{STAFF}/members", json=body, **GERMAN)


def role_needed(people: People, _app: App) -> Any:
    body: dict[str, Any] = {"email": "bea@example.org", "roles": []}
    return people.staff(Role.ADMINISTRATOR).post(f"{STAFF}/members", json=body, **GERMAN)


def own_access(people: People, _app: App) -> Any:
    admin = people.staff(Role.ADMINISTRATOR)
    return admin.post(f"{STAFF}/members/{admin.person_id}/disable", **GERMAN)


def last_administrator(people: People, app: App) -> Any:
    """Only who lost his rights a moment ago can try: an administrator never disables himself."""
    admin = people.staff(Role.ADMINISTRATOR)
    rights = frozenset({Permission.MANAGE_STAFF})
    app.recognise = lambda _token, _client: Actor(ActorKind.STAFF, new_id(), fresh_at=clock.now(), allowed=rights)
    return admin.post(f"{STAFF}/members/{admin.person_id}/disable", **GERMAN)


def invitation_gone(people: People, _app: App) -> Any:
    body = {"token": "A" * 43, "password": PASSWORD}
    return people.stranger.post(f"{STAFF}/invitations/acceptance", json=body, **GERMAN)


def last_factor(people: People, _app: App) -> Any:
    ada = people.staff()
    factor = ada.get(f"{STAFF}/me/factors").json["factors"][0]["id"]
    return ada.delete(f"{STAFF}/me/factors/{factor}", **GERMAN)


def nothing_to_retry(people: People, _app: App) -> Any:
    account = people.account()["id"]
    ada = people.staff(Role.OPERATOR)
    message = ada.post(f"{STAFF}/accounts/{account}/messages/list", json={}).json["messages"][0]["id"]
    return ada.post(f"{STAFF}/messages/{message}/retry", **GERMAN)


def already_blocked(people: People, _app: App) -> Any:
    path = f"{STAFF}/accounts/{people.account()['id']}/block"
    admin = people.staff(Role.ADMINISTRATOR)
    admin.post(path, json={"reason": "misuse"})
    return admin.post(path, json={"reason": "misuse"}, **GERMAN)


def not_blocked(people: People, _app: App) -> Any:
    path = f"{STAFF}/accounts/{people.account()['id']}/unblock"
    return people.staff(Role.ADMINISTRATOR).post(path, json={"reason": "mistake"}, **GERMAN)


def account_is_closed(people: People, _app: App) -> Any:
    member = people.member()
    path = f"{STAFF}/accounts/{member.get('/api/v1/me').json['id']}/block"
    member.post("/api/v1/me/closure")
    return people.staff(Role.ADMINISTRATOR).post(path, json={"reason": "misuse"}, **GERMAN)


PROVOKED: dict[str, Callable[[People, App], Any]] = {
    act.__name__: act
    for act in (
        staff_exists,
        role_needed,
        own_access,
        last_administrator,
        invitation_gone,
        last_factor,
        nothing_to_retry,
        already_blocked,
        not_blocked,
        account_is_closed,
    )
}
REFUSALS: dict[str, type[Refusal]] = {
    one.code: one
    for one in (*vars(errors).values(), AccountIsClosed, AlreadyBlocked, NotBlocked)
    if inspect.isclass(one) and issubclass(one, Refusal) and one is not Refusal
}


@pytest.fixture(autouse=True)
def _the_same_recogniser_afterwards(app: App) -> Iterator[None]:
    before = app.recognise
    yield
    app.recognise = before


def test_every_refusal_is_provoked_here() -> None:
    assert set(PROVOKED) | ON_THE_COMMAND_LINE == set(REFUSALS)


@pytest.mark.parametrize("code", PROVOKED)
def test_a_refusal_has_its_status_code_and_a_sentence_in_the_language_of_its_reader(
    app: App, people: People, code: str
) -> None:
    answer = PROVOKED[code](people, app)

    assert (answer.status_code, answer.json["code"]) == (REFUSALS[code].status, code)
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Content-Language"] == "de"
    assert answer.json["title"] != REFUSALS[code].title
    assert set(answer.json) == {"type", "title", "status", "code", "request_id"}
    assert "example.org" not in answer.text
