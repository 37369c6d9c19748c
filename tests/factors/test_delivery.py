"""Codes and notices on their way: real servers that stop, dawdle and refuse; what is too old or replaced stays here."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.accounts import undo
from suite.accounts.models import Session
from suite.kernel import clock, db, jobs
from suite.messages import senders
from suite.messages.models import Message
from suite.messages.patience import Patient
from tests.failures.peers import MailServer, TextServer, free_port, mail_server, text_server
from tests.people import PHONE, Outbox, People, SignedIn

ANSWER, CODE = "/api/v1/sessions/challenge", "/api/v1/challenges/code"
FACTORS = "/api/v1/me/factors"
SECOND, MINUTE = timedelta(seconds=1), timedelta(seconds=61)


@dataclass
class Post:
    """The servers the product sends to."""

    mail: MailServer
    texts: TextServer

    @property
    def codes(self) -> list[str]:
        """The codes that arrived, oldest first."""
        return [re.findall(r"\d{6}", text["Body"])[0] for text in self.texts.taken]


@pytest.fixture
def post(configure: Callable[..., None]) -> Iterator[Callable[[], Post]]:
    """Let the product send to real servers from now on."""
    with mail_server() as mail, text_server() as texts:

        def begin(**others: object) -> Post:
            configure(
                **{
                    "mail": "smtp",
                    "smtp_port": mail.port,
                    "smtp_security": "none",
                    "smtp_timeout": 1,
                    "sms": "twilio",
                    "twilio_url": texts.url,
                    "twilio_account_sid": "AC1",
                    "twilio_auth_token": "secret",
                    "twilio_from": "+15005550006",
                    "twilio_timeout": 1,
                }
                | others
            )
            return Post(mail, texts)

        yield begin
        for sender in senders._senders.values():
            if isinstance(sender, Patient) and isinstance(sender.sender, senders.Smtp):
                sender.sender._drop()
    senders._senders.clear()


@pytest.fixture
def ann(people: People) -> SignedIn:
    return people.member()


def deliver(at: datetime) -> None:
    with clock.at(at):
        jobs.run_due()


def ask(people: People, challenge: dict[str, Any], at: datetime) -> None:
    """Ask for a code and try to deliver it at once."""
    with clock.at(at):
        body = {"challenge": challenge["challenge"], "factor": challenge["factors"][-1]["id"]}
        sent = people.stranger.post(CODE, json=body)
        assert sent.status_code == 202, sent.json
        jobs.run_due()


def answer(people: People, challenge: dict[str, Any], code: str, at: datetime, method: str = "sms") -> Any:
    with clock.at(at):
        return people.stranger.post(ANSWER, json={"challenge": challenge["challenge"], "method": method, "code": code})


def states() -> list[tuple[str, str | None]]:
    """Give what became of every text message, oldest first."""
    with db.transaction(reading=True) as session:
        found = session.execute(
            select(Message.state, Message.problem).where(Message.letter == "security_code").order_by(Message.id)
        )
        return [(row[0], row[1]) for row in found]


def begun(people: People) -> tuple[dict[str, Any], datetime]:
    """Give the password of somebody whose phone was confirmed a minute ago."""
    at = clock.now() + MINUTE
    with clock.at(at):
        return people.challenged(), at


# --- they leave


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
def test_the_code_goes_to_the_phone_and_signs_in(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    server = post()
    challenge, at = begun(people)

    ask(people, challenge, at)
    entered = answer(people, challenge, server.codes[0], at)

    assert [text["To"] for text in server.texts.taken] == [PHONE]
    assert entered.status_code == 201
    assert states()[-1] == ("sent", None)


def test_notices_go_to_the_mailbox_with_a_link_that_works(people: People, ann: SignedIn, post: Any) -> None:
    factor = people.with_phone(ann)
    server = post()

    ann.delete(f"{FACTORS}/{factor}")
    jobs.run_due()
    (notice,) = (mail for mail in server.mail.taken if "removed" in mail["Subject"])
    text = notice.get_body(("plain",)).get_content()
    with db.transaction():
        undo.use(text.split("/undo#")[1].split()[0], network="10.0.0.1")

    assert (notice["To"], "my phone" in text) == ("ann@example.org", True)
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Session)).all() == []


# --- trouble


@pytest.mark.parametrize(
    "trouble",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429},
        {"status": 503, "body": "<html>busy</html>"},
        {"behaviour": "cut"},
        {"behaviour": "slow"},
    ],
    ids=lambda trouble: "-".join(str(value) for value in trouble.values()),
)
def test_what_ails_the_provider_delays_the_code_and_nothing_else(
    people: People, ann: SignedIn, post: Any, trouble: dict[str, Any]
) -> None:
    people.with_phone(ann)
    server = post()
    challenge, at = begun(people)
    for name, value in trouble.items():
        setattr(server.texts, name, value)

    with clock.at(at):
        people.register("bob@example.org")
    ask(people, challenge, at)
    between = states()[-1]
    server.texts.status, server.texts.body, server.texts.behaviour = 201, None, "answer"
    deliver(at + 3 * SECOND)
    entered = answer(people, challenge, server.codes[-1], at + 4 * SECOND)

    assert between[0] == "queued"
    assert "bob@example.org" in server.mail.recipients
    assert states()[-1][0] == "sent"
    assert len(set(server.codes)) == 1
    assert entered.status_code == 201


def test_a_code_waits_for_a_provider_that_cannot_be_reached(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    post(twilio_url=f"http://127.0.0.1:{free_port()}")
    challenge, at = begun(people)

    ask(people, challenge, at)
    between = states()[-1]
    server = post()
    deliver(at + 3 * SECOND)

    assert between == ("queued", "twilio_ConnectionError")
    assert answer(people, challenge, server.codes[0], at + 4 * SECOND).status_code == 201


def test_a_number_the_provider_refuses_leaves_the_other_factors(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    app = people.with_app(ann)
    server = post()
    with clock.at(clock.now() + MINUTE):
        challenge = people.challenged()
        body = {"challenge": challenge["challenge"], "factor": challenge["factors"][0]["id"]}
        server.texts.status = 400
        asked = people.stranger.post(CODE, json=body)
        jobs.run_due()
        entered = answer(people, challenge, app.at(clock.now()), clock.now(), method="totp")

    assert (asked.status_code, states()[-1]) == (202, ("failed", "twilio_21211"))
    assert entered.status_code == 201


def test_mail_that_cannot_leave_delays_no_code(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    server = post(smtp_port=free_port())
    challenge, at = begun(people)

    with clock.at(at):
        people.register("bob@example.org")
    ask(people, challenge, at)

    assert len(server.codes) == 1


# --- what is not sent any more


def stopped(post: Any) -> Post:
    """Let the provider refuse for now."""
    server: Post = post()
    server.texts.status = 503
    return server


def test_a_code_that_is_too_old_is_never_sent(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    server = stopped(post)
    challenge, at = begun(people)

    ask(people, challenge, at)
    server.texts.status = 201
    deliver(at + timedelta(minutes=5))

    assert server.codes == []
    assert states()[-1][0] == "expired"


def test_after_an_outage_only_the_newest_code_is_sent(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    server = stopped(post)
    challenge, at = begun(people)

    ask(people, challenge, at)
    ask(people, challenge, at + MINUTE)
    server.texts.status = 201
    deliver(at + MINUTE + 8 * SECOND)
    entered = answer(people, challenge, server.codes[0], at + MINUTE + 9 * SECOND)

    assert len(server.codes) == 1
    assert [state for state, _ in states()[-2:]] == ["withheld", "sent"]
    assert entered.status_code == 201


def test_a_code_another_one_replaced_opens_nothing(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    server = post()
    challenge, at = begun(people)

    ask(people, challenge, at)
    ask(people, challenge, at + MINUTE)
    first = answer(people, challenge, server.codes[0], at + MINUTE)
    second = answer(people, challenge, server.codes[1], at + MINUTE)

    assert (first.status_code, second.status_code) == (422, 201)


def test_a_code_works_for_five_minutes_and_not_longer(people: People, ann: SignedIn, post: Any) -> None:
    people.with_phone(ann)
    server = post()
    challenge, at = begun(people)
    ask(people, challenge, at)

    late = answer(people, challenge, server.codes[0], at + timedelta(minutes=5))
    in_time = answer(people, challenge, server.codes[0], at + timedelta(minutes=5) - SECOND)

    assert (late.status_code, in_time.status_code) == (422, 201)


@pytest.mark.parametrize("ending", ["answered", "factor removed", "signed out elsewhere", "closed"])
def test_a_code_nobody_waits_for_any_more_is_not_sent(people: People, ann: SignedIn, post: Any, ending: str) -> None:
    factor = people.with_phone(ann)
    server = stopped(post)
    challenge, at = begun(people)
    ask(people, challenge, at)

    with clock.at(at):
        ended = {
            "answered": lambda: answer(people, challenge, ann.recovery_codes[0], at, method="recovery_code"),
            "factor removed": lambda: ann.delete(f"{FACTORS}/{factor}"),
            "signed out elsewhere": lambda: ann.delete("/api/v1/sessions"),
            "closed": lambda: ann.post("/api/v1/me/closure"),
        }[ending]()
    server.texts.status = 201
    deliver(at + 3 * SECOND)

    assert ended.status_code < 300
    assert server.codes == []
    # With the account its messages may have gone already.
    assert [state for state, _ in states()[-1:]] == ([] if ending == "closed" else ["withheld"])


def test_a_code_for_enrolment_that_waits_is_not_sent_after_the_phone_was_removed(
    people: People, outbox: Outbox, ann: SignedIn, post: Any
) -> None:
    server = stopped(post)
    added = ann.post(f"{FACTORS}/phones", json={"phone": PHONE, "name": "my phone"}).json["factor"]["id"]
    jobs.run_due()

    ann.delete(f"{FACTORS}/{added}")
    server.texts.status = 201
    deliver(clock.now() + 3 * SECOND)

    assert server.codes == []
    assert states()[-1][0] == "withheld"
