"""Strict fields: nothing is guessed."""

from typing import Any

import marshmallow as ma
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suite.kernel.fields import (
    Choice,
    EmailAddress,
    Instant,
    QueryNumber,
    Schema,
    Secret,
    Text,
    WholeNumber,
    YesNo,
    canonical_email,
)


def taken(field: ma.fields.Field[Any], value: Any) -> Any:
    return field.deserialize(value)


def is_refused(field: ma.fields.Field[Any], value: Any) -> bool:
    try:
        field.deserialize(value)
    except ma.ValidationError as refusal:
        assert refusal.messages
        return True
    return False


# --- e-mail addresses


@pytest.mark.parametrize(
    "address",
    [
        "mıke@example.org",  # dotless i
        "\u212aate@example.org",  # Kelvin sign, which folds to k
        "а@example.org",  # Cyrillic a
        "ａ@example.org",  # full-width a
        "a\u200b@example.org",
        "a@example.org\u200b",
        "a@exa\u00admple.org",
        "a@example.org.",
        "a@[127.0.0.1]",
        "a@[IPv6:::1]",
        "a@127.0.0.1",
        "a@localhost",
        "a@b.test",
        "a@x_y.org",
        "a@-x.org",
        "a@example..org",
        "a@example.org,b@example.org",
        "a@example.org;b@example.org",
        "a@example.org b@example.org",
        "a@b@example.org",
        '"a b"@example.org',
        '"a"@example.org',
        "Ann <a@example.org>",
        "<a@example.org>",
        "a(comment)@example.org",
        "a＠example.org",
        ".a@example.org",
        "a.@example.org",
        "a..b@example.org",
        " a@example.org",
        "a@example.org ",
        "a@example.org\n",
        "a@example.org\r\nBcc: b@example.org",
        "a@example.org\x00",
        "a",
        "@example.org",
        "a@",
        "",
        "a" * 300 + "@example.org",
        "a@" + "ü" * 60 + ".de",
        "a@" + ".".join(["ü" * 30] * 7) + ".de",
        None,
        7,
        ["a@example.org"],
        {"a": "b"},
    ],
)
def test_what_is_no_single_plain_address_is_refused(address: Any) -> None:
    assert is_refused(EmailAddress(required=True), address)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Ann@Example.ORG", "ann@example.org"),
        ("ann+shop@example.org", "ann+shop@example.org"),
        ("a.n.n@example.org", "a.n.n@example.org"),
        ("ann@bücher.de", "ann@xn--bcher-kva.de"),
        ("ann@BÜCHER.de", "ann@xn--bcher-kva.de"),
        ("ann@bu\u0308cher.de", "ann@xn--bcher-kva.de"),
        ("ann@xn--bcher-kva.de", "ann@xn--bcher-kva.de"),
        ("ann@XN--BCHER-KVA.de", "ann@xn--bcher-kva.de"),
        ("ann@faß.de", "ann@xn--fa-hia.de"),
        ("ann@fass.de", "ann@fass.de"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_one_box_is_known_under_one_form(written: str, known: str) -> None:
    assert canonical_email(written) == known
    assert taken(EmailAddress(), written) == written


@settings(deadline=None)
@given(st.text(max_size=40) | st.emails())
def test_a_known_form_is_plain_ascii_and_stays_itself(text: str) -> None:
    try:
        known = canonical_email(text)
    except ma.ValidationError:
        return

    assert known.isascii()
    assert known == known.lower()
    assert canonical_email(known) == known
    assert len(known) <= 254


# --- numbers and booleans


@pytest.mark.parametrize("value", ["3", "٣", "1_0", 1.9, -1, 101, 10**30, 1e300, True, False, None, [], {}, " 3"])
def test_what_is_no_whole_number_within_bounds_is_refused(value: Any) -> None:
    assert is_refused(WholeNumber(least=0, most=100, required=True), value)


@pytest.mark.parametrize("value", [0, 100, 7.0])
def test_a_whole_number_is_taken(value: Any) -> None:
    found = taken(WholeNumber(least=0, most=100), value)

    assert (found, type(found)) == (value, int)


@pytest.mark.parametrize("value", ["٣", "1_0", "1.9", "-1", "+1", " 1", "1 ", "", "101", "9" * 400, "²", "true"])
def test_a_number_in_a_query_is_ascii_digits_and_nothing_else(value: str) -> None:
    assert is_refused(QueryNumber(least=0, most=100), value)


@pytest.mark.parametrize("value", ["true", "yes", "on", 1, 0, 1.0, "", None, []])
def test_yes_and_no_are_true_and_false_only(value: Any) -> None:
    assert is_refused(YesNo(required=True), value)


def test_true_and_false_are_taken() -> None:
    assert [taken(YesNo(), value) for value in (True, False)] == [True, False]


# --- instants


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("2026-11-24T08:00:00Z", "2026-11-24T08:00:00.000Z"),
        ("2026-11-24t08:00:00z", "2026-11-24T08:00:00.000Z"),
        ("2026-11-24T10:00:00.5+02:00", "2026-11-24T08:00:00.500Z"),
        ("2026-11-24T00:00:00.123456789-00:30", "2026-11-24T00:30:00.123Z"),
        ("2028-02-29T23:59:59+00:00", "2028-02-29T23:59:59.000Z"),
    ],
)
def test_an_instant_of_rfc_3339_is_known_in_utc(written: str, known: str) -> None:
    found = taken(Instant(), written)

    assert found.utcoffset().total_seconds() == 0
    assert Instant()._serialize(found, None, None) == known


