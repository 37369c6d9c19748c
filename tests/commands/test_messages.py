"""`suite messages`: seeing what left and what did not, and sending again."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from suite.kernel import clock, db, jobs
from suite.kernel.ids import new_id
from suite.kernel.models import Job
from suite.messages.models import FAILED, SENT, Message
from tests.commands.conftest import Terminal
from tests.people import Outbox, People


def only_message() -> Message:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Message)).one()


def failed_message(people: People) -> UUID:
    """Make a message that was refused for good, as the delivery leaves it."""
    people.register("ann@example.org")
    jobs.run(jobs.claim("here", 1, lanes=(0, 9))[0])
    with db.transaction() as session:
        session.execute(update(Message).values(state=FAILED, problem="smtp_550", tries=1))
        session.query(Job).delete()
    return only_message().id


def test_the_list_shows_state_letter_and_problem_but_no_address(people: People, terminal: Terminal) -> None:
    message = failed_message(people)

    done = terminal("messages", "list")

    head, line, count = done.out.splitlines()
    assert head.split() == ["id", "state", "letter", "channel", "tries", "age", "problem"]
    assert line.split()[:5] == [str(message), "failed", "confirm_address", "mail", "1"]
    assert line.endswith("smtp_550")
    assert count == "Messages: 1."
    assert "example.org" not in done.out


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--state", "failed"), 1),
        (("--state", "sent"), 0),
        (("--state", "sent", "--state", "failed"), 1),
        (("--letter", "confirm_address"), 1),
        (("--letter", "service_left"), 0),
        (("--limit", "1"), 1),
    ],
)
def test_the_list_can_be_narrowed(people: People, terminal: Terminal, filters: tuple[str, ...], found: int) -> None:
    failed_message(people)

    done = terminal("messages", "list", *filters)

    assert len(done.out.splitlines()) == found + 2


@pytest.mark.parametrize("state", ["delivered", "undelivered"])
def test_what_the_provider_reported_can_be_listed_and_is_not_sent_again(
    people: People, terminal: Terminal, state: str
) -> None:
    message = failed_message(people)
    with db.transaction() as session:
        session.execute(update(Message).values(state=state, problem="twilio_30003", recipient=None, content=None))

    listed, retried = terminal("messages", "list", "--state", state), terminal("messages", "retry", str(message))

    assert listed.out.splitlines()[1].split()[1] == state
    assert (retried.code, f"Message {message} is {state}" in retried.err) == (1, True)


def test_a_letter_that_does_not_exist_is_refused_with_those_that_do(terminal: Terminal) -> None:
    done = terminal("messages", "list", "--letter", "love")

    assert done.code == 2
    assert "confirm_address" in done.err


def test_one_message_is_shown_without_address_and_content(people: People, terminal: Terminal) -> None:
    message = failed_message(people)

    done = terminal("messages", "show", str(message))

    assert done.code == 0
    assert "problem      smtp_550" in done.out
    assert "content      kept, encrypted" in done.out
    assert "example.org" not in done.out


@pytest.mark.parametrize("words", [("show",), ("retry",)])
def test_an_id_that_matches_nothing_is_exit_code_1(terminal: Terminal, words: tuple[str, ...]) -> None:
    done = terminal("messages", *words, str(new_id()))

    assert done.code == 1
    assert "There is no message" in done.err


@pytest.mark.parametrize("which", ["id", "all"])
def test_a_failed_message_is_sent_again(people: People, outbox: Outbox, terminal: Terminal, which: str) -> None:
    message = failed_message(people)

    done = terminal("messages", "retry", "--all" if which == "all" else str(message))

    assert done.out == "Messages that wait for delivery again: 1.\n"
    assert [sent.recipient for sent in outbox.sent] == ["ann@example.org"]
    assert only_message().state == SENT


def test_a_message_whose_job_was_given_up_leaves_once_when_it_is_retried(
    people: People, outbox: Outbox, terminal: Terminal
) -> None:
    message = failed_message(people)
    with db.transaction() as session:
        session.execute(update(Message).values(state="queued"))
        session.add(
            Job(
                name="messages.deliver",
                lane=0,
                args={"message_id": str(message)},
                due_at=clock.now(),
                attempts=10,
                dead_at=clock.now(),
                problem="worker_died",
                created_at=clock.now(),
            )
        )

    done = terminal("messages", "retry", str(message))

    assert done.code == 0
    with db.transaction(reading=True) as session:
        assert [job.dead_at for job in session.scalars(select(Job))] == [None]
    assert len(outbox.sent) == 1


def test_what_was_sent_is_not_sent_again(people: People, outbox: Outbox, terminal: Terminal) -> None:
    people.register()
    message = outbox.sent[0].id

    done = terminal("messages", "retry", str(message))

    assert (done.code, f"Message {message} is sent" in done.err) == (1, True)
    assert len(outbox.sent) == 1


@pytest.mark.parametrize("words", [(), ("--all", "01890000-0000-7000-8000-000000000000")])
def test_retry_wants_either_an_id_or_all(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal("messages", "retry", *words).code == 2


def test_the_jobs_show_what_waits_and_what_was_given_up(people: People, terminal: Terminal) -> None:
    people.register()
    with db.transaction() as session:
        session.add(
            Job(
                name="privacy.sweep",
                lane=9,
                args={},
                due_at=clock.now(),
                dead_at=clock.now(),
                problem="E",
                created_at=clock.now(),
            )
        )

    done = terminal("messages", "jobs")

    assert "accounts.answer_registration  0      due" in done.out
    assert "given up 0 s ago" in done.out
    assert done.out.endswith("Jobs: 1 waiting, 1 given up.\n")
