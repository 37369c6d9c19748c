"""A forgotten password: the mailed proof, the steps after it, and a new password."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from suite.accounts import recovery
from suite.accounts.models import Account, AddressChange, Recovery, Session
from suite.factors.models import Challenge
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry, Limit
from tests.accounts.recovering import NEW, Recovering, instant, rows, wrong_for
from tests.failures.crowd import at_once
from tests.house_rules.test_statements import counted
from tests.people import PASSWORD, Outbox, People


@pytest.fixture
def lost(people: People, outbox: Outbox) -> Recovering:
    return Recovering(people, outbox)


def change(column: Any, value: object) -> None:
    with db.transaction() as session:
        session.execute(update(Account).values({column: value}))


def meanwhile(act: Callable[[], Any]) -> Any:
    """Let somebody else act while a request waits."""
    return at_once(1, lambda _which: act())[0]


# --- the way through


def test_somebody_who_forgot_the_password_sets_a_new_one_with_the_mailed_code(lost: Recovering) -> None:
    lost.people.account()

    step = lost.prove().json
    done = lost.post("/password", ticket=step["ticket"], password=NEW)

    assert (step["next"], step["question"], step["challenge"]) == ("password", None, None)
    assert done.status_code == 204
    assert (lost.sign_in(PASSWORD), lost.sign_in(NEW)) == (401, 201)


def test_the_mailed_link_does_the_same_and_opening_its_page_consumes_nothing(lost: Recovering) -> None:
    lost.people.account()
    lost.ask()
    token = lost.token()

    pages = [lost.people.stranger.get("/recover").status_code for _ in range(3)]
    step = lost.post("/proof", token=token)
    done = lost.post("/password", ticket=step.json["ticket"], password=NEW)

    assert pages == [200, 200, 200]
    assert (step.status_code, step.json["next"], done.status_code) == (200, "password", 204)
    assert lost.sign_in(NEW) == 201


def test_nothing_changes_before_the_last_step(lost: Recovering) -> None:
    member = lost.people.member()

    lost.ticket()

    assert member.get("/api/v1/me").status_code == 200
    assert lost.sign_in(PASSWORD) == 201


def test_the_mail_goes_to_the_stored_address_and_not_to_the_typed_one(lost: Recovering) -> None:
    lost.people.account("Ann@example.org")

    lost.ask("ANN@EXAMPLE.org")

    assert lost.outbox.last("reset_password").recipient == "Ann@example.org"


def test_the_links_of_the_mail_begin_with_the_address_in_the_settings(lost: Recovering) -> None:
    lost.people.account()

    lost.people.stranger.post(
        "/api/v1/recoveries", json={"email": "ann@example.org"}, headers={"X-Forwarded-Host": "evil.example"}
    )

    text = lost.outbox.last("reset_password").text
    assert "http://localhost/recover#" in text
    assert "evil" not in text


@pytest.mark.parametrize(("tongue", "word"), [("de", "Passwort"), ("ru", "пароль")])
def test_the_mail_speaks_the_language_of_the_account(lost: Recovering, tongue: str, word: str) -> None:
    lost.people.account(language=tongue)

    lost.ask()

    assert word in lost.outbox.last("reset_password").text


# --- known and unknown addresses


def test_known_unknown_closed_and_blocked_addresses_get_the_same_answer_and_the_same_work(
    lost: Recovering, app: Any
) -> None:
    lost.people.account("known@example.org")
    lost.people.member("gone1@example.org").post("/api/v1/me/closure")
    lost.people.account("bad12@example.org")
    change(Account.blocked_at, clock.now())
    with db.transaction() as session:
        session.execute(update(Account).where(Account.email_key == "known@example.org").values(blocked_at=None))
    hashes = app.extensions["suite_system"].hashes
    seen = []

    for address in ("known@example.org", "nobod@example.org", "gone1@example.org", "bad12@example.org"):
        before = hashes.computed
        with counted() as statements:
            answer = lost.post(email=address)
        seen.append(
            (
                answer.status_code,
                len(answer.data),
                sorted(answer.json),
                [name for name, _ in answer.headers],
                list(statements),
                hashes.computed - before,
            )
        )

    assert seen[0][0] == 202
    assert seen[0] == seen[1] == seen[2] == seen[3]
    assert len(seen[0][4]) == 4
    assert [message.recipient for message in lost.outbox.sent if message.letter == "reset_password"] == [
        "known@example.org"
    ]


def test_wrong_codes_are_judged_alike_for_known_and_unknown_addresses(lost: Recovering) -> None:
    lost.people.account("known@example.org")
    seen = []

    for address in ("known@example.org", "nobod@example.org"):
        asked = lost.ask(address)
        lost.outbox.deliver()
        code = wrong_for(lost.code())
        answers = []
        for _ in range(6):
            with counted() as statements:
                answer = lost.post(f"/{asked}/proof", code=code)
            answers.append((answer.status_code, answer.json["code"], sorted(answer.json), list(statements)))
        seen.append(answers)

    assert [code for _, code, _, _ in seen[0]] == ["wrong_code"] * 5 + ["code_used_up"]
    assert seen[0] == seen[1]


def test_who_only_asked_cannot_tell_whether_somebody_used_or_replaced_the_mail(lost: Recovering) -> None:
    lost.people.account()
    used = lost.ask()
    lost.post("/proof", token=lost.token())
    replaced = lost.ask()
    code = lost.code()
    lost.ask()
    lost.outbox.deliver()

    answers = [lost.post(f"/{one}/proof", code=wrong_for(code)).json["code"] for one in (used, replaced)]

    assert answers == ["wrong_code", "wrong_code"]
    assert lost.post(f"/{replaced}/proof", code=code).json["code"] == "wrong_code"


def test_the_typed_address_is_erased_once_it_was_looked_up_and_was_never_readable(lost: Recovering) -> None:
    lost.people.account("known@example.org")
    for address in ("known@example.org", "nobody@example.org"):
        lost.ask(address)
    before = rows()

    lost.outbox.deliver()

    assert all(b"example" not in (row.asked_for or b"example") for row in before)
    assert [row.asked_for for row in rows()] == [None, None]
    assert [row.account_id is None for row in rows()] == [False, True]
    assert all("example" not in row.address_hash for row in before)


def test_codes_links_and_tickets_are_stored_only_as_hashes(lost: Recovering) -> None:
    lost.people.account()
    asked = lost.ask()
    code, token = lost.code(), lost.token()
    mailed = rows()[0]
    ticket = lost.post(f"/{asked}/proof", code=code).json["ticket"]

    proven = rows()[0]

    assert None not in {mailed.code_hash, mailed.link_hash}
    assert not {code, token} & {mailed.code_hash, mailed.link_hash}
    assert (proven.code_hash, proven.link_hash) == (None, None)
    assert proven.ticket_hash not in {None, ticket}


def test_a_request_is_gone_after_a_day(lost: Recovering) -> None:
    from suite.privacy import sweeps

    lost.people.account()
    lost.ask()
    lost.outbox.deliver()
    start = clock.now()

    with clock.at(start + timedelta(hours=23)):
        sweeps.sweep()
        before = len(rows())
    with clock.at(start + timedelta(hours=24, seconds=1)):
        sweeps.sweep()

    assert (before, rows()) == (1, [])


# --- codes, links and tickets


def test_the_code_works_until_29_59_and_not_at_30_minutes(lost: Recovering) -> None:
    lost.people.account()
    start = clock.now()
    with clock.at(start):
        asked = lost.post(email="ann@example.org").json
        code, token = lost.code(), lost.token()

    with clock.at(start + timedelta(minutes=30)):
        late = [lost.post(f"/{asked['id']}/proof", code=code), lost.post("/proof", token=token)]
    with clock.at(start + timedelta(minutes=29, seconds=59)):
        just = lost.post(f"/{asked['id']}/proof", code=code)

    assert [(one.status_code, one.json["code"]) for one in late] == [(409, "code_expired"), (404, "recovery_gone")]
    assert just.status_code == 200
    assert instant(asked["code_expires_at"]) == start.replace(microsecond=start.microsecond // 1000 * 1000) + timedelta(
        minutes=30
    )


def test_a_ticket_lives_as_long_as_the_mail_and_at_least_ten_minutes(lost: Recovering) -> None:
    lost.people.account()
    start = clock.now().replace(microsecond=0)
    ends = []
    for minutes in (1, 29):
        with clock.at(start):
            asked = lost.ask()
            code = lost.code()
        with clock.at(start + timedelta(minutes=minutes)):
            step = lost.post(f"/{asked}/proof", code=code).json
            ends.append(instant(step["expires_at"]) - start)

    with clock.at(start + timedelta(minutes=39)):
        late = lost.post("/password", ticket=step["ticket"], password=NEW)
    with clock.at(start + timedelta(minutes=38, seconds=59)):
        just = lost.post("/password", ticket=step["ticket"], password=NEW)

    assert ends == [timedelta(minutes=30), timedelta(minutes=39)]
    assert (late.status_code, late.json["code"], just.status_code) == (404, "recovery_gone", 204)


def test_code_and_link_are_spent_together(lost: Recovering) -> None:
    lost.people.account()
    asked = lost.ask()
    code, token = lost.code(), lost.token()

    first = lost.post("/proof", token=token)
    again = [lost.post("/proof", token=token), lost.post(f"/{asked}/proof", code=code)]

    assert first.status_code == 200
    assert [(one.status_code, one.json["code"]) for one in again] == [(404, "recovery_gone"), (422, "wrong_code")]


def test_a_newer_request_ends_the_older_with_its_ticket(lost: Recovering) -> None:
    lost.people.account()
    ticket = lost.ticket()
    lost.ask()
    token = lost.token()
    lost.ask()
    lost.outbox.deliver()

    old = [lost.post("/password", ticket=ticket, password=NEW), lost.post("/proof", token=token)]

    assert [(one.status_code, one.json["code"]) for one in old] == [(404, "recovery_gone")] * 2
    assert lost.post("/proof", token=lost.token()).status_code == 200


def test_a_request_answered_late_ends_none_that_is_newer(lost: Recovering) -> None:
    lost.people.account()
    with clock.at(clock.now() - timedelta(minutes=1)):
        older = lost.ask()
    newer = lost.ask()

    for row in reversed(rows()):
        with db.transaction():
            recovery.answer(row.id)

    assert [str(row.id) for row in rows() if row.code_hash] == [newer]
    assert older != newer
    assert [message.letter for message in lost.outbox.sent].count("reset_password") == 1


def test_a_mail_whose_code_is_dead_already_does_not_leave(lost: Recovering) -> None:
    lost.people.account()
    start = clock.now()
    lost.ask()

    with clock.at(start + timedelta(minutes=31)):
        sent = [message.letter for message in lost.outbox.sent]

    assert "reset_password" not in sent
    assert rows()[0].asked_for is None


def test_the_password_of_a_spent_ticket_stays(lost: Recovering) -> None:
    lost.people.account()
    ticket = lost.ticket()
    lost.post("/password", ticket=ticket, password=NEW)

    again = lost.post("/password", ticket=ticket, password="six huge blue bottles")

    assert (again.status_code, again.json["code"]) == (404, "recovery_gone")
    assert lost.sign_in(NEW) == 201


@pytest.mark.parametrize("path", ["/answer", "/second-factor", "/password", "/wait"])
def test_a_ticket_nobody_got_opens_nothing(lost: Recovering, path: str) -> None:
    lost.people.account()
    lost.ask()
    bodies = {
        "/answer": {"answer": "whatever"},
        "/second-factor": {"challenge": "A" * 43, "method": "totp", "code": "123456"},
        "/password": {"password": NEW},
    }

    answers = [lost.post(path, ticket=ticket, **bodies.get(path, {})) for ticket in ("A" * 43, lost.token())]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "recovery_gone")] * 2


def test_a_ticket_is_no_sign_in(lost: Recovering) -> None:
    lost.people.account()
    ticket = lost.ticket()

    got = lost.people.stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {ticket}"})

    assert (got.status_code, got.json["code"]) == (401, "sign_in_needed")


def test_a_request_that_does_not_exist_is_gone(lost: Recovering) -> None:
    answer = lost.post(f"/{new_id()}/proof", code="123456")

    assert (answer.status_code, answer.json["code"]) == (404, "recovery_gone")


# --- limits


@pytest.mark.parametrize("known", [False, True])
def test_twenty_wrong_codes_a_day_are_judged_for_an_address_however_often_it_is_asked(
    lost: Recovering, known: bool
) -> None:
    if known:
        lost.people.account()
    start, codes = clock.now(), []

    for turn in range(5):
        with clock.at(start + timedelta(hours=turn * 2)):
            asked = lost.ask(["ann@example.org", "ANN@Example.org"][turn % 2])
            lost.outbox.deliver()
            wrong = wrong_for(lost.code()) if known else "000000"
            codes += [lost.post(f"/{asked}/proof", code=wrong).json["code"] for _ in range(5)]

    assert codes == ["wrong_code"] * 20 + ["too_many_codes"] * 5


def test_a_right_code_is_not_counted_and_the_link_works_when_no_code_is_judged_any_more(lost: Recovering) -> None:
    lost.people.account()
    lost.ticket()
    start = clock.now()
    for turn in range(4):
        with clock.at(start + timedelta(hours=1 + turn * 2)):
            asked = lost.ask()
            wrong = wrong_for(lost.code())
            assert {lost.post(f"/{asked}/proof", code=wrong).json["code"] for _ in range(5)} == {"wrong_code"}

    with clock.at(start + timedelta(hours=9)):
        asked = lost.ask()
        refused = lost.post(f"/{asked}/proof", code=lost.code())
        proven = lost.post("/proof", token=lost.token())

    assert (refused.status_code, refused.json["code"]) == (429, "too_many_codes")
    assert int(refused.headers["Retry-After"]) > 3600
    assert proven.status_code == 200


def test_wrong_codes_typed_by_whoever_asked_leave_the_link_alone(lost: Recovering) -> None:
    lost.people.account()
    asked = lost.ask()
    code = wrong_for(lost.code())
    for _ in range(6):
        lost.post(f"/{asked}/proof", code=code)

    used_up = lost.post(f"/{asked}/proof", code=lost.code())
    proven = lost.post("/proof", token=lost.token())

    assert (used_up.status_code, used_up.json["code"]) == (409, "code_used_up")
    assert proven.status_code == 200


@pytest.mark.parametrize("known", [False, True])
def test_an_address_is_asked_for_eight_times_an_hour_and_gets_three_mails(lost: Recovering, known: bool) -> None:
    if known:
        lost.people.account()

    answers = []
    for _ in range(9):
        answers.append(lost.post(email="ann@example.org"))
        lost.outbox.deliver()

    assert [one.status_code for one in answers] == [202] * 8 + [429]
    assert (answers[8].json["code"], int(answers[8].headers["Retry-After"]) > 3500) == ("too_many_attempts", True)
    assert [message.letter for message in lost.outbox.sent].count("reset_password") == (3 if known else 0)


def test_a_request_that_gets_no_mail_leaves_the_last_mail_alone(lost: Recovering) -> None:
    lost.people.account()
    for _ in range(3):
        lost.ask()
        lost.outbox.deliver()
    token = lost.token()
    lost.ask()
    lost.outbox.deliver()

    assert lost.post("/proof", token=token).status_code == 200


def test_a_network_asks_thirty_times_an_hour(lost: Recovering) -> None:
    answers = [lost.post(email=f"nobody{number}@example.org").status_code for number in range(31)]

    assert answers == [202] * 30 + [429]


# --- accounts in a special state


def test_a_closed_or_blocked_account_gets_no_mail(lost: Recovering) -> None:
    lost.people.account()
    change(Account.blocked_at, clock.now())
    lost.ask()
    lost.outbox.deliver()
    change(Account.blocked_at, None)
    change(Account.closed_at, clock.now())
    lost.ask()

    assert [message.letter for message in lost.outbox.sent if message.letter == "reset_password"] == []
    assert [row.account_id for row in rows()] == [None, None]


@pytest.mark.parametrize("column", [Account.blocked_at, Account.closed_at])
def test_what_was_mailed_before_an_account_was_blocked_or_closed_opens_nothing(lost: Recovering, column: Any) -> None:
    lost.people.account()
    asked = lost.ask()
    code, token = lost.code(), lost.token()
    change(column, clock.now())

    refused = [lost.post("/proof", token=token), lost.post(f"/{asked}/proof", code=code)]
    change(column, None)
    ticket = lost.post("/proof", token=token).json["ticket"]
    change(column, clock.now())
    late = lost.post("/password", ticket=ticket, password=NEW)

    assert [one.json["code"] for one in refused] == ["recovery_gone", "wrong_code"]
    assert (late.status_code, late.json["code"]) == (404, "recovery_gone")


def test_a_frozen_account_may_recover_because_that_is_the_way_back_of_its_owner(lost: Recovering) -> None:
    lost.people.account()
    change(Account.frozen_until, clock.now() + timedelta(hours=24))

    done = lost.post("/password", ticket=lost.ticket(), password=NEW)

    assert done.status_code == 204


def test_saying_that_it_was_somebody_else_ends_what_was_half_recovered(lost: Recovering) -> None:
    from suite.accounts import undo

    lost.people.account()
    lost.post("/password", ticket=lost.ticket(), password=NEW)
    token = lost.outbox.undo_token("password_reset")
    ticket = lost.ticket()
    with db.transaction():
        undo.use(token, network="10.0.0.1")

    refused = lost.post("/password", ticket=ticket, password=PASSWORD)

    assert (refused.status_code, refused.json["code"]) == (404, "recovery_gone")


# --- the new password


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("password123", "password_too_common"),
        ("ann@example.org", "password_too_common"),
        ("Kaspersky Business Hub 1", "password_too_common"),
    ],
)
def test_a_new_password_keeps_the_rules_and_a_refused_one_leaves_the_ticket(
    lost: Recovering, password: str, code: str
) -> None:
    lost.people.account(service="business-hub")
    ticket = lost.ticket()

    refused = lost.post("/password", ticket=ticket, password=password)
    done = lost.post("/password", ticket=ticket, password=NEW)

    assert (refused.status_code, refused.json["code"], done.status_code) == (422, code, 204)


def test_what_a_service_was_told_is_no_password(lost: Recovering) -> None:
    profile = {"user_name": "speedymcgonigal", "first_name": "Ann", "last_name": "Lee"}
    lost.people.account(service="motorsport", profile=profile)

    refused = lost.post("/password", ticket=lost.ticket(), password="SpeedyMcGonigal7")

    assert refused.json["code"] == "password_too_common"


def test_a_new_password_ends_every_session_and_signs_nobody_in(lost: Recovering) -> None:
    members = [lost.people.member(), lost.people.sign_in()]

    done = lost.post("/password", ticket=lost.ticket(), password=NEW)

    assert done.data == b""
    assert "Set-Cookie" not in done.headers
    assert [one.get("/api/v1/me").status_code for one in members] == [401, 401]
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Session)).all() == []


def test_a_new_password_ends_open_challenges_and_a_change_of_address(lost: Recovering) -> None:
    member = lost.people.member()
    lost.people.with_app(member)
    lost.people.challenged()
    ticket = through_factor(lost, member.recovery_codes[0])
    with db.transaction() as session:
        account = session.scalars(select(Account)).one()
        session.add(AddressChange(account_id=account.id, address="b@x.org", email_key="b@x.org", asked_at=clock.now()))

    lost.post("/password", ticket=ticket, password=NEW)

    with db.transaction(reading=True) as session:
        assert session.scalars(select(Challenge).where(Challenge.use != "enrol")).all() == []
        assert session.scalars(select(AddressChange)).all() == []


def test_somebody_who_locked_himself_out_gets_in_with_the_new_password_on_old_and_new_devices(
    lost: Recovering,
) -> None:
    device = lost.people.member().device_token
    for fields in ({}, {"device_token": device}):
        for _ in range(10):
            body = {"email": "ann@example.org", "password": "not this one", **fields}
            lost.people.stranger.post("/api/v1/sessions", json=body)
    locked = lost.sign_in(PASSWORD)

    lost.post("/password", ticket=lost.ticket(), password=NEW)

    body = {"email": "ann@example.org", "password": NEW}
    answers = [
        lost.people.stranger.post("/api/v1/sessions", json=body | fields).status_code
        for fields in ({}, {"device_token": device})
    ]
    assert (locked, answers) == (429, [201, 201])


def test_the_owner_is_told_with_a_way_to_object_and_the_trail_says_so_without_the_address(
    lost: Recovering,
) -> None:
    lost.people.account()

    lost.post("/password", ticket=lost.ticket(), password=NEW)

    letter = lost.outbox.last("password_reset")
    assert letter.recipient == "ann@example.org"
    assert "http://localhost/undo#" in letter.text
    with db.transaction(reading=True) as session:
        trail = [(one.action, one.facts) for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]
    assert [action for action, _ in trail if action.startswith(("recovery", "password"))] == [
        "recovery.mailed",
        "recovery.proven",
        "password.reset",
    ]
    assert "ann" not in repr(trail)


def test_a_password_set_while_another_was_hashed_wins_and_the_slower_one_is_refused(
    lost: Recovering, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suite.accounts import recovery_steps

    lost.people.account()
    ticket = lost.ticket()
    real, overtaking = recovery_steps.hash_password, []

    def slow(password: str) -> str:
        if not overtaking:
            overtaking.append(None)
            overtaking[0] = meanwhile(lambda: lost.post("/password", ticket=ticket, password=NEW))
        return real(password)

    monkeypatch.setattr(recovery_steps, "hash_password", slow)
    slower = lost.post("/password", ticket=ticket, password="six huge blue bottles")

    assert (overtaking[0].status_code, slower.status_code, slower.json["code"]) == (204, 404, "recovery_gone")
    assert lost.sign_in(NEW) == 201


def test_an_account_blocked_while_the_password_was_hashed_keeps_the_old_one(
    lost: Recovering, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suite.accounts import recovery_steps

    lost.people.account()
    ticket = lost.ticket()
    real = recovery_steps.hash_password

    def block(password: str) -> str:
        meanwhile(lambda: change(Account.blocked_at, clock.now()))
        return real(password)

    monkeypatch.setattr(recovery_steps, "hash_password", block)
    refused = lost.post("/password", ticket=ticket, password=NEW)
    change(Account.blocked_at, None)

    assert (refused.status_code, refused.json["code"]) == (404, "recovery_gone")
    assert lost.sign_in(PASSWORD) == 201


# --- the second factor


def through_factor(lost: Recovering, recovery_code: str) -> str:
    """Prove the mailbox and a second factor; give the ticket."""
    step = lost.prove().json
    challenge = step["challenge"]["challenge"]
    done = lost.post(
        "/second-factor",
        ticket=step["ticket"],
        challenge=challenge,
        method="recovery_code",
        code=recovery_code,
    )
    assert (done.status_code, done.json["next"]) == (200, "password"), done.json
    return str(step["ticket"])


def test_with_a_second_factor_the_mail_alone_sets_no_password(lost: Recovering) -> None:
    app = lost.people.with_app(lost.people.member())
    step = lost.prove().json

    early = lost.post("/password", ticket=step["ticket"], password=NEW)
    body = {"ticket": step["ticket"], "challenge": step["challenge"]["challenge"], "method": "totp"}
    wrong = lost.post("/second-factor", **body, code="000000")
    right = lost.post("/second-factor", **body, code=app.at(clock.now()))
    done = lost.post("/password", ticket=step["ticket"], password=NEW)

    assert (step["next"], step["challenge"]["methods"]) == ("second_factor", ["totp", "recovery_code"])
    assert (early.status_code, early.json["code"], early.json["next"]) == (409, "not_this_step", "second_factor")
    assert (wrong.status_code, wrong.json["code"], wrong.json["left"]) == (422, "wrong_code", 4)
    assert (right.json["next"], done.status_code) == ("password", 204)


def test_a_code_goes_to_the_phone_and_the_factors_stay_after_the_reset(lost: Recovering) -> None:
    member = lost.people.member()
    factor = lost.people.with_phone(member)
    with clock.at(clock.now() + timedelta(seconds=61)):
        step = lost.prove().json
        challenge = step["challenge"]["challenge"]
        lost.people.stranger.post("/api/v1/challenges/code", json={"challenge": challenge, "factor": factor})
        lost.post("/second-factor", ticket=step["ticket"], challenge=challenge, method="sms", code=lost.outbox.texted())
        lost.post("/password", ticket=step["ticket"], password=NEW)

    assert step["challenge"]["factors"] == [{"id": factor, "kind": "sms", "name": "my phone", "hint": "•• 78"}]
    assert lost.sign_in(NEW) == 202


def test_a_challenge_of_another_use_or_another_recovery_is_no_answer(lost: Recovering) -> None:
    people = lost.people
    app = people.with_app(people.member())
    people.with_app(people.member("bob@example.org"))
    foreign = lost.prove("bob@example.org").json["challenge"]["challenge"]
    step = lost.prove().json
    older = step["challenge"]["challenge"]
    step = lost.prove().json

    answers = [
        lost.post("/second-factor", ticket=step["ticket"], challenge=one, method="totp", code=app.at(clock.now()))
        for one in (people.challenged()["challenge"], foreign, older)
    ]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "challenge_gone")] * 3


def test_a_recovery_challenge_signs_nobody_in(lost: Recovering) -> None:
    app = lost.people.with_app(lost.people.member())
    challenge = lost.prove().json["challenge"]["challenge"]

    answer = lost.people.stranger.post(
        "/api/v1/sessions/challenge", json={"challenge": challenge, "method": "totp", "code": app.at(clock.now())}
    )

    assert (answer.status_code, answer.json["code"]) == (404, "challenge_gone")


def test_ten_wrong_codes_an_hour_are_judged_over_all_recoveries(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    codes = []
    for _ in range(3):
        step = lost.prove().json
        body = {"ticket": step["ticket"], "challenge": step["challenge"]["challenge"], "method": "totp"}
        codes += [lost.post("/second-factor", **body, code="000000").json["code"] for _ in range(4)]

    assert codes == ["wrong_code"] * 10 + ["too_many_wrong_codes"] * 2


def test_who_knows_the_password_but_not_the_mailbox_cannot_close_the_recovery_by_guessing(lost: Recovering) -> None:
    app = lost.people.with_app(lost.people.member())
    for _ in range(3):
        challenge = lost.people.challenged()["challenge"]
        for _ in range(4):
            lost.people.stranger.post(
                "/api/v1/sessions/challenge", json={"challenge": challenge, "method": "totp", "code": "000000"}
            )

    step = lost.prove().json
    body = {"ticket": step["ticket"], "challenge": step["challenge"]["challenge"], "method": "totp"}
    passed = lost.post("/second-factor", **body, code=app.at(clock.now()))

    assert passed.status_code == 200


def test_a_factor_added_after_the_proof_is_asked_too(lost: Recovering) -> None:
    member = lost.people.member()
    ticket = lost.ticket()
    lost.people.with_app(member)

    refused = lost.post("/password", ticket=ticket, password=NEW)

    assert (refused.json["code"], refused.json["next"]) == ("not_this_step", "second_factor")


def test_the_second_factor_is_asked_once(lost: Recovering) -> None:
    member = lost.people.member()
    lost.people.with_app(member)
    ticket = through_factor(lost, member.recovery_codes[0])

    again = lost.post("/second-factor", ticket=ticket, challenge="A" * 43, method="totp", code="000000")

    assert (again.status_code, again.json["code"], again.json["next"]) == (409, "not_this_step", "password")


def test_no_counter_names_an_address(lost: Recovering) -> None:
    lost.ask()

    with db.transaction(reading=True) as session:
        keys = list(session.scalars(select(Limit.key)))
        assert [one.id for one in session.scalars(select(Recovery))]
    assert len(keys) == 2
    assert not any("ann" in key for key in keys)