@given(st.text(alphabet="0123456789-:TtZz+. W", max_size=32))
@settings(max_examples=300, deadline=None)
def test_any_other_instant_is_refused_and_never_breaks(text: str) -> None:
    if not is_refused(Instant(), text):
        assert taken(Instant(), text).utcoffset().total_seconds() == 0


# --- text


@pytest.mark.parametrize(
    "text",
    [
        "a\x00b",
        "a\nb",
        "a\tb",
        "a\x1bb",
        "a\x7fb",
        "a\x85b",
        "a\u2028b",  # line and paragraph separators
        "a\u2029b",
        "invoice\u202efdp.exe",  # right-to-left override
        "a\u2066b",
        "\ud800",
        "",
        "a" * 201,
        7,
        None,
        ["a"],
    ],
)
def test_text_that_hides_something_is_refused(text: Any) -> None:
    assert is_refused(Text(required=True), text)


@pytest.mark.parametrize("text", ["Ann", "Åsa", "O'Neil", "میخواهم‌", "李", "👩‍👩‍👧", "<b>", "a" * 200])
def test_names_of_people_everywhere_are_taken(text: str) -> None:
    assert taken(Text(), text) == text


def test_text_is_kept_in_one_normal_form_and_measured_in_it() -> None:
    assert taken(Text(), "A\u030asa") == "Åsa"
    assert taken(Text(most=1), "A\u030a") == "Å"


def test_lines_are_taken_where_they_are_asked_for() -> None:
    assert taken(Text(lines=True), "first\nsecond\tthird") == "first\nsecond\tthird"
    assert is_refused(Text(lines=True), "first\rsecond")


@pytest.mark.parametrize("secret", [" padded ", "e\u0301", "a" * 128])
def test_a_secret_is_taken_as_it_is(secret: str) -> None:
    assert taken(Secret(), secret) == secret


def test_a_choice_is_one_of_its_words() -> None:
    assert taken(Choice("app", "browser"), "app") == "app"
    assert all(is_refused(Choice("app", "browser"), wrong) for wrong in ("App", "", "app ", 1, ["app"]))


def test_an_unknown_field_is_refused_and_named() -> None:
    schema = Schema.from_dict({"name": Text()})()

    with pytest.raises(ma.ValidationError) as refused:
        schema.load({"name": "Ann", "is_admin": True})

    assert set(refused.value.messages) == {"is_admin"}
