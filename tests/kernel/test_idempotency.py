"""Idempotency keys: sent again, answered the same, done once."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Membership, Registration
from suite.kernel import clock, db
from suite.kernel.models import IdempotencyKey
from suite.privacy import sweeps
from tests.people import PASSWORD, People

PATH = "/api/v1/registrations"
BODY = {"service": "my-account", "email": "ann@example.org", "password": PASSWORD}


def register(people: People, key: str, **others: Any) -> Any:
    return people.stranger.post(PATH, json=BODY | others, headers={"Idempotency-Key": key})


def count(table: type) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_request_sent_again_is_answered_the_same_and_done_once(people: People) -> None:
    first, second, third = (register(people, "k1") for _ in range(3))

    assert [one.status_code for one in (first, second, third)] == [202, 202, 202]
    assert first.data == second.data == third.data
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(Registration) == 1


def test_other_keys_are_other_requests(people: People) -> None:
    first, second = register(people, "k1"), register(people, "k2")

    assert first.json["id"] != second.json["id"]
    assert count(Registration) == 2


def test_without_a_key_every_request_counts(people: People) -> None:
    people.register()
    people.register()

    assert (count(Registration), count(IdempotencyKey)) == (2, 0)


def test_a_key_used_for_something_else_is_refused(people: People) -> None:
    register(people, "k1")

    answer = register(people, "k1", email="bob@example.org")

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert count(Registration) == 1


@pytest.mark.parametrize("key", ["", " ", "a" * 129, "k\u00e9y", "a\tb"])
def test_a_key_is_visible_ascii(people: People, key: str) -> None:
    answer = register(people, key)

    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_invalid")
    assert count(Registration) == 0


@pytest.mark.parametrize("key", ["a" * 128, "2f1c-…".replace("…", "~"), "key with blanks"])
def test_any_other_key_is_taken(people: People, key: str) -> None:
    assert register(people, key).status_code == 202


def test_after_a_refusal_the_key_is_free_for_the_mended_request(people: People) -> None:
    refused = register(people, "k1", password="short")
    mended = register(people, "k1")

    assert (refused.status_code, mended.status_code) == (422, 202)


def test_an_answer_belongs_to_the_person_it_was_given_to(people: People) -> None:
    ann, bob = people.member(), people.member("bob@example.org")
    body = {"service": "business-hub", "profile": {"country": "DE"}}

    answers = [one.post("/api/v1/me/services", json=body, headers={"Idempotency-Key": "k1"}) for one in (ann, bob, ann)]

    assert [one.status_code for one in answers] == [201, 201, 201]
    assert answers[0].data == answers[2].data
    assert "Idempotency-Replayed" not in answers[1].headers
    assert count(Membership) == 4


def test_a_stored_answer_opens_only_for_who_is_still_signed_in(people: People) -> None:
    ann = people.member()
    options = {"json": {"service": "cloud-console"}, "headers": {"Idempotency-Key": "k1"}}
    ann.post("/api/v1/me/services", **options)
    ann.delete("/api/v1/sessions/current")

    assert ann.post("/api/v1/me/services", **options).status_code == 401


def test_the_answer_is_kept_encrypted_and_under_no_name(people: People) -> None:
    register(people, "order-7", email="ann@example.org")

    with db.transaction(reading=True) as session:
        row = session.scalars(select(IdempotencyKey)).one()
    assert row.answer is not None
    assert b"expires_at" not in row.answer
    assert "order-7" not in row.key


def test_a_key_is_forgotten_after_a_day(people: People) -> None:
    first = register(people, "k1")
    start = clock.now()

    with clock.at(start + timedelta(hours=23, minutes=59)):
        sweeps.sweep()
        again = register(people, "k1")
    with clock.at(start + timedelta(hours=24, seconds=1)):
        sweeps.sweep()
        later = register(people, "k1")

    assert again.data == first.data
    assert later.json["id"] != first.json["id"]


def test_a_request_whose_server_died_can_be_sent_again_after_a_minute(people: People) -> None:
    register(people, "k1")
    with db.transaction() as session:
        row = session.query(IdempotencyKey).one()
        row.status = row.answer = None
    start = clock.now()

    with clock.at(start + timedelta(seconds=30)):
        busy = register(people, "k1")
    with clock.at(start + timedelta(seconds=61)):
        done = register(people, "k1")

    assert (busy.status_code, busy.json["code"]) == (409, "idempotency_in_progress")
    assert int(busy.headers["Retry-After"]) >= 1
    assert done.status_code == 202
