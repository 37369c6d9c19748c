"""A recovery is spent once and guessed never more often than allowed, however many come at once."""

import dataclasses
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts import recovery, signin
from suite.accounts.models import Account, Recovery, RecoveryWait, Session
from suite.factors import challenges
from suite.kernel import clock, db
from suite.kernel.gate import Gate
from suite.kernel.models import Job
from suite.messages.models import Message
from tests.accounts.recovering import ANSWER, CHOSEN, NEW, QUESTION, Recovering, question, rows
from tests.failures.crowd import at_once
from tests.failures.test_parallel import CROWD, count, statuses
from tests.people import PASSWORD, Outbox, People


@pytest.fixture
def lost(people: People, outbox: Outbox) -> Recovering:
    return Recovering(people, outbox)


def test_of_fifty_proofs_with_one_link_one_gets_a_ticket(lost: Recovering) -> None:
    lost.people.account()
    lost.ask()
    token = lost.token()

    answers = at_once(CROWD, lambda _which: lost.post("/proof", token=token))

    assert statuses(answers) == {(200, None): 1, (404, "recovery_gone"): CROWD - 1}


def test_of_fifty_proofs_with_one_code_one_gets_a_ticket(lost: Recovering) -> None:
    lost.people.account()
    asked = lost.ask()
    code = lost.code()

    answers = at_once(CROWD, lambda _which: lost.post(f"/{asked}/proof", code=code))

    assert statuses(answers) == {(200, None): 1, (422, "wrong_code"): 4, (409, "code_used_up"): CROWD - 5}


def test_code_and_link_at_once_give_one_ticket(lost: Recovering) -> None:
    lost.people.account()
    for _ in range(3):
        asked = lost.ask()
        code, token = lost.code(), lost.token()

        def act(which: int, asked: str = asked, code: str = code, token: str = token) -> Any:
            return lost.post("/proof", token=token) if which % 2 else lost.post(f"/{asked}/proof", code=code)

        answers = at_once(8, act)

        assert sum(answer.status_code == 200 for answer in answers) == 1


def test_of_fifty_passwords_with_one_ticket_one_is_set(lost: Recovering) -> None:
    lost.people.account()
    ticket = lost.ticket()
    passwords = [f"bottles on the wall {number}" for number in range(CROWD)]

    answers = at_once(CROWD, lambda which: lost.post("/password", ticket=ticket, password=passwords[which]))

    assert statuses(answers) == {(204, None): 1, (404, "recovery_gone"): CROWD - 1}
    winner = next(which for which, answer in enumerate(answers) if answer.status_code == 204)
    assert lost.sign_in(passwords[winner]) == 201
    assert [message.letter for message in lost.outbox.sent].count("password_reset") == 1


def test_of_fifty_wrong_codes_at_most_five_are_judged(lost: Recovering) -> None:
    lost.people.account()
    asked = lost.ask()
    right = lost.code()
    wrong = [f"{number:06d}" for number in range(CROWD + 1) if f"{number:06d}" != right]

    answers = at_once(CROWD, lambda which: lost.post(f"/{asked}/proof", code=wrong[which]))

    assert statuses(answers) == {(422, "wrong_code"): 5, (409, "code_used_up"): CROWD - 5}


