"""What staff see and do about messages: how far they got, never where they go or what they say."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from suite.kernel import clock, db, jobs
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry, Job
from suite.messages.models import Message
from suite.staff import Role
from tests.people import Outbox, People, SignedIn

STAFF = "/api/v1/staff"
RESEND = f"{STAFF}/registrations/resend"


def refused(response: Any) -> tuple[int, str]:
    return response.status_code, response.json["code"]


def waiting_message(people: People, outbox: Outbox) -> str:
    """Write a letter whose delivery waits; give its number."""
    outbox.deliver()
    people.register()
    jobs.run(jobs.claim("here", 1, lanes=(0, 9))[0])
    with db.transaction(reading=True) as session:
        return str(session.scalars(select(Message.id).where(Message.letter == "confirm_address")).one())


def failed_message(people: People, outbox: Outbox, state: str = "failed") -> str:
    """Write a letter that was refused for good, as the delivery leaves it; give its number."""
    message = waiting_message(people, outbox)
    with db.transaction() as session:
        session.execute(
            update(Message).where(Message.letter == "confirm_address").values(state=state, problem="smtp_550")
        )
        session.query(Job).delete()
    return message


def stuck_message(people: People, outbox: Outbox) -> str:
    """Write a letter whose job was given up; give its number."""
    message = waiting_message(people, outbox)
    with db.transaction() as session:
        session.execute(update(Job).values(dead_at=clock.now()))
    return message


def troubled(staff: SignedIn, **query: str) -> list[str]:
    answer = staff.get(f"{STAFF}/messages", query_string=query)
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["messages"]]


def entry(action: str) -> AuditEntry:
    with db.transaction(reading=True) as session:
        return session.scalars(select(AuditEntry).where(AuditEntry.action == action)).one()


# --- seeing


def test_the_messages_of_an_account_are_shown_without_address_and_content(people: People) -> None:
    account = people.account()["id"]

    answer = people.staff().post(f"{STAFF}/accounts/{account}/messages/list", json={})

    shown = answer.json["messages"]
    assert [(one["letter"], one["channel"], one["state"]) for one in shown] == [("confirm_address", "mail", "sent")]
    assert set(shown[0]) == {
        "id",
        "letter",
        "channel",
        "state",
        "problem",
        "tries",
        "created_at",
        "sent_at",
        "expires_at",
    }
    assert "example.org" not in answer.text


def test_messages_of_an_account_come_in_pages(people: People) -> None:
    account = people.account()["id"]
    admin = people.staff(Role.ADMINISTRATOR, Role.SUPPORT_AGENT)
    for at, (what, reason) in enumerate((("block", "misuse"), ("unblock", "mistake"))):
        with clock.at(clock.now() + timedelta(seconds=at)):
            admin.post(f"{STAFF}/accounts/{account}/{what}", json={"reason": reason})
    seen: list[str] = []
    cursor: dict[str, str] = {}

    for _ in range(3):
        page = admin.post(f"{STAFF}/accounts/{account}/messages/list", json={"limit": 1} | cursor).json
        seen += [one["letter"] for one in page["messages"]]
        cursor = {"cursor": page["next_cursor"]}

    assert seen == ["account_unblocked", "account_blocked", "confirm_address"]
    assert cursor == {"cursor": None}


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_messages_that_failed_or_are_unsure_are_listed(people: People, outbox: Outbox, state: str) -> None:
    operator = people.staff(Role.OPERATOR)
    message = failed_message(people, outbox, state)
    other = {"failed": "unknown", "unknown": "failed"}[state]

    assert troubled(operator) == troubled(operator, state=state) == [message]
    assert troubled(operator, state=other) == troubled(operator, state="stuck") == []


def test_a_message_is_stuck_when_its_job_was_given_up(people: People, outbox: Outbox) -> None:
    operator = people.staff(Role.OPERATOR)
    message = stuck_message(people, outbox)

    assert troubled(operator) == troubled(operator, state="stuck") == [message]
    assert troubled(operator, state="failed") == []


def test_messages_that_wait_or_were_sent_are_nobodys_business(people: People, outbox: Outbox) -> None:
    operator = people.staff(Role.OPERATOR)
    waiting_message(people, outbox)

    assert troubled(operator) == []


def test_the_list_of_troubles_names_no_person(people: People, outbox: Outbox) -> None:
    operator = people.staff(Role.OPERATOR)
    failed_message(people, outbox)
    with db.transaction(reading=True) as session:
        person = session.scalars(select(Message.person_id).where(Message.letter == "confirm_address")).one()

    answer = operator.get(f"{STAFF}/messages")

    assert "smtp_550" in answer.text
    assert str(person) not in answer.text
    assert "example.org" not in answer.text


@pytest.mark.parametrize(
    ("query", "code"), [("state=sent", "invalid_input"), ("cursor=A", "invalid_cursor"), ("limit=0", "invalid_input")]
)
def test_a_question_that_cannot_be_meant_is_refused(people: People, query: str, code: str) -> None:
    assert refused(people.staff(Role.OPERATOR).get(f"{STAFF}/messages?{query}")) == (422, code)


# --- sending again


@pytest.mark.parametrize("make", [failed_message, stuck_message])
def test_a_message_that_failed_or_hangs_is_sent_again(people: People, outbox: Outbox, make: Any) -> None:
    operator = people.staff(Role.OPERATOR)
    message = make(people, outbox)

    again = operator.post(f"{STAFF}/messages/{message}/retry")

    assert again.status_code == 204
    assert outbox.last("confirm_address").recipient == "ann@example.org"
    assert troubled(operator) == []
    written = entry("message.retried")
    assert (written.actor_kind, written.facts) == ("staff", {"message": message})
    assert written.subject is not None


def test_a_message_that_was_sent_is_not_sent_again(people: People, outbox: Outbox) -> None:
    people.account()
    operator = people.staff(Role.OPERATOR)
    with db.transaction(reading=True) as session:
        message = session.scalars(select(Message.id).where(Message.letter == "confirm_address")).one()

    assert refused(operator.post(f"{STAFF}/messages/{message}/retry")) == (409, "nothing_to_retry")
    assert refused(operator.post(f"{STAFF}/messages/{new_id()}/retry")) == (404, "not_found")


# --- another code for somebody who registers


def test_another_code_goes_to_the_newest_registration_of_an_address(people: People, outbox: Outbox) -> None:
    people.register()
    newest = people.register().json["id"]
    first = outbox.code()
    support = people.staff()

    with clock.at(clock.now() + timedelta(seconds=61)):
        answer = support.post(RESEND, json={"email": "ANN@example.org"})
        second = outbox.code()
        confirmed = people.stranger.post(f"/api/v1/registrations/{newest}/confirmation", json={"code": second})

    assert answer.status_code == 204
    assert first != second
    assert confirmed.status_code == 201
    assert entry("registration.resent").facts == {"sent": True}


@pytest.mark.parametrize("registered", [True, False], ids=["too soon", "nobody"])
def test_the_answer_is_the_same_when_no_code_is_sent(people: People, outbox: Outbox, registered: bool) -> None:
    if registered:
        started = people.register().json["id"]
    support = people.staff()
    code = outbox.code() if registered else ""
    outbox.empty()

    answer = support.post(RESEND, json={"email": "ann@example.org"})

    assert (answer.status_code, answer.data) == (204, b"")
    assert [one.letter for one in outbox.sent] == []
    assert entry("registration.resent").facts == {"sent": False}
    assert (entry("registration.resent").subject is not None) is registered
    if registered:
        path = f"/api/v1/registrations/{started}/confirmation"
        assert people.stranger.post(path, json={"code": code}).status_code == 201


def test_further_codes_stay_within_the_limits_of_registering(people: People, outbox: Outbox) -> None:
    people.register()
    support = people.staff()
    start = clock.now()

    for minute in range(1, 9):
        with clock.at(start + timedelta(seconds=61 * minute)):
            assert support.post(RESEND, json={"email": "ann@example.org"}).status_code == 204
            outbox.deliver()

    sent = [one for one in outbox.sent if one.letter == "confirm_address"]
    assert len(sent) == 5
