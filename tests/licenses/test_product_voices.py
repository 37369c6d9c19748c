"""Only a product that signs is heard, and whatever else comes has a code of its own and changes nothing."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from suite.kernel import clock, db
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.secrets import new_signing_secret
from suite.licenses.models import LicenseRight, ProductEvent
from tests.licenses.saying import Product, connect, held_by, signed
from tests.people import People

EMPTY = "whsec_"


@pytest.fixture
def product(app: App) -> Product:
    return connect(app)


@pytest.fixture
def ann(people: People) -> str:
    return str(people.account(service="business-hub")["id"])


@pytest.fixture
def license_id(ann: str) -> UUID:
    return held_by(ann)


def body(license_id: UUID, account: str, **others: Any) -> bytes:
    data = {"license": str(license_id), "account": account, "rights": ["use"]}
    event = {"type": "rights.changed", "timestamp": clock.now().isoformat(), "data": data} | others
    return json.dumps(event).encode()


def known() -> list[tuple[str, list[str]]]:
    with db.transaction(reading=True) as session:
        return [(str(row.person_id), row.rights) for row in session.query(LicenseRight)]


def heard() -> int:
    with db.transaction(reading=True) as session:
        return session.query(ProductEvent).count()


def refused(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


@pytest.mark.policy("BUS-23", "BUS-24")
def test_a_product_that_signs_is_heard(product: Product, license_id: UUID, ann: str) -> None:
    answer = product.send(body(license_id, ann))

    assert (answer.status_code, answer.data) == (204, b"")
    assert known() == [(ann, ["use"])]


ATTACKS = {
    "no headers": (lambda _right: {}, 400, "event_headers_missing"),
    "no id": (lambda right: {**right, "webhook-id": ""}, 400, "event_headers_missing"),
    "no time": (lambda right: {**right, "webhook-timestamp": ""}, 400, "event_headers_missing"),
    "no signature": (lambda right: {**right, "webhook-signature": ""}, 400, "event_headers_missing"),
    "a time in words": (lambda right: {**right, "webhook-timestamp": "now"}, 400, "event_headers_missing"),
    "a time in foreign digits": (lambda right: {**right, "webhook-timestamp": "١٢"}, 400, "event_headers_missing"),
    "a negative time": (lambda right: {**right, "webhook-timestamp": "-1"}, 400, "event_headers_missing"),
    "a huge time": (lambda right: {**right, "webhook-timestamp": "9" * 12}, 403, "event_outside_window"),
    "a dot in the id": (lambda right: {**right, "webhook-id": "msg.1"}, 400, "event_headers_missing"),
    "a blank in the id": (lambda right: {**right, "webhook-id": "msg 1"}, 400, "event_headers_missing"),
    "a long id": (lambda right: {**right, "webhook-id": "m" * 129}, 400, "event_headers_missing"),
    "another id": (lambda right: {**right, "webhook-id": "msg_other"}, 403, "event_not_signed"),
    "another version": (
        lambda right: {**right, "webhook-signature": right["webhook-signature"].replace("v1,", "v1a,")},
        403,
        "event_not_signed",
    ),
    "no version": (
        lambda right: {**right, "webhook-signature": right["webhook-signature"][3:]},
        400,
        "event_headers_missing",
    ),
    "half a signature": (
        lambda right: {**right, "webhook-signature": right["webhook-signature"][:20]},
        403,
        "event_not_signed",
    ),
    "too many signatures": (
        lambda right: {**right, "webhook-signature": " ".join([right["webhook-signature"]] * 11)},
        400,
        "event_headers_missing",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_signed_is_not_heard(product: Product, license_id: UUID, ann: str, attack: str) -> None:
    change, status, code = ATTACKS[attack]
    content = body(license_id, ann)

    answer = product.post(content, change(signed(product.secret, content, name="msg_1")))

    assert refused(answer) == (status, code)
    assert (known(), heard()) == ([], 0)


@pytest.mark.parametrize(
    ("seconds", "status"), [(-301, 403), (-299, 204), (0, 204), (299, 204), (301, 403), (-86400 * 365, 403)]
)
def test_what_was_signed_long_ago_or_later_than_now_is_not_heard(
    product: Product, license_id: UUID, ann: str, seconds: int, status: int
) -> None:
    with clock.at(clock.now().replace(microsecond=0)):
        answer = product.send(body(license_id, ann), at=clock.now() + timedelta(seconds=seconds))

    assert answer.status_code == status
    assert status == 204 or refused(answer) == (403, "event_outside_window")


def test_a_changed_body_is_not_heard(product: Product, license_id: UUID, ann: str) -> None:
    content = body(license_id, ann)

    answer = product.post(content.replace(b"use", b"manage"), signed(product.secret, content))

    assert refused(answer) == (403, "event_not_signed")
    assert known() == []


@pytest.mark.parametrize("secret", [new_signing_secret(), EMPTY], ids=["of nobody", "empty"])
def test_a_wrong_or_empty_secret_opens_nothing(product: Product, license_id: UUID, ann: str, secret: str) -> None:
    product.secret = secret

    assert refused(product.send(body(license_id, ann))) == (403, "event_not_signed")


def test_the_secret_of_one_product_opens_no_other(app: App, license_id: UUID, ann: str, with_two: None) -> None:
    other = connect(app, "mail-gateway")
    content = body(license_id, ann)
    other.product = "endpoint-security"

    assert refused(other.send(content)) == (403, "event_not_signed")


def test_a_product_says_nothing_about_the_licences_of_another(
    app: App, license_id: UUID, ann: str, with_two: None
) -> None:
    other = connect(app, "mail-gateway")

    assert other.send(body(license_id, ann)).status_code == 204
    assert known() == []


@pytest.fixture
def with_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second product configure rights."""
    import dataclasses

    from suite.licenses import catalogue, connections, rights

    given = catalogue()
    gateway = dataclasses.replace(given.products["mail-gateway"], rights=True)
    both = dataclasses.replace(given, products={**given.products, "mail-gateway": gateway})
    monkeypatch.setattr(connections, "catalogue", lambda: both)
    monkeypatch.setattr(rights, "catalogue", lambda: both)


