"""Mail and text messages against real peers that stop, refuse, dawdle and break off."""

import dataclasses
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from suite.kernel import clock, db, jobs, log, metrics, sealed, system
from suite.kernel.ids import new_id
from suite.kernel.models import Job
from suite.messages import CodeText, Letter, Line, PhoneNumber, delivery, outbox, senders
from suite.messages import letters as known_letters
from suite.messages.errors import NotDelivered
from suite.messages.models import Message
from suite.messages.patience import Patient
from suite.privacy import Person
from tests.conftest import settings_for
from tests.failures.peers import MailServer, TextServer, certificate, free_port, knows, mail_server, text_server
from tests.people import PASSWORD, Outbox, People

ADDRESS = "ann.lee@example.org"
NUMBER = "+4915112345678"
SECRET = "739146"
PUBLIC = "https://accounts.test"


@pytest.fixture
def configure(app: Any, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Give the means to run the same system with other settings."""
    before = system.current()

    def use(**others: object) -> None:
        given = {f"SUITE_{name.upper()}": str(value) for name, value in others.items()}
        settings = settings_for(before.settings.database_url, tmp_path, **given)
        system.use(dataclasses.replace(before, settings=settings))

    yield use
    for sender in senders._senders.values():
        if isinstance(sender, Patient) and isinstance(sender.sender, senders.Smtp):
            sender.sender._drop()
    senders._senders.clear()
    system.use(before)


@pytest.fixture
def mail(configure: Callable[..., None]) -> Iterator[MailServer]:
    """Give a mail server to which the product sends."""
    with mail_server() as server:
        configure(mail="smtp", smtp_port=server.port, smtp_security="none", smtp_timeout=1)
        yield server


@pytest.fixture
def texts(configure: Callable[..., None]) -> Iterator[TextServer]:
    """Give a server for text messages to which the product sends."""
    with text_server() as server:
        configure(
            sms="twilio",
            twilio_url=server.url,
            twilio_account_sid="AC1",
            twilio_auth_token="secret",
            twilio_from="+15005550006",
            twilio_timeout=1,
            public_url=PUBLIC,
        )
        yield server


@pytest.fixture
def letter(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Letter]:
    """Make a kind of letter for one test."""

    def make(key: str = "test_letter", **options: Any) -> Letter:
        made = Letter(key, "About {thing}", (Line("this is about {thing}."),), purpose="sign_in", **options)
        monkeypatch.setitem(known_letters._letters, key, made)
        return made

    return make


@pytest.fixture
def code_text(monkeypatch: pytest.MonkeyPatch) -> CodeText:
    """Make a kind of text message for one test."""
    made = CodeText("test_code_text", expires=timedelta(minutes=5))
    monkeypatch.setitem(known_letters._letters, made.key, made)
    return made


@pytest.fixture(autouse=True)
def nothing_personal_in_the_log(app: Any, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Write the log of every test here in full, and look for what must not stand in it."""
    log.start("debug", "json")
    yield
    log.start("error", "json")
    written = capfd.readouterr().err
    for personal in (ADDRESS, "ann.lee", NUMBER, NUMBER[1:], SECRET, PASSWORD):
        assert personal not in written


def write(letter: Letter, to: str = ADDRESS, thing: str = SECRET) -> UUID:
    """Write a message to a person of its own."""
    with db.transaction():
        return outbox.post(letter, person_id=somebody(), to=to, language="en", facts={"thing": thing})


def write_code(code_text: CodeText) -> UUID:
    """Write a code to the phone of a person of its own."""
    number = PhoneNumber(NUMBER)
    with db.transaction():
        return outbox.text(code_text, number, person_id=somebody(), language="en", facts={"code": SECRET})


def somebody() -> UUID:
    person = Person(id=new_id())
    db.session.add(person)
    db.session.flush()
    return person.id


def message(message_id: UUID) -> Message:
    with db.transaction(reading=True) as session:
        return session.get_one(Message, message_id)


def count(table: type) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def job_due_at() -> datetime:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Job.due_at)).one()


def deliver_until(instant: datetime) -> None:
    with clock.at(instant):
        jobs.run_due()


