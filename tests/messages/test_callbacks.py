"""What Twilio reports about a text: believed when signed, taken once, and never backwards."""

import dataclasses
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from suite.kernel import clock, db, jobs, metrics, system
from suite.kernel.ids import new_id
from suite.messages import CodeText, Letter, PhoneNumber, outbox
from suite.messages import letters as known_letters
from suite.messages.models import Message
from suite.privacy import Person
from tests.failures.peers import report, signature, status_form
from tests.people import People

PUBLIC = "https://accounts.test"
SID, OTHER = "SM" + "0" * 31 + "1", "SM" + "0" * 31 + "2"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(autouse=True)
def twilio(app: object) -> Iterator[None]:
    """Let the system use Twilio, under an address other than that of the test client."""
    before = system.current()
    account = {"twilio_account_sid": "AC1", "twilio_auth_token": "secret", "twilio_from": "MG1"}
    settings = dataclasses.replace(before.settings, sms="twilio", public_url=PUBLIC, **account)
    system.use(dataclasses.replace(before, settings=settings))
    yield
    system.use(before)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> UUID:
    """Write a text that Twilio has taken."""
    return write(monkeypatch)


def write(monkeypatch: pytest.MonkeyPatch, state: str = "sent", sid: str | None = SID) -> UUID:
    kind = CodeText("test_code", expires=timedelta(minutes=5))
    monkeypatch.setitem(known_letters._letters, kind.key, kind)
    with db.transaction() as session:
        person = Person(id=new_id())
        session.add(person)
        session.flush()
        to = PhoneNumber("+4915112345678")
        made = outbox.text(kind, to, person_id=person.id, language="en", facts={"code": "123456"})
        session.execute(update(Message).values(state=state, provider_id=sid))
    return made


def path(message_id: UUID) -> str:
    return f"/api/v1/callbacks/twilio/{message_id}"


def say(people: People, message_id: UUID, status: str, sid: str = SID, **others: str) -> TestResponse:
    return report(people.stranger, PUBLIC + path(message_id), status_form(sid, status, **others))


def now_is(message_id: UUID) -> tuple[str, str | None, str | None]:
    with db.transaction(reading=True) as session:
        found = session.get_one(Message, message_id)
        return found.state, found.problem, found.provider_id


def outcome(state: str) -> int:
    return int(metrics.MESSAGES.labels("test_code", state)._value.get())


@pytest.mark.parametrize(
    ("status", "others", "state", "problem"),
    [
        ("queued", {}, "sent", None),
        ("sending", {}, "sent", None),
        ("sent", {}, "sent", None),
        ("something_new", {}, "sent", None),
        ("delivered", {}, "delivered", None),
        ("delivered", {"ErrorCode": ""}, "delivered", None),
        ("undelivered", {"ErrorCode": "30003"}, "undelivered", "twilio_30003"),
        ("failed", {"ErrorCode": "30008", "ErrorMessage": "späť"}, "undelivered", "twilio_30008"),
        ("undelivered", {}, "undelivered", "twilio_undelivered"),
        ("failed", {"ErrorCode": "<b>30003</b>"}, "undelivered", "twilio_unknown"),
        ("delivered", {"RawDlrDoneDate": "2611240700", "Empty": ""}, "delivered", None),
    ],
)
def test_a_report_moves_the_state_of_its_text(
    people: People, written: UUID, status: str, others: dict[str, str], state: str, problem: str | None
) -> None:
    counted = outcome(state)

    answer = say(people, written, status, **others)

    assert (answer.status_code, answer.data) == (204, b"")
    assert now_is(written) == (state, problem, SID)
    assert outcome(state) - counted == (state != "sent")