@pytest.mark.parametrize("name", ["no-such-product", "total-protection", "Endpoint-Security", "%00", "a" * 300])
def test_a_product_that_nobody_connected_is_answered_like_a_wrong_signature(
    product: Product, license_id: UUID, ann: str, name: str
) -> None:
    product.product = name

    answer = product.send(body(license_id, ann))

    assert refused(answer) in {(403, "event_not_signed"), (404, "not_found")}
    assert name == "%00" or answer.status_code == 403


def test_one_of_several_signatures_is_enough(product: Product, license_id: UUID, ann: str) -> None:
    content = body(license_id, ann)
    right, wrong = (signed(secret, content, name="m") for secret in (product.secret, new_signing_secret()))
    both = f"v1a,AAAA {wrong['webhook-signature']} {right['webhook-signature']}"

    assert product.post(content, {**right, "webhook-signature": both}).status_code == 204


def test_a_division_of_the_same_text_at_another_dot_is_no_second_event(product: Product) -> None:
    """`id.time.body` is what is signed: with dots in an id the same text would be another event."""
    content = b"1.{}"
    right = signed(product.secret, content, name="m")
    shifted = {**right, "webhook-id": f"m.{right['webhook-timestamp']}", "webhook-timestamp": "1"}

    assert refused(product.post(b"{}", shifted)) == (400, "event_headers_missing")


def test_the_same_event_has_no_second_effect(product: Product, license_id: UUID, ann: str) -> None:
    content = body(license_id, ann)
    headers = signed(product.secret, content)
    product.post(content, headers)
    product.lets(ann, license_id, "manage")

    again = product.post(content, headers)

    assert again.status_code == 204
    assert known() == [(ann, ["manage"])]
    assert heard() == 2


def test_a_name_stands_for_one_event_only(product: Product, license_id: UUID, ann: str) -> None:
    product.lets(ann, license_id, "use", name="msg_1")
    product.lets(ann, license_id, "manage", name="msg_1")

    assert known() == [(ann, ["use"])]


