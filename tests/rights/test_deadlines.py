"""The month in which a request is answered: calendar months, waiting, and the one extension."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.kernel import clock
from suite.rights import deadlines
from tests.people import Outbox, People
from tests.rights.asking import REQUESTS, act, complaint, officer, refused, row

NOON = {"hour": 12, "tzinfo": UTC}
CASES = [
    (datetime(2026, 12, 15, **NOON), datetime(2027, 1, 15, **NOON)),
    (datetime(2027, 1, 31, **NOON), datetime(2027, 2, 28, **NOON)),
    (datetime(2028, 1, 31, **NOON), datetime(2028, 2, 29, **NOON)),
    (datetime(2028, 2, 29, **NOON), datetime(2028, 3, 29, **NOON)),
    (datetime(2027, 3, 31, **NOON), datetime(2027, 4, 30, **NOON)),
]


@pytest.mark.policy("RIG-29")
@pytest.mark.parametrize(("received", "due"), CASES)
def test_a_request_is_due_after_one_calendar_month(people: People, received: datetime, due: datetime) -> None:
    _, request = complaint(people, received)

    assert (row(request).received_at, row(request).due_at) == (received, due)


@pytest.mark.policy("RIG-30", "RIG-31", "RIG-32")
@pytest.mark.parametrize(
    ("months", "due"),
    [(1, datetime(2028, 3, 31, **NOON)), (2, datetime(2028, 4, 30, **NOON))],
)
def test_more_time_is_counted_from_the_receipt_and_announced(
    people: People, outbox: Outbox, months: int, due: datetime
) -> None:
    received = datetime(2028, 1, 31, **NOON)
    _, request = complaint(people, received)

    with clock.at(datetime(2028, 2, 29, hour=11, tzinfo=UTC)):
        extended = act(officer(people), request, "extension", reason="complex", months=months)
        shown = people.sign_in().get(f"{REQUESTS}/{request}").json
        letter = outbox.last("request_extended").text

    assert extended.status_code == 200
    assert row(request).due_at == due
    assert (shown["extension"], shown["due_at"][:10]) == ("complex", f"{due:%Y-%m-%d}")
    assert "particularly complex" in letter
    assert f"{due:%Y-%m-%d}" in letter


@pytest.mark.policy("RIG-30", "RIG-32")
@pytest.mark.parametrize(
    "body",
    [{"reason": "busy", "months": 1}, {"reason": "complex", "months": 3}, {"months": 1}, {"reason": "complex"}],
)
def test_more_time_needs_one_of_two_reasons_and_has_an_end(people: People, body: dict[str, Any]) -> None:
    _, request = complaint(people)

    assert act(officer(people), request, "extension", **body).status_code == 422


@pytest.mark.policy("RIG-32")
def test_more_time_is_taken_once_and_never_after_the_first_month(people: People) -> None:
    received = datetime(2027, 1, 31, **NOON)
    _, request = complaint(people, received)

    with clock.at(datetime(2027, 2, 28, 12, 0, 1, tzinfo=UTC)):
        late = act(officer(people), request, "extension", reason="complex", months=1)
    with clock.at(datetime(2027, 2, 28, 11, 59, 59, tzinfo=UTC)):
        staff = officer(people, "bea@example.org")
        first, second = (act(staff, request, "extension", reason="complex", months=1) for _ in range(2))

    assert refused(late) == (409, "extension_too_late")
    assert first.status_code == 200
    assert refused(second) == (409, "extension_too_late")


@pytest.mark.policy("RIG-24", "RIG-27", "RIG-29")
def test_the_clock_stands_still_while_the_person_is_asked(people: People, outbox: Outbox) -> None:
    received = datetime(2027, 1, 31, **NOON)
    _, request = complaint(people, received)

    with clock.at(received + timedelta(days=3)):
        act(officer(people), request, "question", text="Which invoice do you mean?")
        asked = outbox.last("request_asks_information").text
    with clock.at(received + timedelta(days=10)):
        member = people.sign_in()
        waiting = member.get(f"{REQUESTS}/{request}").json
        answered = member.post(f"{REQUESTS}/{request}/information", json={"text": "The one of March."}).json

    assert "Which invoice do you mean?" in asked
    assert (waiting["state"], waiting["question"]) == ("awaiting_information", "Which invoice do you mean?")
    assert (answered["state"], answered["information"]) == ("in_progress", "The one of March.")
    assert row(request).due_at == datetime(2027, 2, 28, **NOON) + timedelta(days=7)


def test_waiting_and_more_time_add_up(people: People) -> None:
    received = datetime(2027, 1, 10, **NOON)
    _, request = complaint(people, received)
    with clock.at(received + timedelta(days=1)):
        act(officer(people), request, "question", text="Which?")
    with clock.at(received + timedelta(days=3)):
        people.sign_in().post(f"{REQUESTS}/{request}/information", json={"text": "That."})
    with clock.at(received + timedelta(days=5)):
        act(officer(people, "bea@example.org"), request, "extension", reason="complex", months=2)

    assert row(request).due_at == datetime(2027, 4, 12, **NOON)


def test_nothing_is_answered_that_was_not_asked(people: People) -> None:
    member, request = complaint(people)

    answer = member.post(f"{REQUESTS}/{request}/information", json={"text": "By the way."})

    assert refused(answer) == (409, "nothing_asked")


@settings(max_examples=60, deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 10**7),
    st.integers(0, deadlines.MOST_EXTENSION),
)
def test_no_deadline_is_earlier_than_28_days_or_later_than_three_months(
    received: datetime, waited: int, more: int
) -> None:
    due = deadlines.due(received, waited=waited, more_months=more) - timedelta(seconds=waited)

    assert timedelta(days=28) <= due - received <= timedelta(days=92)
    assert (due.hour, due.minute) == (received.hour, received.minute)
    assert (due.year * 12 + due.month) - (received.year * 12 + received.month) == 1 + more