@pytest.mark.parametrize("first", ["delivered", "undelivered"])
@pytest.mark.parametrize("later", ["queued", "sent", "delivered", "undelivered", "failed"])
def test_an_ending_is_final_and_a_repetition_harmless(people: People, written: UUID, first: str, later: str) -> None:
    say(people, written, first, ErrorCode="30005")
    before, counted = now_is(written), [outcome(state) for state in ("sent", "delivered", "undelivered")]

    answers = [say(people, written, later, ErrorCode="30006").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert now_is(written) == before
    assert [outcome(state) for state in ("sent", "delivered", "undelivered")] == counted


@pytest.mark.parametrize("state", ["queued", "sending"])
@pytest.mark.parametrize(("status", "then"), [("sent", "sent"), ("delivered", "delivered"), ("failed", "undelivered")])
def test_a_report_about_a_text_that_still_waits_names_it(
    people: People, monkeypatch: pytest.MonkeyPatch, state: str, status: str, then: str
) -> None:
    waiting = write(monkeypatch, state, sid=None)

    answer = say(people, waiting, status)

    assert (answer.status_code, now_is(waiting)[0], now_is(waiting)[2]) == (204, then, SID)
    with db.transaction(reading=True) as session:
        found = session.get_one(Message, waiting)
        assert (found.recipient, found.content) == (None, None)
        assert found.sent_at is not None


@pytest.mark.parametrize("state", ["expired", "failed", "unknown", "withheld"])
def test_a_report_about_a_text_that_never_left_is_about_nothing(
    people: People, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    ended = write(monkeypatch, state, sid=None)

    answer = say(people, ended, "delivered")

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert now_is(ended) == (state, None, None)


@pytest.mark.parametrize("state", ["queued", "sent", "delivered"])
def test_a_report_under_another_sid_finds_nothing(people: People, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    written = write(monkeypatch, state)

    answer = say(people, written, "failed", sid=OTHER)

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert now_is(written) == (state, None, SID)


def test_a_report_about_a_text_that_does_not_exist_finds_nothing(people: People) -> None:
    assert say(people, new_id(), "delivered").status_code == 404


def test_a_report_does_not_touch_a_mail(people: People) -> None:
    people.register()
    jobs.run(jobs.claim("here", 1, lanes=(0, 9))[0])
    with db.transaction() as session:
        mail = session.query(Message).one().id

    assert say(people, mail, "delivered").status_code == 404
    assert now_is(mail) == ("queued", None, None)


# --- who may report


def forged(message_id: UUID) -> dict[str, str]:
    """Give signatures that are none of Twilio's for this report."""
    url, form = PUBLIC + path(message_id), status_form(SID, "delivered")
    return {
        "none": "",
        "nonsense": "AAAA",
        "not ASCII": "é" * 28,
        "of another account": signature(url, form, "another token"),
        "without a token": signature(url, form, ""),
        "of another message": signature(PUBLIC + path(new_id()), form),
        "of another status": signature(url, form | {"MessageStatus": "failed"}),
        "of fewer parameters": signature(url, {"MessageSid": SID, "MessageStatus": "delivered"}),
        "of the host of the request": signature(f"http://localhost{path(message_id)}", form),
    }


@pytest.mark.parametrize("which", forged(new_id()))
def test_a_wrong_signature_changes_nothing(people: People, written: UUID, which: str) -> None:
    form = status_form(SID, "delivered")
    headers = {"X-Twilio-Signature": forged(written)[which]}

    answer = report(people.stranger, PUBLIC + path(written), form, **headers)

    assert (answer.status_code, answer.json["code"]) == (403, "wrong_signature")
    assert now_is(written) == ("sent", None, SID)


def test_a_missing_signature_is_answered_before_anything_is_said_about_the_form(people: People, written: UUID) -> None:
    answers = [people.stranger.post(path(written), data=body, content_type=FORM) for body in ("", "a=b", "MessageSid=")]

    assert {(answer.status_code, answer.json["code"]) for answer in answers} == {(403, "wrong_signature")}


def test_the_host_a_request_names_does_not_matter_and_a_port_may_be_signed(people: People, written: UUID) -> None:
    form = status_form(SID, "delivered")
    with_port = signature(f"https://accounts.test:443{path(written)}", form)

    answer = report(
        people.stranger, PUBLIC + path(written), form, **{"X-Twilio-Signature": with_port, "Host": "127.0.0.1:81"}
    )

    assert answer.status_code == 204


def test_a_server_needs_no_origin_and_a_web_site_gets_no_further_than_before(people: People, written: UUID) -> None:
    form = status_form(SID, "sent")
    foreign = report(people.stranger, PUBLIC + path(written), form, Origin="https://evil.example")
    from_a_page = report(people.stranger, PUBLIC + path(written), form, **{"Sec-Fetch-Site": "cross-site"})

    assert say(people, written, "sent").status_code == 204
    assert [(one.status_code, one.json["code"]) for one in (foreign, from_a_page)] == [(403, "foreign_origin")] * 2


@pytest.mark.parametrize("sms", ["inbox", "off"])
def test_where_twilio_is_not_used_there_is_no_such_route(people: People, written: UUID, sms: str) -> None:
    running = system.current()
    system.use(dataclasses.replace(running, settings=dataclasses.replace(running.settings, sms=sms)))

    answer = say(people, written, "delivered")

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert now_is(written) == ("sent", None, SID)


# --- what comes in


@pytest.mark.parametrize(
    ("content_type", "headers", "body", "status", "code"),
    [
        ("application/json", {}, b"{}", 415, "wrong_media_type"),
        ("multipart/form-data; boundary=x", {}, b"--x--", 415, "wrong_media_type"),
        ("", {}, b"a=b", 415, "wrong_media_type"),
        (f"{FORM}; charset=utf-16", {}, b"a=b", 415, "wrong_media_type"),
        (FORM, {"Content-Encoding": "gzip"}, b"a=b", 415, "wrong_media_type"),
        (FORM, {}, b"a=" + b"b" * 8191, 413, "too_large"),
        (FORM, {}, b"a=%ff", 400, "malformed_form"),
        (FORM, {}, b"a=\xff", 400, "malformed_form"),
        (FORM, {}, b"a=%00", 400, "malformed_form"),
        (FORM, {}, b"a=b&" * 101, 400, "malformed_form"),
    ],
)
def test_a_body_that_is_no_small_form_is_refused(
    people: People, written: UUID, content_type: str, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    answer = people.stranger.post(path(written), data=body, content_type=content_type, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"MessageStatus": "sent"}, "/MessageSid"),
        ({"MessageSid": SID}, "/MessageStatus"),
        ({"MessageSid": SID + "\n", "MessageStatus": "sent"}, "/MessageSid"),
        ({"MessageSid": "CA" + SID[2:], "MessageStatus": "sent"}, "/MessageSid"),
        ({"MessageSid": SID, "MessageStatus": "s" * 41}, "/MessageStatus"),
        ({"MessageSid": SID, "MessageStatus": "failed", "ErrorCode": "1" * 41}, "/ErrorCode"),
    ],
)
def test_a_signed_form_that_says_nothing_usable_is_refused(
    people: People, written: UUID, form: dict[str, str], pointer: str
) -> None:
    answer = report(people.stranger, PUBLIC + path(written), form)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert pointer in {one["pointer"] for one in answer.json["errors"]}
    assert now_is(written) == ("sent", None, SID)


def test_the_first_of_two_values_counts_and_both_are_signed(people: People, written: UUID) -> None:
    url = PUBLIC + path(written)
    pairs = [("MessageSid", SID), ("MessageStatus", "sent"), ("MessageStatus", "delivered")]
    signed = signature(url + "MessageSid" + SID + "MessageStatusdeliveredMessageStatussent", {})

    answer = people.stranger.post(
        path(written),
        data=urllib.parse.urlencode(pairs),
        content_type=FORM,
        headers={"X-Twilio-Signature": signed},
    )

    assert (answer.status_code, now_is(written)[0]) == (204, "sent")


def test_reports_at_once_count_once(people: People, written: UUID) -> None:
    counted = outcome("delivered") + outcome("undelivered")
    with ThreadPoolExecutor(8) as threads:
        said = [("delivered", "failed")[number % 2] for number in range(16)]
        answers = list(threads.map(lambda status: say(people, written, status).status_code, said))

    assert answers == [204] * 16
    assert outcome("delivered") + outcome("undelivered") == counted + 1


def test_a_letter_with_the_key_of_a_text_is_an_error_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_letters, "_letters", {})
    known_letters.code_text(CodeText("twice", expires=timedelta(minutes=5)))

    with pytest.raises(ValueError, match="two messages named twice"):
        known_letters.letter(Letter("twice", "Subject", (), purpose="sign_in"))


def test_a_report_can_be_late_by_weeks(people: People, written: UUID) -> None:
    with clock.at(clock.now() + timedelta(days=29)):
        assert say(people, written, "delivered").status_code == 204