BODIES: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "no JSON": (b"{", {}, 400, "malformed_json"),
    "nothing": (b"", {}, 400, "malformed_json"),
    "NUL": (b'{"type": "\x00"}', {}, 400, "malformed_json"),
    "an escaped NUL": (b'{"type": "\\u0000"}', {}, 400, "malformed_json"),
    "no UTF-8": (b'{"type": "\xff"}', {}, 400, "malformed_json"),
    "a key twice": (b'{"type": "a", "type": "b"}', {}, 400, "malformed_json"),
    "a list": (b"[]", {}, 422, "invalid_input"),
    "a form": (b"type=rights.changed", {"content_type": "application/x-www-form-urlencoded"}, 415, "wrong_media_type"),
    "256 KiB and a byte": (b" " * (256 * 1024 + 1), {}, 413, "too_large"),
    "deep": (b"[" * 1000 + b"]" * 1000, {}, 400, "malformed_json"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_signed_body_that_is_none_is_refused(product: Product, name: str) -> None:
    content, options, status, code = BODIES[name]

    answer = product.post(content, signed(product.secret, content), **options)

    assert refused(answer) == (status, code)
    assert heard() == 0


def test_a_body_of_256_kib_is_read(product: Product, license_id: UUID, ann: str) -> None:
    content = body(license_id, ann).ljust(256 * 1024)

    assert product.send(content).status_code == 204


WRONG: list[dict[str, Any]] = [
    {"type": "rights.added"},
    {"timestamp": "yesterday"},
    {"data": {}},
    {"data": {"license": "x", "account": "y", "rights": []}},
    {"more": 1},
    {"type": "instance.ended"},
    {"type": "rights.replaced"},
    {"data": {"license": str(new_id()), "people": []}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["own"]}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["use"], "expires_at": "2030-01-01"}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["use"], "instance": "Ann Lee's PC"}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["use"], "instance": "a" * 81}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["use"], "instance": "a\n"}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["use"], "instance": None}},
    {"data": {"license": str(new_id()), "account": str(new_id()), "rights": ["use", "use", "use"]}},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_no_event_looks_like_is_refused(
    product: Product, license_id: UUID, ann: str, wrong: dict[str, Any]
) -> None:
    answer = product.send(body(license_id, ann, **wrong))

    assert refused(answer) == (422, "invalid_input")
    assert (known(), heard()) == ([], 0)


@pytest.mark.parametrize("days", [-7, -6, 1])
def test_what_was_so_long_ago_or_is_not_yet_so_is_refused(
    product: Product, license_id: UUID, ann: str, days: int
) -> None:
    said_at = (clock.now() + timedelta(days=days)).isoformat()

    assert refused(product.send(body(license_id, ann, timestamp=said_at))) == (422, "invalid_input")


def test_unknown_accounts_and_licences_are_answered_like_known_ones(
    product: Product, license_id: UUID, ann: str, people: People
) -> None:
    outsider = str(people.account("bob@example.org", service="my-account")["id"])
    contents = [
        body(license_id, ann),
        body(license_id, outsider),
        body(license_id, str(new_id())),
        body(new_id(), ann),
        body(UUID(int=0), str(UUID(int=0))),
    ]

    answers = [product.send(content) for content in contents]

    shown = [(one.status_code, one.data, sorted(set(one.headers.keys()))) for one in answers]
    assert all(one == shown[0] for one in shown), shown
    assert known() == [(ann, ["use"])]


def test_nothing_that_was_said_stands_in_what_is_kept_of_an_event(product: Product, license_id: UUID, ann: str) -> None:
    product.lets(ann, license_id, "use", name="about-ann")

    with db.transaction(reading=True) as session:
        (row,) = session.query(ProductEvent)
        kept = {column.name: str(getattr(row, column.name)) for column in ProductEvent.__table__.columns}
    assert kept["kind"] == "rights.changed"
    assert not [value for value in kept.values() if ann in value or "about-ann" in value]
