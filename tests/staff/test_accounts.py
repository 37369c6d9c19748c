"""What staff may do with accounts: find one by its exact name, look, block, open again, end sessions."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.accounts.letters.desk import REASONS
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.staff import Role
from tests.failures.crowd import at_once
from tests.people import PASSWORD, Outbox, People, SignedIn

ACCOUNTS = "/api/v1/staff/accounts"


def search(staff: SignedIn, **named: str) -> Any:
    return staff.post(f"{ACCOUNTS}/search", json=named)


def act(staff: SignedIn, account: str, what: str, **body: Any) -> Any:
    return staff.post(f"{ACCOUNTS}/{account}/{what}", **({"json": body} if body else {}))


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["code"]


def entries(action: str) -> list[AuditEntry]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def sign_in(people: People) -> Any:
    return people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})


# --- finding


@pytest.mark.parametrize("written", ["ann@example.org", "ANN@Example.ORG"])
def test_an_account_is_found_by_its_exact_address(people: People, written: str) -> None:
    account = people.account()["id"]

    found = search(people.staff(), email=written)

    assert [one["id"] for one in found.json["accounts"]] == [account]
    assert set(found.json["accounts"][0]) == {"id", "state", "since"}


def test_an_account_is_found_by_its_number(people: People) -> None:
    account = people.account()["id"]

    assert search(people.staff(), id=account).json["accounts"][0]["id"] == account


@pytest.mark.parametrize("email", ["an@example.org", "ann@example.com", "ada@example.org"])
def test_parts_of_an_address_and_staff_members_are_not_found(people: People, email: str) -> None:
    people.account()

    assert search(people.staff(), email=email).json == {"accounts": []}


@pytest.mark.parametrize(
    "body", [{}, {"email": "ann@example.org", "id": str(new_id())}, {"email": "ann"}, {"email": "%"}]
)
def test_a_search_names_exactly_one_thing(people: People, body: dict[str, str]) -> None:
    assert refused(search(people.staff(), **body)) == (422, "invalid_input")


def test_of_one_address_the_open_account_is_found_before_closed_ones(people: People) -> None:
    staff = people.staff()
    first = people.member()
    first.post("/api/v1/me/closure")
    closed = search(staff, email="ann@example.org").json["accounts"]
    second = people.account()["id"]

    assert [one["state"] for one in closed] == ["closed"]
    assert search(staff, email="ann@example.org").json["accounts"][0]["id"] == second


def test_who_tries_a_list_of_addresses_gets_no_further_than_two_hundred(people: People) -> None:
    staff = people.staff()

    codes = [search(staff, email=f"ann{at}@example.org").status_code for at in range(201)]

    assert codes == [200] * 200 + [429]


# --- looking


def test_a_look_shows_what_helping_needs_and_no_more(people: People) -> None:
    member = people.member(service="motorsport")
    people.with_phone(member)
    account = member.get("/api/v1/me").json["id"]

    seen = act(people.staff(), account, "view").json

    assert {name: seen[name] for name in ("id", "email", "language", "state", "reason", "frozen_until")} == {
        "id": account,
        "email": "ann@example.org",
        "language": "en",
        "state": "open",
        "reason": None,
        "frozen_until": None,
    }
    assert [one["service"] for one in seen["services"]] == ["motorsport"]
    assert set(seen["services"][0]) == {"service", "joined_at"}
    assert seen["second_factors"] == ["sms"]
    assert (seen["sessions"], seen["last_sign_in"] is not None) == (1, True)
    assert "speedy" not in str(seen)
    assert "4915112345678" not in str(seen)


def test_every_look_and_act_stands_in_the_trail_with_the_member_who_did_it(people: People) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR, Role.SUPPORT_AGENT)
    search(admin, email="ann@example.org")
    search(admin, email="nobody@example.org")
    act(admin, account, "view")
    act(admin, account, "messages/list", limit=10)
    act(admin, account, "audit", limit=10)
    act(admin, account, "block", reason="misuse")
    act(admin, account, "unblock", reason="mistake")
    admin.delete(f"{ACCOUNTS}/{account}/sessions")

    with db.transaction(reading=True) as session:
        written = session.scalars(select(AuditEntry).where(AuditEntry.actor_kind == "staff")).all()
    assert sorted(entry.action for entry in written) == [
        "account.blocked",
        "account.messages_viewed",
        "account.searched",
        "account.searched",
        "account.trail_viewed",
        "account.unblocked",
        "account.viewed",
        "sessions.ended",
        "sessions.ended",
    ]
    assert len({entry.actor for entry in written}) == 1
    assert [entry.facts for entry in written if entry.subject is None] == [{"found": False}]
    assert {entry.facts.get("reason") for entry in written} == {None, "misuse", "mistake"}
    assert "example.org" not in str([entry.facts for entry in written])


def test_a_look_whose_entry_cannot_be_written_shows_nothing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    account = people.account()["id"]
    staff = people.staff()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("The trail is full.")

    monkeypatch.setattr("suite.accounts.desk.audit.write", broken)

    answer = act(staff, account, "view")
    assert refused(answer) == (500, "internal_error")
    assert "ann@example.org" not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_nothing_about_a_person_can_be_read_by_a_request_that_writes_no_entry(people: People, method: str) -> None:
    account = people.account()["id"]
    staff = people.staff(*Role)

    for what in ("view", "messages/list", "audit", "sessions", "search"):
        assert staff.request(method, f"{ACCOUNTS}/{account}/{what}").status_code in {404, 405}
    assert staff.request(method, f"{ACCOUNTS}/{account}").status_code == 404
    assert staff.request(method, ACCOUNTS).status_code == 404


# --- blocking


def test_a_blocked_account_is_nobody_from_the_next_request_on(people: People, outbox: Outbox) -> None:
    member, elsewhere = people.member(), people.sign_in()
    account = member.get("/api/v1/me").json["id"]
    admin = people.staff(Role.ADMINISTRATOR)

    blocked = act(admin, account, "block", reason="misuse")

    assert (blocked.status_code, blocked.json["state"], blocked.json["reason"]) == (200, "blocked", "misuse")
    assert [one.get("/api/v1/me").status_code for one in (member, elsewhere)] == [401, 401]
    assert refused(sign_in(people)) == (403, "account_blocked")
    assert act(admin, account, "view").json["sessions"] == 0
    assert "it was used against the terms" in outbox.last("account_blocked").text


def test_the_wrong_password_learns_nothing_about_a_block(people: People) -> None:
    account = people.account()["id"]
    act(people.staff(Role.ADMINISTRATOR), account, "block", reason="misuse")

    wrong = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": "not the one"})

    assert refused(wrong) == (401, "wrong_credentials")


def test_a_sign_in_half_done_ends_with_the_block_and_stays_ended(people: People) -> None:
    member = people.member()
    app = people.with_app(member)
    account = member.get("/api/v1/me").json["id"]
    admin = people.staff(Role.ADMINISTRATOR)
    asked = people.challenged()
    body = {"challenge": asked["challenge"], "method": "totp", "code": app.at(clock.now())}

    act(admin, account, "block", reason="taken_over")
    while_blocked = people.stranger.post("/api/v1/sessions/challenge", json=body)
    act(admin, account, "unblock", reason="owner_proven")
    afterwards = people.stranger.post("/api/v1/sessions/challenge", json=body)

    assert refused(while_blocked) == refused(afterwards) == (404, "challenge_gone")


def test_a_block_that_comes_while_the_password_is_judged_is_seen(people: People, app: Any, monkeypatch: Any) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR)
    hashes = app.extensions["suite_system"].hashes
    judge = type(hashes).verify
    done: list[Any] = []

    def slow(self: Any, password: str, stored: str | None) -> bool:
        if not done:
            done.append(None)
            done[0] = at_once(1, lambda _which: act(admin, account, "block", reason="misuse").status_code)[0]
        return bool(judge(self, password, stored))

    monkeypatch.setattr(type(hashes), "verify", slow)
    answer = sign_in(people)

    assert done == [200]
    assert refused(answer) == (403, "account_blocked")
    act(admin, account, "unblock", reason="mistake")
    assert act(admin, account, "view").json["sessions"] == 0


def test_an_unblocked_account_signs_in_as_before_and_its_owner_is_told(people: People, outbox: Outbox) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR)
    act(admin, account, "block", reason="misuse")

    opened = act(admin, account, "unblock", reason="mistake")

    assert (opened.status_code, opened.json["state"], opened.json["reason"]) == (200, "open", None)
    assert people.sign_in().get("/api/v1/me").status_code == 200
    assert outbox.last("account_unblocked").recipient == "ann@example.org"


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize(
    ("tongue", "beginning"), [("de", "wir haben Ihr Konto gesperrt: "), ("ru", "мы заблокировали")]
)
def test_the_owner_reads_the_reason_in_his_language(
    people: People, outbox: Outbox, reason: str, tongue: str, beginning: str
) -> None:
    account = people.account(language=tongue)["id"]

    act(people.staff(Role.ADMINISTRATOR), account, "block", reason=reason)

    text = outbox.last("account_blocked").text
    assert beginning in text
    assert REASONS[reason] not in text


def test_what_is_so_already_is_refused(people: People) -> None:
    member = people.member()
    account = member.get("/api/v1/me").json["id"]
    admin = people.staff(Role.ADMINISTRATOR)

    not_blocked = act(admin, account, "unblock", reason="mistake")
    act(admin, account, "block", reason="misuse")
    again = act(admin, account, "block", reason="legal")
    reason = act(admin, account, "view").json["reason"]

    assert refused(not_blocked) == (409, "not_blocked")
    assert refused(again) == (409, "already_blocked")
    assert reason == "misuse"
    assert len(entries("account.blocked")) == 1


def test_a_closed_account_is_shown_as_closed_and_cannot_be_blocked(people: People) -> None:
    member = people.member()
    account = member.get("/api/v1/me").json["id"]
    member.post("/api/v1/me/closure")
    admin = people.staff(Role.ADMINISTRATOR)

    assert act(admin, account, "view").json["state"] == "closed"
    assert refused(act(admin, account, "block", reason="misuse")) == (409, "account_is_closed")
    assert refused(act(admin, account, "unblock", reason="mistake")) == (409, "account_is_closed")


@pytest.mark.parametrize("reason", ["because", "", "MISUSE", None, ["misuse"]])
def test_a_reason_is_one_of_the_code_words(people: People, reason: Any) -> None:
    account = people.account()["id"]

    answer = people.staff(Role.ADMINISTRATOR).post(f"{ACCOUNTS}/{account}/block", json={"reason": reason})

    assert refused(answer) == (422, "invalid_input")


def test_blocking_wants_a_fresh_second_factor(people: People) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR)

    with clock.at(clock.now() + timedelta(minutes=6)):
        assert refused(act(admin, account, "block", reason="misuse")) == (403, "sign_in_again")
        assert refused(act(admin, account, "unblock", reason="mistake")) == (403, "sign_in_again")


def test_ending_the_sessions_of_an_account_says_how_many_there_were(people: People) -> None:
    lost = [people.member(), people.sign_in(), people.sign_in()]
    account = lost[0].get("/api/v1/me").json["id"]
    staff = people.staff()

    ended = staff.delete(f"{ACCOUNTS}/{account}/sessions")

    assert ended.json == {"ended": 3}
    assert [one.get("/api/v1/me").status_code for one in lost] == [401, 401, 401]
    assert staff.delete(f"{ACCOUNTS}/{account}/sessions").json == {"ended": 0}
    assert people.sign_in().get("/api/v1/me").status_code == 200