def let_the_worker_die_while_sending() -> None:
    """Claim and prepare the only job as a worker does, and go no further."""
    (claimed,) = jobs.claim("dead", 5, lanes=(0, 9))
    delivery._prepare(UUID(claimed.args["message_id"]), claimed)


def test_mail_to_an_internationalised_domain_goes_to_its_ascii_form(
    people: People, outbox: Outbox, mail: MailServer
) -> None:
    people.register("Ann.Lee@bücher.example")
    outbox.deliver()

    (arrived,) = mail.taken
    assert mail.recipients == [arrived["To"]] == ["Ann.Lee@xn--bcher-kva.example"]


def test_mail_arrives_with_its_headers_as_text_and_html(people: People, outbox: Outbox, mail: MailServer) -> None:
    people.register(ADDRESS)
    outbox.deliver()

    (arrived,) = mail.taken
    assert mail.recipients == [ADDRESS]
    assert (arrived["To"], arrived["From"]) == (ADDRESS, "Accounts <no-reply@localhost>")
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Message-ID"].endswith("@localhost>")
    assert [part.get_content_type() for part in arrived.iter_parts()] == ["text/plain", "text/html"]
    code = arrived["Subject"].rsplit(" ", 1)[1]
    assert all(code in part.get_content() for part in arrived.iter_parts())


def test_address_and_content_are_erased_when_the_mail_is_gone(mail: MailServer, letter: Any) -> None:
    written = write(letter())
    before = message(written)

    jobs.run_due()

    after = message(written)
    assert before.recipient is not None
    assert before.content is not None
    assert (after.state, after.recipient, after.content) == ("sent", None, None)
    assert after.provider_id == mail.taken[0]["Message-ID"]
    assert count(Job) == 0


def test_a_crash_between_sending_and_marking_repeats_the_mail_with_the_same_id(
    mail: MailServer, letter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = write(letter())

    def crash(_claimed: jobs.Claimed) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "drop", crash)
        with pytest.raises(SystemExit):
            jobs.run_due()
    deliver_until(clock.now() + timedelta(seconds=61))

    first, second = mail.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert (message(written).state, count(Job)) == ("sent", 0)