@pytest.mark.parametrize("known", [False, True])
def test_over_many_requests_at_once_no_more_than_twenty_codes_are_judged(
    lost: Recovering, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PER_ADDRESS", "PER_NETWORK", "MAILS_PER_ACCOUNT"):
        monkeypatch.setattr(recovery, name, dataclasses.replace(getattr(recovery, name), times=1000))
    if known:
        lost.people.account()
    asked = [lost.ask() for _ in range(10)]
    lost.outbox.deliver()
    wrong = "000000" if not known or lost.code() != "000000" else "000001"

    answers = at_once(CROWD, lambda which: lost.post(f"/{asked[which % 10]}/proof", code=wrong))

    assert statuses(answers) == {(422, "wrong_code"): 20, (429, "too_many_codes"): CROWD - 20}


def test_of_fifty_wrong_answers_at_most_five_are_judged_and_the_ticket_is_dead(lost: Recovering) -> None:
    lost.people.member(service="business-hub").put(QUESTION, json=CHOSEN)
    ticket = lost.ticket()

    answers = at_once(CROWD, lambda which: lost.post("/answer", ticket=ticket, answer=f"guess {which}"))
    at_last = lost.post("/answer", ticket=ticket, answer=ANSWER)

    found = statuses(answers)
    assert found[(422, "wrong_answer")] == 5
    assert set(found) <= {(422, "wrong_answer"), (409, "question_closed"), (404, "recovery_gone")}
    assert at_last.json["code"] == "recovery_gone"
    stored = question()
    assert stored is not None
    assert stored.wrong == 5
    assert stored.closed_until is not None


def test_of_fifty_codes_of_a_second_factor_one_is_taken(lost: Recovering) -> None:
    app = lost.people.with_app(lost.people.member())
    step = lost.prove().json
    body = {"ticket": step["ticket"], "challenge": step["challenge"]["challenge"], "method": "totp"}
    code = app.at(clock.now())

    answers = at_once(CROWD, lambda _which: lost.post("/second-factor", **body, code=code))

    found = statuses(answers)
    assert found[(200, None)] == 1
    assert sum(number for (status, _), number in found.items() if status == 422) <= challenges.MAX_TRIES - 1


def test_fifty_requests_for_one_address_leave_one_living_link_and_send_three_mails(
    lost: Recovering, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost.people.account()
    monkeypatch.setattr(recovery, "PER_ADDRESS", dataclasses.replace(recovery.PER_ADDRESS, times=1000))
    monkeypatch.setattr(recovery, "PER_NETWORK", dataclasses.replace(recovery.PER_NETWORK, times=1000))
    at_once(CROWD, lambda _which: lost.post(email="ann@example.org"))

    def answer(which: int) -> None:
        with db.transaction():
            recovery.answer(waiting[which])

    waiting = [row.id for row in rows()]
    at_once(CROWD, answer)

    assert count(Recovery, Recovery.link_hash.is_not(None)) == 1
    assert 1 <= count(Message, Message.letter == "reset_password") <= 3


def test_of_many_requests_for_one_address_eight_are_taken(lost: Recovering) -> None:
    answers = at_once(CROWD, lambda _which: lost.post(email="ann@example.org"))

    assert statuses(answers) == {(202, None): 8, (429, "too_many_attempts"): CROWD - 8}
    assert len(rows()) == 8


def test_fifty_waits_begin_one(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    ticket = lost.ticket()

    answers = at_once(CROWD, lambda _which: lost.post("/wait", ticket=ticket))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.data for answer in answers}) == 1
    assert (count(RecoveryWait), count(Job, Job.name == "accounts.open_wait")) == (1, 1)
    assert [message.letter for message in lost.outbox.sent].count("recovery_wait") == 1


def test_signing_in_with_the_old_password_while_a_new_one_is_set_leaves_no_session(lost: Recovering) -> None:
    for turn in range(4):
        email = f"ann{turn}@example.org"
        lost.people.account(email)
        ticket = lost.ticket(email)

        def act(which: int, email: str = email, ticket: str = ticket) -> Any:
            if which == 0:
                return lost.post("/password", ticket=ticket, password=NEW)
            return lost.people.stranger.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

        answers = at_once(6, act)

        assert answers[0].status_code == 204
        assert {answer.status_code for answer in answers[1:]} <= {201, 401}
        with db.transaction(reading=True) as session:
            assert session.scalar(select(func.count()).select_from(Session)) == 0


def test_counting_tries_and_forgiving_them_never_wait_for_each_other_in_a_circle(lost: Recovering) -> None:
    lost.people.account()
    with db.transaction(reading=True) as session:
        account = session.scalars(select(Account)).one()
        session.expunge(account)
    network = "198.51.100.7"
    limits = {one.name: dataclasses.replace(getattr(signin._gate(), one.name), times=10**6) for one in fields(Gate)}
    door = Gate(**limits)

    def act(which: int) -> None:
        for _ in range(60):
            with db.transaction():
                if which % 2:
                    signin.forgive(account, network)
                else:
                    door.count(account.email_key, network, None)

    at_once(8, act)
