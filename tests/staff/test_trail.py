"""The audit trail as staff read it, and as the person it is about does."""

import ast
import dataclasses
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.accounts.events import SHOWN
from suite.kernel import audit, clock, db, system
from suite.kernel import log as logs
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.kernel.secrets import Keyring
from suite.rights import words
from suite.staff import Role
from tests import source
from tests.people import PASSWORD, Outbox, People, SignedIn

TRAIL = "/api/v1/staff/audit"
EVENTS, ACCESSES = "/api/v1/me/events", "/api/v1/me/accesses"


def number(member: SignedIn) -> str:
    return str(member.get("/api/v1/me").json["id"])


def actions(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [one["action"] for one in next(value for value in answer.json.values() if isinstance(value, list))]


def everything(member: SignedIn, path: str, limit: int) -> list[dict[str, Any]]:
    """Read a list page by page."""
    found, cursor = [], {}
    while True:
        page = member.get(path, query_string={"limit": limit} | cursor).json
        found += next(value for value in page.values() if isinstance(value, list))
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


# --- staff


def test_the_trail_is_read_newest_first_and_by_action(people: People) -> None:
    officer = people.staff(Role.PRIVACY_OFFICER)
    people.account()

    newest = officer.get(TRAIL, query_string={"limit": 1})
    opened = officer.get(TRAIL, query_string={"action": "account.opened"})

    assert len(newest.json["entries"]) == 1
    assert newest.json["next_cursor"]
    assert actions(opened) == ["account.opened"]
    assert opened.json["entries"][0]["facts"] == {"service": "my-account"}


def test_pages_of_the_trail_hold_every_entry_once_whatever_is_written_meanwhile(people: People) -> None:
    officer = people.staff(Role.PRIVACY_OFFICER)
    with db.transaction(reading=True) as session:
        known = {str(one) for one in session.scalars(select(AuditEntry.id))}
    first = officer.get(TRAIL, query_string={"limit": 2}).json
    people.account()

    rest, cursor = [], first["next_cursor"]
    while cursor:
        page = officer.get(TRAIL, query_string={"limit": 2, "cursor": cursor}).json
        rest += page["entries"]
        cursor = page["next_cursor"]

    seen = [one["id"] for one in first["entries"] + rest]
    assert sorted(seen) == sorted(known)
    assert seen == sorted(seen, reverse=True)


def test_who_reads_the_trail_learns_no_name_address_or_number(people: People) -> None:
    officer = people.staff(Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
    account = people.account()["id"]
    officer.post(f"/api/v1/staff/accounts/{account}/view")

    shown = officer.get(TRAIL, query_string={"limit": 100}).text

    assert "account.viewed" in shown
    for personal in ("example.org", account, officer.person_id):
        assert personal not in shown


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"cursor": "A" * 22}, "invalid_cursor"),
        ({"cursor": "A" * 23}, "invalid_cursor"),
        ({"cursor": "é"}, "invalid_cursor"),
        ({"cursor": "' OR 1=1 --"}, "invalid_cursor"),
        ({"cursor": ""}, "invalid_cursor"),
        ({"limit": "101"}, "invalid_input"),
        ({"action": "Account Opened"}, "invalid_input"),
        ({"actor": "x"}, "invalid_input"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused(people: People, query: dict[str, str], code: str) -> None:
    answer = people.staff(Role.PRIVACY_OFFICER).get(TRAIL, query_string=query)

    assert (answer.status_code, answer.json["code"]) == (422, code)


def test_a_cursor_of_another_list_only_says_where_to_go_on(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    foreign = ann.get(EVENTS, query_string={"limit": 1}).json["next_cursor"]

    shown = bob.get(EVENTS, query_string={"cursor": foreign}).json["events"]

    assert shown == []


def test_the_trail_of_one_account_holds_its_entries_alone(people: People) -> None:
    account = people.account()["id"]
    people.account("bob@example.org")
    officer = people.staff(Role.PRIVACY_OFFICER)

    found = officer.post(f"/api/v1/staff/accounts/{account}/audit", json={}).json["entries"]

    assert sorted(one["action"] for one in found) == ["account.opened", "service.joined"]
    assert {one["subject"] for one in found} == {audit.subject_key(account)}


# --- the person

NOT_FOR_OWNERS = {
    "account.messages_viewed",
    "account.searched",
    "account.trail_viewed",
    "account.viewed",
    "company.ended",
    "company.goes_on",
    "company.invitation_withdrawn",
    "company.invited",
    "company_member.searched",
    "contract.extended",
    "contract.recorded",
    "disclosure.approved",
    "disclosure.carried_out",
    "disclosure.proposed",
    "disclosure.refused",
    "disclosure.viewed",
    "license.key_file_made",
    "license.searched",
    "license.viewed",
    "message.retried",
    "registration.resent",
}
"""What staff looked at stands in the other list; an invitation is about a person who has no account."""


OF_THE_PRODUCT = {
    "staff",
    "webhook",
    "webhooks",
    "keys",
    "retention",
    "backup",
    "licenses",
    "license_key",
    "product_connection",
}
"""Acts that are about no account."""


def names_of_acts() -> set[str]:
    """Give the name of every act the product writes about a person."""
    found = {f"request.{state}" for state in words.CLOSED}
    for nodes in source.nodes().values():
        for call in nodes:
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) in {
                "write",
                "_audit",
                "_decide",
                "_done",
                "_note",
                "_tell",
            }:
                parts = [part for one in call.args for part in ast.walk(one) if isinstance(part, ast.Constant)]
                texts = [part.value for part in parts if isinstance(part.value, str)]
                found |= {text for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}
    return {name for name in found if name.partition(".")[0] not in OF_THE_PRODUCT}


def test_every_act_is_shown_to_the_owner_or_said_not_to_be() -> None:
    assert names_of_acts() - {"messages.retried"} == set(SHOWN) | NOT_FOR_OWNERS


def test_an_owner_reads_what_happened_to_the_account(people: People) -> None:
    member = people.member()
    people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": "not the one"})
    people.with_app(member)

    events = member.get(EVENTS).json["events"]

    shown = {(one["action"], one["by"], tuple(one["facts"].items())) for one in events}
    assert ("account.opened", "nobody", (("service", "my-account"),)) in shown
    assert ("session.opened", "nobody", (("client", "app"),)) in shown
    assert ("sign_in.failed", "nobody", ()) in shown
    assert ("second_factor.added", "account", (("kind", "totp"),)) in shown
    assert set(events[0]) == {"at", "action", "by", "facts"}


def test_an_owner_reads_every_look_and_act_of_staff_without_their_names(people: People) -> None:
    member = people.member()
    account = number(member)
    admin = people.staff(Role.ADMINISTRATOR, Role.SUPPORT_AGENT)
    admin.post("/api/v1/staff/accounts/search", json={"email": "ann@example.org"})
    admin.post(f"/api/v1/staff/accounts/{account}/view")
    admin.post(f"/api/v1/staff/accounts/{account}/block", json={"reason": "taken_over"})
    admin.post(f"/api/v1/staff/accounts/{account}/unblock", json={"reason": "owner_proven"})
    again = people.sign_in()

    answer = again.get(ACCESSES)

    assert sorted(actions(answer)) == [
        "account.blocked",
        "account.searched",
        "account.unblocked",
        "account.viewed",
        "sessions.ended",
    ]
    assert {one["role"] for one in answer.json["accesses"]} == {"staff"}
    assert {one["reason"] for one in answer.json["accesses"]} == {None, "taken_over", "owner_proven"}
    for hidden in (admin.person_id, audit.subject_key(admin.person_id), "ada@example.org"):
        assert hidden not in answer.text
        assert hidden not in again.get(EVENTS).text


def test_what_others_did_is_in_nobody_elses_lists(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    admin = people.staff(Role.ADMINISTRATOR)
    admin.post(f"/api/v1/staff/accounts/{number(ann)}/view")
    with clock.at(clock.now() + timedelta(seconds=5)):
        people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": "not the one"})

    assert actions(bob.get(ACCESSES)) == []
    assert "sign_in.failed" not in actions(bob.get(EVENTS))


def test_entries_written_under_an_older_key_are_still_the_owners(people: People) -> None:
    member = people.member()
    before = actions(member.get(EVENTS))
    running = system.current()
    newer = "new1:" + "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="

    system.use(dataclasses.replace(running, keys=Keyring(f"{newer},{running.settings.secret_keys}")))
    people.sign_in()
    after = actions(member.get(EVENTS))
    system.use(running)

    assert after == ["session.opened", *before]
    assert before != []


def test_both_lists_come_in_pages(people: People) -> None:
    member = people.member()
    for _ in range(3):
        people.sign_in()

    whole, in_ones = everything(member, EVENTS, 100), everything(member, EVENTS, 1)

    assert in_ones == whole
    assert len(whole) == 6


@pytest.mark.parametrize("path", [EVENTS, ACCESSES])
def test_a_strange_cursor_is_refused(people: People, path: str) -> None:
    answer = people.member().get(path, query_string={"cursor": str(new_id())})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_cursor")


# --- nothing personal on the way


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    before = logging.getLogger().handlers, logging.getLogger().level
    logs.start("debug", "json")
    yield lambda: capsys.readouterr().err
    logs.start("error", "json")
    logging.getLogger().handlers, logging.getLogger().level = before


def test_no_address_token_or_password_reaches_log_or_trail(people: People, outbox: Outbox, lines: Any) -> None:
    member = people.member()
    account = number(member)
    admin = people.staff(*Role, email="ada.lovelace@example.org")
    admin.post("/api/v1/staff/accounts/search", json={"email": "ann@example.org"})
    admin.post("/api/v1/staff/accounts/search", json={"email": "stranger@example.net"})
    for what in ("view", "messages/list", "audit"):
        admin.post(f"/api/v1/staff/accounts/{account}/{what}", json={})
    admin.post(f"/api/v1/staff/accounts/{account}/block", json={"reason": "misuse"})
    admin.post("/api/v1/staff/registrations/resend", json={"email": "ann@example.org"})
    made = admin.post("/api/v1/staff/members", json={"email": "bea@example.org", "roles": ["operator"]}).json["id"]
    admin.put(f"/api/v1/staff/members/{made}/roles", json={"roles": ["virus_analyst"]})
    admin.post(f"/api/v1/staff/members/{made}/invitation")
    invitation = outbox.invitation_token()
    people.stranger.post("/api/v1/staff/invitations/acceptance", json={"token": invitation, "password": PASSWORD})
    admin.post(f"/api/v1/staff/members/{made}/disable")
    outbox.deliver()

    written = lines()
    with db.transaction(reading=True) as session:
        trail = str([(one.action, one.facts) for one in session.scalars(select(AuditEntry))])

    assert '"route":"/api/v1/staff/accounts/search"' in written
    for personal in ("example.org", "example.net", PASSWORD, invitation, admin.token, *admin.recovery_codes):
        assert personal not in written
        assert personal not in trail


def test_no_address_stands_in_a_path_or_query_of_the_internal_tools(app: Any) -> None:
    spec = app.test_client().get("/openapi.json").json
    places = {
        parameter["name"]
        for path, methods in spec["paths"].items()
        if path.startswith("/api/v1/staff")
        for method, operation in methods.items()
        if isinstance(operation, dict)
        for parameter in operation.get("parameters", ())
        if isinstance(parameter, dict) and "name" in parameter
    }

    of_licenses = {"product", "batch", "expires_after", "expires_before", "If-Match", "Idempotency-Key"}
    of_lists = {"cursor", "limit", "state", "action", "from", "to", "service", "dimension", "domain"}
    assert places <= of_lists | of_licenses
