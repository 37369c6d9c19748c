"""Second factors when many come at once: each code, challenge and link is spent once, and no limit is passed."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import func, select, update

from suite.accounts import sessions, undo
from suite.accounts.errors import UndoGone
from suite.accounts.models import Account, Session, UndoLink
from suite.factors import challenges, guard, phones
from suite.factors.models import Challenge, Factor, RecoveryCode, TextDecision
from suite.kernel import clock, db, system
from suite.kernel.errors import Refusal
from suite.kernel.ids import new_id
from suite.messages.models import Message
from suite.privacy import Person
from tests.failures.crowd import at_once
from tests.people import PASSWORD, PHONE, Outbox, People, SignedIn

CROWD = 50
ANSWER = "/api/v1/sessions/challenge"
STEP_UP = "/api/v1/sessions/current/challenge"
FACTORS = "/api/v1/me/factors"
MINUTE = timedelta(seconds=61)
ANOTHER = "test1$argon2id$v=19$m=512,t=1,p=1$" + "A" * 22 + "$" + "A" * 43


def count(table: type, *conditions: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def statuses(answers: list[Any]) -> Counter[Any]:
    return Counter((answer.status_code, (answer.json or {}).get("code")) for answer in answers)


def person(email: str = "ann@example.org") -> UUID:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Account.id).where(Account.email_key == email)).one()


def questions(
    person_id: UUID, number: int, *, use: str = "sign_in", bound_to: str = "app", lane: str = ""
) -> list[str]:
    """Open so many challenges as the password does, without waiting for so many hashes."""
    tokens = []
    with db.transaction():
        for _ in range(number):
            asked = challenges.ask(person_id, use=use, bound_to=bound_to, lane=lane)
            assert asked is not None
            tokens.append(asked.token)
    return tokens


def answer(people: People, token: str, method: str, code: str) -> Any:
    return people.stranger.post(ANSWER, json={"challenge": token, "method": method, "code": code})


def texted(people: People, outbox: Outbox, token: str, factor: str) -> str:
    """Ask for a code by text message for a challenge; give it."""
    sent = people.stranger.post("/api/v1/challenges/code", json={"challenge": token, "factor": factor})
    assert sent.status_code == 202, sent.json
    return outbox.texted()


def own(people: People, member: SignedIn) -> SignedIn:
    """Give the same session a client of its own, as another tab or device has."""
    return SignedIn(people.stranger, member.token, member.session_id)


def settled(**changes: Any) -> None:
    """Run the same system with other settings."""
    running = system.current()
    system.use(dataclasses.replace(running, settings=dataclasses.replace(running.settings, **changes)))


# --- spent once


def test_of_fifty_answers_with_one_text_message_one_opens_a_session(people: People, outbox: Outbox) -> None:
    factor = people.with_phone(people.member())
    (token,) = questions(person(), 1)

    with clock.at(clock.now() + MINUTE):
        code = texted(people, outbox, token, factor)
        answers = at_once(CROWD, lambda _which: answer(people, token, "sms", code))

    assert statuses(answers) == {(201, None): 1, (404, "challenge_gone"): CROWD - 1}
    assert count(Session) == 2


def test_of_fifty_answers_with_one_step_of_an_app_one_opens_a_session(people: People) -> None:
    app = people.with_app(people.member())
    tokens = questions(person(), CROWD)

    with clock.at(clock.now()):
        answers = at_once(CROWD, lambda which: answer(people, tokens[which], "totp", app.at(clock.now())))

    assert statuses(answers) == {(201, None): 1, (422, "wrong_code"): 10, (429, "too_many_wrong_codes"): CROWD - 11}
    assert count(Session) == 2


def test_of_fifty_answers_with_one_recovery_code_one_opens_a_session(people: People) -> None:
    member = people.member()
    people.with_app(member)
    tokens = questions(person(), CROWD)

    answers = at_once(CROWD, lambda which: answer(people, tokens[which], "recovery_code", member.recovery_codes[0]))

    assert statuses(answers) == {(201, None): 1, (422, "wrong_code"): 10, (429, "too_many_wrong_codes"): CROWD - 11}
    assert (count(Session), count(RecoveryCode, RecoveryCode.used_at.is_not(None))) == (2, 1)


def test_a_challenge_answered_by_ten_right_codes_at_once_spends_one_of_them(people: People) -> None:
    member = people.member()
    people.with_app(member)
    (token,) = questions(person(), 1)

    answers = at_once(10, lambda which: answer(people, token, "recovery_code", member.recovery_codes[which]))

    assert statuses(answers) == {(201, None): 1, (404, "challenge_gone"): 9}
    assert count(RecoveryCode, RecoveryCode.used_at.is_not(None)) == 1


def test_of_fifty_answers_to_one_step_up_one_confirms(people: People) -> None:
    member = people.member()
    app = people.with_app(member)
    token = member.post(STEP_UP).json["challenge"]
    body = {"challenge": token, "method": "totp", "code": app.at(clock.now())}

    answers = at_once(CROWD, lambda _which: own(people, member).post(f"{STEP_UP}/answer", json=body))

    assert statuses(answers) == {(204, None): 1, (404, "challenge_gone"): CROWD - 1}


@pytest.mark.parametrize("kind", ["app", "phone"])
def test_of_fifty_confirmations_of_a_factor_one_confirms_and_is_told(people: People, outbox: Outbox, kind: str) -> None:
    member = people.member()
    if kind == "app":
        added = member.post(f"{FACTORS}/apps", json={"name": "authenticator"}).json
        code = pyotp.TOTP(added["secret"]).at(clock.now())
    else:
        added = member.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "my phone"}).json
        code = outbox.texted()
    path = f"{FACTORS}/{added['factor']['id']}/confirmation"

    answers = at_once(CROWD, lambda _which: own(people, member).post(path, json={"code": code}))

    assert statuses(answers) == {(200, None): 1, (409, "factor_confirmed"): CROWD - 1}
    assert count(RecoveryCode) == 10
    assert [message.letter for message in outbox.sent].count("factor_added") == 1


def test_of_fifty_uses_of_an_undo_link_one_undoes(people: People, outbox: Outbox) -> None:
    people.with_app(people.member())
    token = outbox.undo_token("factor_added")

    def use(_which: int) -> bool:
        try:
            with db.transaction():
                undo.use(token, network="10.0.0.1")
        except UndoGone:
            return False
        return True

    assert sum(at_once(CROWD, use)) == 1
    assert (count(Session), count(Factor), count(UndoLink, UndoLink.used_at.is_not(None))) == (0, 0, 1)


# --- guesses


def test_of_fifty_wrong_codes_for_one_challenge_five_are_judged(people: People, outbox: Outbox) -> None:
    app = people.with_app(people.member())
    (token,) = questions(person(), 1)

    answers = at_once(CROWD, lambda _which: answer(people, token, "totp", "000000"))
    right = answer(people, token, "totp", app.at(clock.now()))

    assert statuses(answers) == {(422, "wrong_code"): 5, (409, "challenge_used_up"): CROWD - 5}
    assert right.json["code"] == "challenge_used_up"
    assert [message.letter for message in outbox.sent].count("second_factor_guessed") == 1


def test_over_fifty_challenges_ten_wrong_codes_an_hour_and_twenty_a_day_are_judged(people: People) -> None:
    people.with_app(people.member())
    begun, judged = clock.now(), []

    for hour in (0, 1.1, 2.2, 3.3):
        with clock.at(begun + timedelta(hours=hour)):
            tokens = questions(person(), CROWD)
            answers = at_once(CROWD, lambda which, tokens=tokens: answer(people, tokens[which], "totp", "000000"))
        judged.append(statuses(answers)[422, "wrong_code"])
        assert set(statuses(answers)) <= {(422, "wrong_code"), (429, "too_many_wrong_codes")}

    assert judged == [10, 10, 0, 0]


def test_sessions_that_were_open_before_there_was_a_factor_are_no_more_guesses(people: People) -> None:
    people.account()
    members = [people.sign_in() for _ in range(6)]
    app = people.with_app(members[0])
    begun, judged = clock.now(), []

    def guess(which: int) -> int:
        member = own(people, members[which])
        codes = []
        for _ in range(2):
            body = {"challenge": member.post(STEP_UP).json["challenge"], "method": "totp", "code": "000000"}
            codes += [member.post(f"{STEP_UP}/answer", json=body).json["code"] for _ in range(5)]
        return codes.count("wrong_code")

    for hour in (0, 1.1):
        with clock.at(begun + timedelta(hours=hour)):
            judged.append(at_once(6, guess))
    with clock.at(begun + timedelta(hours=25)):
        body = {"challenge": members[1].post(STEP_UP).json["challenge"], "method": "totp", "code": app.at(clock.now())}
        day_after = members[1].post(f"{STEP_UP}/answer", json=body)

    assert (sum(judged[0]), sum(judged[1])) == (40, 0)
    assert max(judged[0]) <= 10
    assert day_after.status_code == 204


# --- text messages


def test_of_fifty_texts_asked_for_at_once_one_leaves(people: People, outbox: Outbox) -> None:
    factor = people.with_phone(people.member())
    (one,), many = questions(person(), 1), questions(person(), CROWD)

    def ask(token: str) -> Any:
        return people.stranger.post("/api/v1/challenges/code", json={"challenge": token, "factor": factor})

    with clock.at(clock.now() + MINUTE):
        for_one = at_once(CROWD, lambda _which: ask(one))
    with clock.at(clock.now() + MINUTE * 2):
        for_many = at_once(CROWD, lambda which: ask(many[which]))
        texts = [message for message in outbox.sent if message.letter == "security_code"]

    assert statuses(for_one) == statuses(for_many) == {(202, None): 1, (429, "text_too_soon"): CROWD - 1}
    assert len(texts) == count(Message, Message.letter == "security_code") == 3


def crowd_of_numbers(number: int) -> list[tuple[UUID, phones.Phone]]:
    """Make so many people with a number each, over many prefixes."""
    people_ = [new_id() for _ in range(number)]
    with db.transaction() as session:
        session.add_all(Person(id=one) for one in people_)
    return [(one, phones.read(f"+49151{at:04d}4321")) for at, one in enumerate(people_, start=1000)]


def decided(crowd: list[tuple[UUID, phones.Phone]], *, proven: bool) -> Counter[str]:
    def decide(which: int) -> str:
        one, phone = crowd[which]
        try:
            with db.transaction():
                guard.decide(one, phone, proven=proven, known=True, network=f"10.0.{which}.1")
        except Refusal as refusal:
            return refusal.code
        return "sent"

    return Counter(at_once(len(crowd), decide))


def test_the_caps_of_a_day_are_never_passed(people: People) -> None:
    settled(sms_daily_limit=30, sms_reserve=50, sms_country_limit=8)
    crowd = crowd_of_numbers(2 * CROWD)

    unproven = decided(crowd[:CROWD], proven=False)
    proven = decided(crowd[CROWD:], proven=True)

    assert unproven == {"sent": 8, "texts_paused": CROWD - 8}
    assert proven == {"sent": 22, "texts_paused": CROWD - 22}
    assert count(TextDecision, TextDecision.outcome == "sent") == 30


def test_what_is_kept_for_proven_numbers_is_never_taken_by_others(people: People) -> None:
    settled(sms_daily_limit=20, sms_reserve=50, sms_country_limit=100)
    crowd = crowd_of_numbers(2 * CROWD)

    unproven = decided(crowd[:CROWD], proven=False)
    proven = decided(crowd[CROWD:], proven=True)

    assert (unproven["sent"], proven["sent"]) == (10, 10)


# --- changes while a factor is used


def test_new_recovery_codes_end_all_older_ones_even_those_just_being_used(people: People) -> None:
    member = people.member()
    people.with_app(member)
    old = member.recovery_codes
    tokens = questions(person(), 6)

    def act(which: int) -> Any:
        if which == 0:
            return own(people, member).post(f"{FACTORS}/recovery-codes")
        return answer(people, tokens[which - 1], "recovery_code", old[which - 1])

    answers = at_once(7, act)
    (late,) = questions(person(), 1)

    assert answers[0].status_code == 201
    assert {one.status_code for one in answers[1:]} <= {201, 422}
    assert (count(RecoveryCode), count(RecoveryCode, RecoveryCode.used_at.is_not(None))) == (10, 0)
    assert answer(people, late, "recovery_code", old[9]).status_code == 422
    assert answer(people, late, "recovery_code", answers[0].json["recovery_codes"][0]).status_code == 201


def test_a_factor_that_is_removed_while_it_is_used_leaves_nothing_behind(people: People) -> None:
    member = people.member()
    app = people.with_app(member)
    factor = member.get(FACTORS).json["factors"][0]["id"]
    tokens = questions(person(), 12)

    def act(which: int) -> Any:
        if which == 0:
            return own(people, member).delete(f"{FACTORS}/{factor}")
        return answer(people, tokens[which], "totp", app.at(clock.now()))

    answers = at_once(12, act)

    assert answers[0].status_code == 204
    assert {(one.status_code, one.json.get("code")) for one in answers[1:]} <= {
        (201, None),
        (422, "wrong_code"),
        (404, "challenge_gone"),
        (429, "too_many_wrong_codes"),
    }
    assert statuses(answers)[201, None] <= 1
    assert (count(Factor), count(RecoveryCode), count(Challenge)) == (0, 0, 0)


def test_ten_factors_at_once_beside_nine_make_ten(people: People, outbox: Outbox) -> None:
    member = people.member()
    for number in range(9):
        assert member.post(f"{FACTORS}/apps", json={"name": f"app {number}"}).status_code == 201

    def add(which: int) -> Any:
        if which % 2:
            body = {"phone": f"+4915112345{which:03d}", "name": "phone"}
            return own(people, member).post(f"{FACTORS}/phones", json=body)
        return own(people, member).post(f"{FACTORS}/apps", json={"name": "app"})

    answers = at_once(10, add)

    assert statuses(answers) == {(201, None): 1, (409, "too_many_factors"): 9}
    assert count(Factor) == 10
    assert len([one for one in outbox.sent if one.letter == "security_code"]) == count(Factor, Factor.kind == "sms")


def test_one_phone_added_ten_times_at_once_is_one_factor(people: People) -> None:
    member = people.member()
    body = {"phone": PHONE, "name": "my phone"}

    answers = at_once(10, lambda _which: own(people, member).post(f"{FACTORS}/phones", json=body))

    assert statuses(answers) == {(201, None): 1, (409, "phone_known"): 9}


def test_another_code_asked_for_many_times_at_once_leaves_one_open_question(people: People, outbox: Outbox) -> None:
    member = people.member()
    added = member.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "my phone"}).json["factor"]["id"]
    with clock.at(clock.now() + timedelta(minutes=11)):
        body = {"email": "ann@example.org", "password": PASSWORD}
        fresh = people.stranger.post("/api/v1/sessions", json=body).json
        late = SignedIn(people.stranger, fresh["token"], fresh["session_id"])

        answers = at_once(10, lambda _which: own(people, late).post(f"{FACTORS}/{added}/code"))
        confirmed = late.post(f"{FACTORS}/{added}/confirmation", json={"code": outbox.texted()})

    assert statuses(answers) == {(202, None): 1, (429, "text_too_soon"): 9}
    assert confirmed.status_code == 200


# --- the account changes meanwhile


def change_password(account_id: UUID) -> None:
    """Do what every change of a password does: hold the account, set the hash, end what is open."""
    with db.transaction() as session:
        account = session.get(Account, account_id, with_for_update={"key_share": True})
        assert account is not None
        account.password_hash = ANOTHER
        sessions.end_all(account_id)


def block(account_id: UUID) -> None:
    with db.transaction() as session:
        session.execute(update(Account).where(Account.id == account_id).values(blocked_at=clock.now()))
        sessions.end_all(account_id)


def object_to(account_id: UUID) -> None:
    with db.transaction() as session:
        account = session.get_one(Account, account_id)
        token = undo.make(account.id, undo.NOT_ME, lives=timedelta(days=1))
        session.commit()
        undo.use(token, network="10.0.0.1")


def close(people: People, member: SignedIn) -> None:
    assert own(people, member).post("/api/v1/me/closure").status_code == 200


@pytest.mark.parametrize("change", ["password", "blocked", "closed", "objected"])
def test_no_session_and_no_challenge_outlives_what_ends_them(people: People, generous: None, change: str) -> None:
    for turn in range(4):
        email = f"ann{turn}@example.org"
        member = people.member(email)
        people.with_app(member)
        account_id = person(email)
        tokens = questions(account_id, 6)
        ends: dict[str, Callable[[], None]] = {
            "password": lambda account_id=account_id: change_password(account_id),
            "blocked": lambda account_id=account_id: block(account_id),
            "closed": lambda member=member: close(people, member),
            "objected": lambda account_id=account_id: object_to(account_id),
        }

        def act(which: int, tokens: Any = tokens, member: Any = member, email: Any = email, ends: Any = ends) -> Any:
            if which == 0:
                return ends[change]()
            if which < 6:
                return answer(people, tokens[which], "recovery_code", member.recovery_codes[which])
            return people.stranger.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

        answers = at_once(9, act)[1:]

        assert {one.status_code for one in answers} <= {201, 202, 401, 403, 404}
        assert count(Session, Session.account_id == account_id) == 0
        # Who knows the password may begin again after an objection; in every other case nothing is open.
        begun = [one for one in answers if one.status_code == 202]
        left = count(Challenge, Challenge.person_id == account_id, Challenge.use == "sign_in")
        assert left == 0 if change != "objected" else left <= len(begun)


def slowed(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """Let something happen once while a password is compared with its hash."""
    hashes = type(system.current().hashes)
    judge, done = hashes.verify, []

    def slow(self: Any, password: str, stored: str | None) -> bool:
        right = judge(self, password, stored)
        if not done:
            done.append(True)
            at_once(1, lambda _which: meanwhile())
        return right

    monkeypatch.setattr(hashes, "verify", slow)


def test_a_factor_confirmed_while_the_password_is_judged_is_asked_for(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = people.member()
    slowed(monkeypatch, lambda: people.with_app(member) and None)

    entered = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})

    assert entered.status_code == 202
    assert count(Session) == 1


def test_a_factor_confirmed_while_a_password_is_confirmed_makes_the_password_too_little(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, thief = people.member(), people.sign_in()
    with clock.at(clock.now() + timedelta(minutes=6)):
        fresh = people.sign_in()
        slowed(monkeypatch, lambda: people.with_app(fresh) and None)

        confirmed = thief.post("/api/v1/sessions/current/confirmation", json={"password": PASSWORD})
        closed = thief.post("/api/v1/me/closure")

    assert confirmed.status_code == 401
    assert closed.json["code"] == "sign_in_again"
    assert member.get("/api/v1/me").status_code == 200


def test_an_account_blocked_while_the_password_is_judged_opens_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.account()
    slowed(monkeypatch, lambda: block(person()))

    entered = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})

    assert (entered.status_code, entered.json["code"]) == (403, "account_blocked")
    assert count(Session) == 0


def test_whatever_happens_at_once_to_one_person_nothing_waits_in_a_circle(people: People, generous: None) -> None:
    member = people.member()
    app = people.with_app(member)
    tokens = questions(person(), 12)
    pending = member.post(f"{FACTORS}/apps", json={"name": "second"}).json
    asked = member.post(STEP_UP).json["challenge"]

    def act(which: int) -> Any:
        mine = own(people, member)
        wrong = {"challenge": asked, "method": "totp", "code": "000000"}
        return [
            lambda: answer(people, tokens[which], "totp", "000000"),
            lambda: answer(people, tokens[which], "totp", app.at(clock.now())),
            lambda: mine.post(f"{FACTORS}/{pending['factor']['id']}/confirmation", json={"code": "000000"}),
            lambda: mine.post(f"{STEP_UP}/answer", json=wrong),
            lambda: mine.post(f"{FACTORS}/recovery-codes"),
            lambda: mine.delete("/api/v1/sessions"),
        ][which % 6]()

    answers = at_once(12, act)

    assert [one.json for one in answers if one.status_code >= 500] == []
