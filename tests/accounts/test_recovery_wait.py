"""Who lost the second factor or the answer waits three days, in which the owner can say no."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.accounts import undo
from suite.accounts.models import Account, RecoveryWait, SecurityQuestion
from suite.factors.models import Factor, RecoveryCode
from suite.kernel import clock, db
from suite.kernel.models import Job
from tests.accounts.recovering import CHOSEN, NEW, QUESTION, Recovering, instant
from tests.people import PASSWORD, PHONE, Outbox, People

DAY = timedelta(days=1)
WAIT = 3 * DAY


@pytest.fixture
def lost(people: People, outbox: Outbox) -> Recovering:
    return Recovering(people, outbox)


def wait_of(lost: Recovering) -> Any:
    """Begin the wait."""
    return lost.post("/wait", ticket=lost.ticket())


def waits() -> list[RecoveryWait]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(RecoveryWait)))


def stop(token: str) -> None:
    """Click the link; its page is that of every link that undoes."""
    with db.transaction():
        undo.use(token, network="10.0.0.1")


def with_everything(lost: Recovering) -> Any:
    """Make a member with a phone, an app and a security question."""
    member = lost.people.member(service="business-hub")
    assert member.put(QUESTION, json=CHOSEN).status_code == 200
    lost.people.with_phone(member)
    lost.people.with_app(member)
    return member


def test_after_three_days_the_mail_alone_sets_a_password_and_what_was_lost_is_gone(lost: Recovering) -> None:
    with_everything(lost)
    start = clock.now()
    with clock.at(start):
        begun = wait_of(lost)
    with clock.at(start + WAIT):
        step = lost.prove().json
        done = lost.post("/password", ticket=step["ticket"], password=NEW)
        entered = lost.sign_in(NEW)

    assert (begun.status_code, step["next"], done.status_code, entered) == (202, "password", 204, 201)
    assert timedelta(0) <= start + WAIT - instant(begun.json["opens_at"]) < timedelta(milliseconds=1)
    assert instant(begun.json["closes_at"]) - instant(begun.json["opens_at"]) == WAIT
    with db.transaction(reading=True) as session:
        left = [len(session.scalars(select(table)).all()) for table in (Factor, RecoveryCode, SecurityQuestion)]
    assert left == [0, 0, 0]
    assert waits() == []


def test_the_owner_hears_of_the_wait_its_end_and_the_reset_by_mail_alone(lost: Recovering) -> None:
    with_everything(lost)
    lost.outbox.empty()
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
        lost.outbox.deliver()
    with clock.at(start + WAIT - timedelta(seconds=1)):
        early = [message.letter for message in lost.outbox.sent]
    with clock.at(start + WAIT):
        lost.outbox.deliver()
        lost.post("/password", ticket=lost.ticket(), password=NEW)
        sent = [(message.letter, message.channel) for message in lost.outbox.sent]

    assert [letter for letter in early if letter != "reset_password"] == ["recovery_wait"]
    assert sorted(sent) == sorted(
        (letter, "mail")
        for letter in (
            "reset_password",
            "recovery_wait",
            "recovery_open",
            "reset_password",
            "password_reset_after_wait",
        )
    )
    assert {message.recipient for message in lost.outbox.sent} == {"ann@example.org"}
    assert PHONE not in {message.recipient for message in lost.outbox.sent}


@pytest.mark.parametrize(
    ("after", "following"),
    [
        (WAIT - timedelta(seconds=1), "second_factor"),
        (WAIT, "password"),
        (2 * WAIT - timedelta(seconds=1), "password"),
        (2 * WAIT, "second_factor"),
    ],
)
def test_only_a_recovery_asked_for_within_the_three_days_after_the_wait_is_eased(
    lost: Recovering, after: timedelta, following: str
) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)

    with clock.at(start + after):
        step = lost.prove().json

    assert step["next"] == following


def test_a_recovery_asked_for_before_the_wait_was_over_is_not_eased_by_waiting(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
    with clock.at(start + WAIT - timedelta(minutes=5)):
        ticket = lost.ticket()

    with clock.at(start + WAIT + timedelta(minutes=1)):
        refused = lost.post("/password", ticket=ticket, password=NEW)

    assert (refused.status_code, refused.json["code"]) == (409, "not_this_step")


def test_asking_again_neither_restarts_nor_doubles_the_wait(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        first = wait_of(lost).json
    with clock.at(start + 2 * DAY):
        again = wait_of(lost).json
        letters = [message.letter for message in lost.outbox.sent]

    assert first == again
    assert letters.count("recovery_wait") == 1
    assert len(waits()) == 1


def test_a_wait_nobody_used_can_be_begun_anew(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        first = wait_of(lost).json
    with clock.at(start + 2 * WAIT):
        again = wait_of(lost).json

    assert instant(again["opens_at"]) - instant(first["opens_at"]) == 2 * WAIT


def test_only_who_is_asked_for_something_lost_may_wait(lost: Recovering) -> None:
    lost.people.account()

    refused = wait_of(lost)

    assert (refused.status_code, refused.json["code"], refused.json["next"]) == (409, "not_this_step", "password")
    assert waits() == []


def test_one_click_stops_the_wait_and_every_recovery(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
        token = lost.outbox.undo_token("recovery_wait")
    with clock.at(start + WAIT):
        ticket = lost.ticket()
        stop(token)
        refused = lost.post("/password", ticket=ticket, password=NEW)
        step = lost.prove().json

    assert (refused.status_code, refused.json["code"]) == (404, "recovery_gone")
    assert step["next"] == "second_factor"
    assert waits() == []


def test_the_link_that_stops_the_wait_works_until_its_last_moment(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
        token = lost.outbox.undo_token("recovery_wait")

    with clock.at(start + 2 * WAIT):
        stop(token)

    assert waits() == []


def test_the_letter_about_the_end_of_the_wait_stops_it_too(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
    with clock.at(start + WAIT):
        stop(lost.outbox.undo_token("recovery_open"))

    assert waits() == []


def test_a_wait_that_was_stopped_is_not_announced_as_over(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
        stop(lost.outbox.undo_token("recovery_wait"))
    with clock.at(start + WAIT):
        letters = [message.letter for message in lost.outbox.sent]

    assert "recovery_open" not in letters
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Job).where(Job.name == "accounts.open_wait")).all() == []


def test_a_wait_begun_again_after_it_was_stopped_is_announced_once_and_in_time(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
        stop(lost.outbox.undo_token("recovery_wait"))
    with clock.at(start + DAY):
        wait_of(lost)
    with clock.at(start + WAIT):
        early = [message.letter for message in lost.outbox.sent].count("recovery_open")
    with clock.at(start + WAIT + DAY):
        letters = [message.letter for message in lost.outbox.sent].count("recovery_open")

    assert (early, letters) == (0, 1)


def test_a_sign_in_with_the_second_factor_stops_the_wait_and_eases_nothing_any_more(lost: Recovering) -> None:
    app = lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
    with clock.at(start + WAIT):
        ticket = lost.ticket()
        body = {
            "challenge": lost.people.challenged()["challenge"],
            "method": "totp",
            "code": app.at(clock.now()),
        }
        entered = lost.people.stranger.post("/api/v1/sessions/challenge", json=body)
        refused = lost.post("/password", ticket=ticket, password=NEW)

    assert entered.status_code == 201
    assert (refused.status_code, refused.json["code"]) == (409, "not_this_step")
    assert waits() == []


def test_the_right_password_without_the_second_factor_stops_nothing(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    wait_of(lost)

    lost.people.challenged()

    assert len(waits()) == 1


def test_who_has_a_question_only_stops_the_wait_by_signing_in(lost: Recovering) -> None:
    member = lost.people.member(service="business-hub")
    member.put(QUESTION, json=CHOSEN)
    begun = wait_of(lost)

    lost.people.sign_in()

    assert begun.status_code == 202
    assert waits() == []


def test_saying_that_it_was_somebody_else_stops_the_wait(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    wait_of(lost)
    token = lost.outbox.undo_token("factor_added")

    stop(token)

    assert waits() == []


def test_earlier_addresses_hear_of_it_while_they_can_be_brought_back(lost: Recovering) -> None:
    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start), db.transaction() as session:
        account = session.scalars(select(Account)).one()
        for address, days in (("old@example.org", 3), ("older@example.org", -1), ("ann@example.org", 3)):
            undo.make(account.id, "address", lives=days * DAY, address=address, email_key=address)
    with clock.at(start):
        wait_of(lost)
        told = {message.recipient for message in lost.outbox.sent if message.letter == "recovery_wait"}
        links = [
            message.text.split("/undo#")[1].split()[0]
            for message in lost.outbox.sent
            if message.letter == "recovery_wait"
        ]

    assert told == {"ann@example.org", "old@example.org"}
    assert len(set(links)) == len(links) == 2


def test_a_closed_or_blocked_account_hears_nothing_when_the_wait_is_over(lost: Recovering) -> None:
    from sqlalchemy import update

    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
        lost.outbox.deliver()
        with db.transaction() as session:
            session.execute(update(Account).values(blocked_at=clock.now()))
    with clock.at(start + WAIT):
        letters = [message.letter for message in lost.outbox.sent]

    assert "recovery_open" not in letters


def test_the_reset_after_a_wait_ends_sessions_and_tells_with_a_way_to_object(lost: Recovering) -> None:
    member = lost.people.member()
    lost.people.with_app(member)
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
    with clock.at(start + WAIT):
        lost.post("/password", ticket=lost.ticket(), password=NEW)
        letter = lost.outbox.last("password_reset_after_wait")

        assert member.get("/api/v1/me").status_code == 401
        assert lost.sign_in(PASSWORD) == 401
    assert "/undo#" in letter.text


def test_a_wait_goes_with_its_time(lost: Recovering) -> None:
    from suite.privacy import sweeps

    lost.people.with_app(lost.people.member())
    start = clock.now()
    with clock.at(start):
        wait_of(lost)
    with clock.at(start + WAIT + 7 * DAY - timedelta(seconds=1)):
        sweeps.sweep()
        before = len(waits())
    with clock.at(start + WAIT + 7 * DAY + timedelta(seconds=1)):
        sweeps.sweep()

    assert (before, len(waits())) == (1, 0)
