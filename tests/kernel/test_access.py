"""Who may do what: said on every route, refused at the start where it is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Response
from flask.views import MethodView

from suite.app import RouteWithoutRule, check_rules
from suite.kernel import access, clock
from suite.kernel.access import NOBODY, PERMISSIONS, SYSTEM, Actor, ActorKind, Permission, allow, fresh, public, rule_of
from suite.kernel.errors import NotAllowed, SignInAgain, SignInNeeded
from suite.kernel.http import App
from suite.kernel.ids import new_id
from tests.kernel.conftest import Started
from tests.people import People

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANN = Actor(ActorKind.ACCOUNT, new_id(), new_id(), NOON)


def called(view: Any, caller: Actor) -> Any:
    """Call a view as somebody."""
    access.begin(caller, None)
    try:
        return view()
    finally:
        access.begin(SYSTEM, None)


# --- refused at the start


@pytest.mark.parametrize(
    "decorate", [lambda view: view, fresh, lambda view: fresh(allow(Permission.OWN_ACCOUNT)(view))]
)
def test_a_route_that_does_not_say_who_may_call_it_stops_the_start(started: Started, decorate: Any) -> None:
    app = started()

    def silent() -> Response:
        return Response("hello")

    app.add_url_rule("/silent", view_func=decorate(silent))

    with pytest.raises(RouteWithoutRule, match=r"GET /silent does not say who may call it: put @public or @allow"):
        check_rules(app)


def test_one_silent_method_of_many_is_found(started: Started) -> None:
    app = started()

    class Halves(MethodView):
        @public
        def get(self) -> str:
            return ""

        def delete(self) -> str:
            return ""

    app.add_url_rule("/halves", view_func=Halves.as_view("halves"))

    with pytest.raises(RouteWithoutRule, match="DELETE /halves"):
        check_rules(app)


def test_the_real_routes_all_say_it(app: App) -> None:
    check_rules(app)


def test_allowing_nothing_in_particular_is_refused() -> None:
    with pytest.raises(ValueError, match="@public"):
        allow()


# --- the permission table


def test_every_kind_of_caller_stands_in_the_table_and_every_permission_belongs_to_somebody() -> None:
    from suite.staff import Role, permissions_of

    given = {one for permissions in PERMISSIONS.values() for one in permissions}
    given |= {one for role in Role for one in permissions_of([role])}

    assert set(PERMISSIONS) == set(ActorKind)
    assert given == set(Permission)
    assert PERMISSIONS[ActorKind.NOBODY] == frozenset()


@pytest.mark.parametrize("kind", ActorKind)
@pytest.mark.parametrize("permission", Permission)
def test_a_route_opens_for_those_the_table_names_and_for_nobody_else(kind: ActorKind, permission: Permission) -> None:
    view = allow(permission)(lambda: "inside")
    caller = Actor(kind, new_id())

    if permission in caller.permissions:
        assert called(view, caller) == "inside"
    else:
        with pytest.raises(SignInNeeded if kind is ActorKind.NOBODY else NotAllowed):
            called(view, caller)


def test_all_permissions_named_are_needed() -> None:
    foreign = next(one for one in Permission if one not in PERMISSIONS[ActorKind.ACCOUNT])
    view = allow(Permission.OWN_ACCOUNT, foreign)(lambda: "inside")

    with pytest.raises(NotAllowed):
        called(view, ANN)


def test_a_public_route_asks_nothing() -> None:
    assert called(public(lambda: "inside"), NOBODY) == "inside"


# --- fresh


@pytest.mark.parametrize(("minutes", "opens"), [(0, True), (4.99, True), (5, True), (5.01, False), (600, False)])
def test_a_sensitive_act_wants_the_password_of_the_last_five_minutes(minutes: float, opens: bool) -> None:
    view = allow(Permission.OWN_ACCOUNT)(fresh(lambda: "inside"))

    with clock.at(NOON + timedelta(minutes=minutes)):
        if opens:
            assert called(view, ANN) == "inside"
        else:
            with pytest.raises(SignInAgain):
                called(view, ANN)


def test_who_never_confirmed_is_not_fresh() -> None:
    with pytest.raises(SignInAgain):
        called(allow(Permission.OWN_ACCOUNT)(fresh(lambda: "inside")), Actor(ActorKind.ACCOUNT, new_id()))


def test_a_stranger_is_told_to_sign_in_and_not_to_confirm() -> None:
    with pytest.raises(SignInNeeded):
        called(allow(Permission.OWN_ACCOUNT)(fresh(lambda: "inside")), NOBODY)


def test_the_rule_of_a_view_keeps_everything_it_said() -> None:
    rule = rule_of(allow(Permission.OWN_ACCOUNT)(fresh(lambda: None)))

    assert rule is not None
    assert (rule.permissions, rule.fresh, rule.public) == ((Permission.OWN_ACCOUNT,), True, False)
    assert set(rule.refusals()) == {SignInNeeded, NotAllowed, SignInAgain}


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/v1/me/closure"), ("DELETE", "/api/v1/me/services/my-account")]
)
def test_sensitive_acts_of_the_product_ask_again(people: People, method: str, path: str) -> None:
    member = people.member()

    with clock.at(clock.now() + timedelta(minutes=6)):
        answer = member.request(method, path)

    assert (answer.status_code, answer.json["code"]) == (403, "sign_in_again")


# --- the caller


def test_the_credential_is_looked_up_once_and_only_when_somebody_asks() -> None:
    asked: list[int] = []

    def look_up() -> Actor:
        asked.append(1)
        return ANN

    access.begin(look_up, "request-7")
    try:
        before = list(asked)
        assert access.actor() is access.actor() is ANN
        assert access.person_id() == ANN.id
        assert access.request_id() == "request-7"
    finally:
        access.begin(SYSTEM, None)
    assert (before, asked) == ([], [1])


def test_what_runs_after_a_request_is_not_done_by_its_caller(people: People) -> None:
    people.member().get("/api/v1/me")

    assert access.actor() is SYSTEM
    assert access.request_id() is None


def test_the_system_itself_is_no_person() -> None:
    with pytest.raises(SignInNeeded):
        access.person_id()