def test_starttls_and_a_password_protect_the_way(
    configure: Any, letter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    with mail_server(authenticator=knows("suite", "right"), **options) as server:
        common = {"mail": "smtp", "smtp_port": server.port, "smtp_username": "suite", "smtp_timeout": 2}
        untrusted, refused, accepted = (write(letter(), thing=thing) for thing in "abc")

        configure(**common, smtp_password="right")
        jobs.run(jobs.claim("me", 1, lanes=(0, 9))[0])
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        configure(**common, smtp_password="wrong")
        jobs.run(jobs.claim("me", 1, lanes=(0, 9))[0])
        configure(**common, smtp_password="right")
        jobs.run(jobs.claim("me", 1, lanes=(0, 9))[0])

    assert message(untrusted).problem == "smtp_SSLCertVerificationError"
    assert message(refused).problem == "smtp_auth"
    assert message(accepted).state == "sent"
    assert len(server.taken) == 1


def test_a_server_without_starttls_gets_no_mail(configure: Any, letter: Any) -> None:
    with mail_server() as server:
        configure(mail="smtp", smtp_port=server.port, smtp_security="starttls")
        written = write(letter())
        jobs.run_due()

    assert server.taken == []
    assert (message(written).state, message(written).problem) == ("queued", "smtp_SMTPNotSupportedError")


def test_a_stopped_server_delays_with_growing_waits_and_loses_nothing(configure: Any, letter: Any) -> None:
    port = free_port()
    configure(mail="smtp", smtp_port=port, smtp_security="none", smtp_timeout=1)
    now = clock.now()
    with clock.at(now):
        written = write(letter())
        jobs.run_due()

    waits = []
    for _ in range(12):
        due = job_due_at()
        waits.append((due - now).total_seconds())
        now = due
        deliver_until(now)
    with mail_server(port=port) as server:
        deliver_until(job_due_at())

    for number, wait in enumerate(waits, 1):
        assert 0.8 * min(2**number, 3600) <= wait <= 1.2 * min(2**number, 3600)
    assert [mail["To"] for mail in server.taken] == [ADDRESS]
    assert message(written).state == "sent"


def test_a_message_that_cannot_leave_for_a_day_is_given_up_and_shown(configure: Any, letter: Any) -> None:
    configure(mail="smtp", smtp_port=free_port(), smtp_security="none", smtp_timeout=1)
    begun = now = clock.now()
    with clock.at(now):
        written = write(letter())
        jobs.run_due()

    while count(Job):
        now = job_due_at()
        deliver_until(now)

    given_up = message(written)
    assert timedelta(hours=18) < now - begun < timedelta(hours=30)
    assert (given_up.state, given_up.problem) == ("failed", "smtp_ConnectionRefusedError")
    assert given_up.content is not None


@pytest.mark.parametrize(
    ("answer", "problem"),
    [("451 try later", "smtp_451"), ("421 closing", "smtp_421"), ("503 confused", "smtp_503")],
)
def test_a_server_that_says_later_delays_only_that_message(
    mail: MailServer, letter: Any, answer: str, problem: str
) -> None:
    mail.to_recipient = lambda address: answer if address.startswith("slow") else "250 OK"
    delayed, other = write(letter(), to="slow@example.org"), write(letter())

    jobs.run_due()
    mail.to_recipient = lambda _address: "250 OK"
    between = message(delayed)
    deliver_until(clock.now() + timedelta(seconds=3))

    assert (between.state, between.problem) == ("queued", problem)
    assert message(other).state == "sent"
    assert message(delayed).state == "sent"
    assert mail.recipients == [ADDRESS, "slow@example.org"]


def test_a_slow_server_delays_only_that_message(mail: MailServer, letter: Any) -> None:
    mail.pause = 1.5
    slow = write(letter())
    jobs.run(jobs.claim("me", 1, lanes=(0, 9))[0])
    mail.pause = 0.0
    other = write(letter())

    jobs.run_due()

    assert (message(slow).state, message(slow).problem) == ("queued", "smtp_SMTPServerDisconnected")
    assert message(other).state == "sent"


def test_a_server_that_drips_its_answers_is_left_before_the_lease_ends(
    mail: MailServer, letter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.messages.senders.LONGEST", 0.3)
    mail.pause = 0.6
    written = write(letter())

    jobs.run_due()

    assert message(written).problem == "smtp_SMTPServerDisconnected"


def test_a_server_that_keeps_messages_waiting_in_vain_gets_a_rest_and_other_work_goes_on(
    mail: MailServer, letter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {"messages.senders.LONGEST": 0.3, "kernel.patience.SLOW": 0.2, "kernel.patience.REST": 1.0}
    for name, value in times.items():
        monkeypatch.setattr(f"suite.{name}", value)
    mail.pause = 0.6
    written = [write(letter()) for _ in range(20)]

    begun = time.perf_counter()
    deliver_until(clock.now())
    took = time.perf_counter() - begun
    problems = Counter(message(one).problem for one in written)
    mail.pause = 0.0
    time.sleep(1.0)
    deliver_until(clock.now() + timedelta(seconds=3))

    assert problems == {"smtp_SMTPServerDisconnected": 3, "server_rests": 17}
    assert took < 2.5
    assert {message(one).state for one in written} == {"sent"}


def test_a_kept_connection_that_the_server_closed_is_opened_again_at_once(configure: Any, letter: Any) -> None:
    port = free_port()
    configure(mail="smtp", smtp_port=port, smtp_security="none", smtp_timeout=1)
    with mail_server(port=port):
        write(letter())
        jobs.run_due()
    with mail_server(port=port) as restarted:
        written = write(letter(once=True))
        jobs.run_due()

    assert len(restarted.taken) == 1
    assert message(written).state == "sent"


def test_a_refused_recipient_is_final_shown_and_can_be_tried_again(mail: MailServer, letter: Any) -> None:
    mail.to_recipient = lambda _address: "550 no such user"
    written = write(letter())
    before = metrics.MESSAGES.labels("test_letter", "failed")._value.get()

    jobs.run_due()
    failed = message(written)
    mail.to_recipient = lambda _address: "250 OK"
    with db.transaction():
        revived = outbox.retry(written)
    jobs.run_due()

    assert (failed.state, failed.problem, mail.asked) == ("failed", "smtp_550", 2)
    assert metrics.MESSAGES.labels("test_letter", "failed")._value.get() == before + 1
    assert (revived, message(written).state) == (1, "sent")
    assert (len(mail.taken), count(Job)) == (1, 0)


def test_a_letter_promised_once_is_not_repeated_after_a_crash(mail: MailServer, letter: Any) -> None:
    written = write(letter(once=True))
    before = metrics.MESSAGES.labels("test_letter", "unknown")._value.get()

    let_the_worker_die_while_sending()
    deliver_until(clock.now() + timedelta(seconds=61))

    found = message(written)
    assert mail.taken == []
    assert (found.state, count(Job)) == ("unknown", 0)
    assert outbox.open_recipient(found) == ADDRESS
    assert outbox.open_facts(found) == {"thing": SECRET}
    assert metrics.MESSAGES.labels("test_letter", "unknown")._value.get() == before + 1


def test_a_letter_promised_once_is_not_repeated_when_the_server_breaks_off(mail: MailServer, letter: Any) -> None:
    mail.pause = 1.5
    written = write(letter(once=True))

    jobs.run_due()
    deliver_until(clock.now() + timedelta(days=1))

    assert message(written).state == "unknown"
    assert len(mail.taken) == 1


def test_a_letter_promised_once_waits_for_a_stopped_server(configure: Any, letter: Any) -> None:
    port = free_port()
    configure(mail="smtp", smtp_port=port, smtp_security="none", smtp_timeout=1)
    written = write(letter(once=True))
    jobs.run_due()
    between = message(written).state

    with mail_server(port=port) as server:
        deliver_until(clock.now() + timedelta(seconds=3))

    assert (between, message(written).state) == ("queued", "sent")
    assert len(server.taken) == 1


def test_a_slow_worker_that_lost_its_job_does_not_undo_what_another_sent(mail: MailServer, letter: Any) -> None:
    written = write(letter())
    (slow,) = jobs.claim("slow", 5, lanes=(0, 9))
    deliver_until(clock.now() + timedelta(seconds=61))

    mail.to_recipient = lambda _address: "451 later"
    jobs.run(slow)

    assert (message(written).state, len(mail.taken)) == ("sent", 1)


def test_a_code_that_is_too_old_is_never_sent(people: People, mail: MailServer) -> None:
    mail.to_recipient = lambda _address: "451 later"
    now = clock.now()
    with clock.at(now):
        people.register(ADDRESS)
        jobs.run_due()
    mail.to_recipient = lambda _address: "250 OK"

    deliver_until(now + timedelta(minutes=30))

    with db.transaction(reading=True) as session:
        (expired,) = session.scalars(select(Message)).all()
    assert mail.taken == []
    assert (expired.state, expired.recipient, expired.content) == ("expired", None, None)


def test_a_letter_nobody_waits_for_any_more_is_withheld(mail: MailServer, letter: Any) -> None:
    asked: list[dict[str, Any]] = []

    def still_wanted(_person: UUID, facts: dict[str, Any]) -> bool:
        asked.append(facts)
        return False

    written = write(letter(still_wanted=still_wanted))
    jobs.run_due()

    found = message(written)
    assert asked == [{"thing": SECRET}]
    assert (found.state, found.recipient, found.content) == ("withheld", None, None)
    assert mail.taken == []


@pytest.mark.parametrize("ending", ["sent", "failed", "expired", "withheld", "unknown"])
def test_the_addressee_of_a_farewell_is_forgotten_however_it_ends(mail: MailServer, letter: Any, ending: str) -> None:
    options: dict[str, Any] = {
        "expired": {"expires": timedelta(minutes=1)},
        "withheld": {"still_wanted": lambda _person, _facts: False},
        "unknown": {"once": True},
    }.get(ending, {})
    if ending == "failed":
        mail.to_recipient = lambda _address: "550 no such user"
    write(letter(farewell=True, **options))
    if ending == "unknown":
        let_the_worker_die_while_sending()
    before = count(Person), count(Message)

    deliver_until(clock.now() + timedelta(seconds=61 if ending in {"expired", "unknown"} else 0))

    assert before == (1, 1)
    assert (count(Person), count(Message), count(Job)) == (0, 0, 0)
    assert len(mail.taken) == (1 if ending == "sent" else 0)


def test_codes_leave_before_news(mail: MailServer, letter: Any) -> None:
    news = letter("test_news", lane=jobs.BULK)
    notice = letter("test_notice")
    code = letter("test_code", lane=jobs.URGENT)
    for one, to in ((news, "news@example.org"), (notice, "notice@example.org"), (code, "code@example.org")):
        write(one, to=to)

    jobs.run_due()

    assert mail.recipients == ["code@example.org", "notice@example.org", "news@example.org"]


def test_a_letter_that_cannot_be_written_is_kept_and_does_not_stop_the_others(mail: MailServer, letter: Any) -> None:
    broken = write(letter("test_broken"))
    with db.transaction() as session:
        session.execute(update(Message).where(Message.id == broken).values(content=b"\x01\x02k1garbage"))
    other = write(letter())

    jobs.run_due()

    assert (message(broken).state, message(broken).problem) == ("queued", "letter_CannotOpen")
    assert message(other).state == "sent"


def test_a_code_goes_to_twilio_as_one_text_bound_to_our_site_and_is_erased(
    texts: TextServer, code_text: CodeText
) -> None:
    with clock.at(clock.now()):
        written = write_code(code_text)
        jobs.run_due()

    found = message(written)
    words = f"Accounts: your code is {SECRET}. It works for 5 minutes. Never tell it to anybody."
    assert texts.paths == ["/2010-04-01/Accounts/AC1/Messages.json"]
    assert texts.taken == [
        {
            "To": NUMBER,
            "From": "+15005550006",
            "Body": f"{words}\n\n@accounts.test #{SECRET}",
            "StatusCallback": f"{PUBLIC}/api/v1/callbacks/twilio/{written}",
            "ValidityPeriod": "300",
        }
    ]
    assert (found.state, found.provider_id) == ("sent", texts.sids[0])
    assert (found.recipient, found.content) == (None, None)


def test_twilio_keeps_a_code_no_longer_than_it_works(texts: TextServer, code_text: CodeText) -> None:
    now = clock.now()
    with clock.at(now):
        write_code(code_text)
        texts.status = 503
        jobs.run_due()
    texts.status = 201

    deliver_until(now + timedelta(minutes=4))

    assert texts.taken[0]["ValidityPeriod"] == "60"


def test_a_code_too_old_for_its_phone_is_never_sent(texts: TextServer, code_text: CodeText) -> None:
    written = write_code(code_text)

    deliver_until(clock.now() + timedelta(minutes=5))

    found = message(written)
    assert (found.state, found.recipient, found.content, texts.asked) == ("expired", None, None, 0)


def test_no_report_is_asked_for_that_would_carry_the_number_in_the_clear(
    texts: TextServer, code_text: CodeText, configure: Any
) -> None:
    account = {"twilio_account_sid": "AC1", "twilio_auth_token": "secret", "twilio_from": "MG1"}
    configure(sms="twilio", twilio_url=texts.url, public_url="http://accounts.test", **account)
    write_code(code_text)

    jobs.run_due()

    assert "StatusCallback" not in texts.taken[0]
    assert texts.taken[0]["MessagingServiceSid"] == "MG1"
    assert "@" not in texts.taken[0]["Body"]


def test_a_callback_that_twilio_cannot_reach_costs_the_report_and_not_the_code(
    texts: TextServer, code_text: CodeText
) -> None:
    texts.reaches_callbacks = False
    written = write_code(code_text)

    jobs.run_due()

    assert (message(written).state, texts.asked) == ("sent", 2)
    assert "StatusCallback" not in texts.taken[0]


def test_a_number_twilio_refuses_is_final(texts: TextServer, code_text: CodeText) -> None:
    texts.status = 400
    written = write_code(code_text)

    jobs.run_due()

    assert (message(written).state, message(written).problem) == ("failed", "twilio_21211")
    assert texts.asked == 1


@pytest.mark.parametrize(
    ("trouble", "problem"),
    [
        ({"status": 401}, "twilio_20401"),
        ({"status": 429}, "twilio_20429"),
        ({"status": 503}, "twilio_20503"),
        ({"status": 503, "body": "<html>busy</html>"}, "twilio_503"),
        ({"status": 500, "body": '{"status": 400, "code": 21211}'}, "twilio_21211"),
        ({"status": 307, "headers": {"Location": "https://elsewhere.example/"}}, "twilio_20307"),
        ({"status": 201, "body": "<html>hello</html>"}, "twilio_JSONDecodeError"),
        ({"status": 201, "body": "[]"}, "twilio_AttributeError"),
        ({"status": 201, "body": "{}"}, "twilio_no_sid"),
        ({"status": 201, "body": '{"sid": 5}'}, "twilio_no_sid"),
        ({"status": 201, "body": " " * 100_000}, "twilio_ConnectionError"),
        ({"behaviour": "cut"}, "twilio_ConnectionError"),
        ({"behaviour": "slow"}, "twilio_ReadTimeout"),
    ],
)
def test_what_ails_twilio_delays_the_text_and_no_mail(
    texts: TextServer, letter: Any, code_text: CodeText, trouble: dict[str, Any], problem: str
) -> None:
    for name, value in trouble.items():
        setattr(texts, name, value)
    delayed, mailed = write_code(code_text), write(letter("test_mail"))

    jobs.run_due()
    between = message(delayed)
    texts.status, texts.body, texts.behaviour = 201, None, "answer"
    deliver_until(clock.now() + timedelta(seconds=3))

    assert (between.state, between.problem) == ("queued", problem)
    assert message(mailed).state == "sent"
    assert message(delayed).state == "sent"


def test_an_answer_of_twilio_that_drips_is_left_before_the_lease_ends(
    texts: TextServer, code_text: CodeText, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suite.messages.twilio_http.LONGEST", 0.3)
    texts.behaviour = "drip"
    written = write_code(code_text)

    begun = time.perf_counter()
    jobs.run_due()
    took = time.perf_counter() - begun

    assert message(written).problem == "twilio_ReadTimeout"
    assert took < 2


def test_twilio_is_left_alone_for_as_long_as_it_asks(texts: TextServer, code_text: CodeText) -> None:
    texts.status, texts.headers = 429, {"Retry-After": "1"}
    first, second = write_code(code_text), write_code(code_text)

    jobs.run_due()
    problems, asked = {message(first).problem, message(second).problem}, texts.asked
    texts.status, texts.headers = 201, {}
    time.sleep(1.0)
    deliver_until(clock.now() + timedelta(seconds=3))

    assert (problems, asked) == ({"twilio_20429", "server_rests"}, 1)
    assert {message(first).state, message(second).state} == {"sent"}


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), (" 7 ", 7), ("86400", 300), (None, 0), ("", 0), ("-1", 0), ("soon", 0), ("٣", 0)]
)
def test_a_retry_after_is_understood_or_ignored(said: str | None, seconds: float) -> None:
    from suite.messages.twilio_http import rest  # loads Twilio's client, which no other test needs at once

    assert rest(said) == seconds


def test_a_twilio_that_cannot_be_reached_delays_the_code(texts: TextServer, code_text: CodeText) -> None:
    written = write_code(code_text)
    texts.shutdown()
    texts.server_close()

    jobs.run_due()

    assert (message(written).state, message(written).problem) == ("queued", "twilio_ConnectionError")


def test_the_client_of_twilio_keeps_neither_number_nor_code(texts: TextServer, code_text: CodeText) -> None:
    write_code(code_text)

    jobs.run_due()

    (twilio,) = (one.sender for one in senders._senders.values() if isinstance(one, Patient))
    client = twilio._client.http_client
    assert (client._test_only_last_request, client._test_only_last_response) == (None, None)


def test_a_code_whose_answer_was_lost_is_sent_again(texts: TextServer, code_text: CodeText) -> None:
    texts.behaviour = "cut"
    written = write_code(code_text)

    jobs.run_due()
    texts.behaviour = "answer"
    deliver_until(clock.now() + timedelta(seconds=3))

    assert len(texts.taken) == 2
    assert (message(written).state, message(written).provider_id) == ("sent", texts.sids[1])


@pytest.mark.parametrize(("status", "state"), [("queued", "sent"), ("sent", "sent"), ("delivered", "delivered")])
def test_a_code_whose_answer_was_lost_is_not_sent_again_once_twilio_reports_it(
    texts: TextServer, code_text: CodeText, people: People, status: str, state: str
) -> None:
    texts.behaviour = "cut"
    written = write_code(code_text)
    jobs.run_due()
    texts.behaviour = "answer"

    reported = texts.call_back(people.stranger, status)
    deliver_until(clock.now() + timedelta(seconds=3))

    found = message(written)
    assert (reported.status_code, len(texts.taken), count(Job)) == (204, 1, 0)
    assert (found.state, found.provider_id) == (state, texts.sids[0])
    assert (found.recipient, found.content) == (None, None)


def outcomes() -> Counter[str]:
    """Count the texts so far, by what became of them."""
    names = ("sent", "delivered", "undelivered")
    return Counter({name: int(metrics.MESSAGES.labels("test_code_text", name)._value.get()) for name in names})


@pytest.mark.parametrize(
    ("status", "states"),
    [("queued", ["sent"]), ("delivered", ["sent", "delivered"]), ("failed", ["sent", "undelivered"])],
)
def test_a_report_that_overtakes_the_answer_of_twilio_holds(
    texts: TextServer, code_text: CodeText, people: People, status: str, states: list[str]
) -> None:
    answers: list[int] = []
    texts.before_answer = lambda: answers.append(texts.call_back(people.stranger, status).status_code)
    before = outcomes()
    written = write_code(code_text)

    jobs.run_due()

    found = message(written)
    assert (answers, found.state, found.provider_id) == ([204], states[-1], texts.sids[0])
    assert (found.recipient, found.content, count(Job)) == (None, None, 0)
    assert outcomes() - before == Counter(states)


def test_what_a_report_said_is_not_taken_back_by_a_worker_that_did_not_hear_it(
    texts: TextServer, code_text: CodeText, people: People
) -> None:
    texts.behaviour = "cut"
    written = write_code(code_text)
    jobs.run_due()
    unheard = message(written)
    texts.call_back(people.stranger, "delivered")

    with db.transaction():
        delivery._close(unheard, "expired", keep_content=True)
        delivery._wait(unheard, NotDelivered("late"))
        delivery._close(unheard, "sent", provider_id="SM2")

    found = message(written)
    assert (found.state, found.provider_id, found.content) == ("delivered", texts.sids[0], None)


def test_a_channel_that_is_off_fails_at_once_and_visibly(configure: Any, code_text: CodeText) -> None:
    configure(sms="off")
    written = write_code(code_text)

    jobs.run_due()

    assert (message(written).state, message(written).problem) == ("failed", "channel_off")


def address_it_to(written: UUID, address: str) -> None:
    """Change a row as no part of the product does."""
    recipient = system.current().keys.seal(address, sealed.context("messages", written, "recipient"))
    with db.transaction() as session:
        session.execute(update(Message).values(channel="sms", recipient=recipient))


@pytest.mark.policy("MYK-22", "BUS-16", "SCC-15")
def test_a_letter_whose_row_was_turned_into_a_text_does_not_reach_a_phone(texts: TextServer, letter: Any) -> None:
    written = write(letter())
    address_it_to(written, NUMBER)

    jobs.run_due()

    assert (texts.asked, message(written).problem) == (0, "letter_ValueError")


def test_a_code_whose_row_names_a_mail_address_is_not_sent(texts: TextServer, code_text: CodeText) -> None:
    written = write_code(code_text)
    address_it_to(written, ADDRESS)

    jobs.run_due()

    assert (texts.asked, message(written).problem) == (0, "letter_ValueError")
