"""Logs without personal data: by the names of the declarations, and in free text."""

import dataclasses
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from suite.declarations import kinds
from suite.kernel import log as logs
from suite.kernel.ids import new_id
from suite.kernel.log import log, scrub
from suite.kernel.secrets import new_token
from tests.people import PASSWORD, Outbox, People

CANARY = "qx7canaryqx7"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Give what is logged, as objects."""
    before = logging.getLogger().handlers, logging.getLogger().level
    logs.start("debug", "json")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logs.start("error", "json")
    logging.getLogger().handlers, logging.getLogger().level = before


@pytest.mark.parametrize("kind", [one.name for one in kinds() if one.personal])
def test_a_value_under_the_name_of_a_personal_kind_is_hidden(lines: Any, kind: str) -> None:
    log.info("something", **{kind: CANARY})

    assert lines()[0][kind] == f"[{kind}]"


@pytest.mark.parametrize(
    "column",
    ["address", "email_key", "password_hash", "token_hash", "first_name", "user_agent", "recipient", "person_id"],
)
def test_a_value_under_the_name_of_a_personal_column_is_hidden(app: object, lines: Any, column: str) -> None:
    log.info("something", **{column: CANARY})

    assert CANARY not in str(lines())


def test_what_stands_deeper_is_hidden_too(lines: Any) -> None:
    log.info(
        "something",
        facts={"email": CANARY, "deep": [{"first_name": CANARY}], "count": 3},
        pair=("a", {"phone": CANARY}),
    )

    line = lines()[0]
    assert CANARY not in str(line)
    assert line["facts"]["count"] == 3


@dataclasses.dataclass
class Guest:
    note: str = CANARY


@pytest.mark.parametrize("value", [Guest(), ValueError(CANARY), CANARY.encode(), {CANARY}.__class__, Guest])
def test_an_object_shows_its_type_and_nothing_more(lines: Any, value: Any) -> None:
    log.info("something", thing=value)

    assert CANARY not in str(lines())


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("mail to ann.lee+x@example.org failed", "mail to [email] failed"),
        ("mail to анна@пример.рф failed", "mail to [email] failed"),
        ("<ann@example.org>", "<[email]>"),
        ("number +49 170 123-45 67 refused", "number [phone] refused"),
        ("number +491701234567", "number [phone]"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [credential]"),
        ("GET /confirm?token=abcdef123456&x=1", "GET /confirm?token=[credential]&x=1"),
        ("code=123456", "code=[credential]"),
        ('{"password": "hunter22"}', '{"password": "[credential]"}'),
        ("suite_session=abcdefgh; Path=/", "suite_session=[credential]; Path=/"),
        ("postgresql://suite:hunter22@db.example.org/suite", "[email]/suite"),
        ("redis://:hunter22@cache:6379", "redis://:[credential]@cache:6379"),
        ("nothing personal: 404 at 12:30", "nothing personal: 404 at 12:30"),
        ("code: ok", "code: ok"),
    ],
)
def test_free_text_is_searched(said: str, shown: str) -> None:
    found = scrub(said)

    assert found == shown or (shown.startswith("[email]") and "hunter22" not in found)


def test_a_bare_token_in_a_text_is_hidden() -> None:
    for _ in range(200):
        token = new_token()
        assert token not in scrub(f"looked for {token}, found nothing")


def test_numbers_ids_and_codes_stay_readable(lines: Any) -> None:
    number = new_id()
    log.info("done", job_id=number, rows=3, took=0.5, ok=True, nothing=None, route="/api/v1/me")

    line = lines()[0]
    assert (line["job_id"], line["rows"], line["took"], line["ok"], line["nothing"]) == (
        str(number),
        3,
        0.5,
        True,
        None,
    )
    assert (line["event"], line["level"], line["route"]) == ("done", "info", "/api/v1/me")


def test_an_exception_shows_where_it_was_raised_and_never_its_text(lines: Any) -> None:
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as cause:
            raise LookupError(f"ann@example.org {CANARY}") from cause
    except LookupError as problem:
        log.error("failed", exc_info=problem)
        log.error("failed", exc_info=True)

    first, second = lines()
    assert first["exception"] == second["exception"] == "LookupError"
    assert "test_log.py:" in first["places"]
    assert CANARY not in str((first, second))


def test_what_libraries_log_goes_the_same_way(lines: Any) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("some.library").exception("could not reach %s", "ann@example.org")

    line = lines()[0]
    assert (line["event"], line["logger"], line["exception"]) == (
        "could not reach [email]",
        "some.library",
        "ValueError",
    )
    assert CANARY not in str(line)


def test_the_text_form_hides_as_much(capsys: pytest.CaptureFixture[str], lines: Any) -> None:
    logs.start("info", "text")
    log.info("mail to ann@example.org", email=CANARY, thing=Guest())

    said = capsys.readouterr().err
    assert "[email]" in said
    assert CANARY not in said


def test_less_important_lines_are_left_out(capsys: pytest.CaptureFixture[str], lines: Any) -> None:
    logs.start("warning", "json")
    log.info("chatter")
    log.warning("matter")

    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["matter"]


def test_a_whole_life_in_the_product_leaves_no_trace_in_the_log(lines: Any, people: People, outbox: Outbox) -> None:
    profile = {"user_name": CANARY, "first_name": CANARY, "last_name": CANARY}
    people.account(f"{CANARY}@example.org", "motorsport", profile=profile)
    member = people.sign_in(f"{CANARY}@example.org")
    people.stranger.get(f"/{CANARY}?email={CANARY}@example.org", headers={"User-Agent": CANARY, "Referer": CANARY})
    people.stranger.post("/api/v1/sessions", json={"email": f"{CANARY}@example.org", "password": CANARY})
    member.post("/api/v1/me/closure")
    outbox.deliver()

    written = lines()
    assert len(written) >= 8
    assert [line for line in written if CANARY in str(line) or PASSWORD in str(line) or member.token in str(line)] == []
    assert {line["request_id"] for line in written if line["event"] == "request"}
