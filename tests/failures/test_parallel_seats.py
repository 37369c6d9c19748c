"""The last seat is given once, and however devices come and go, no licence is in use more often than it allows.

`make seats` does the same with more operations.
"""

import os
import random
from collections import Counter

import pytest
from sqlalchemy import func, select

from suite.kernel import db
from suite.licenses import seats
from suite.licenses.models import Activation
from tests.failures.crowd import at_once
from tests.licenses.making import issued
from tests.licenses.using import Product, activations
from tests.people import People

CROWD, CLIENTS, ROUND = 200, 10, 500
OPERATIONS = int(os.environ.get("SEATS", "500")) // ROUND * ROUND
IN_USE = select(func.count()).select_from(Activation).where(Activation.released_at.is_(None))


@pytest.fixture
def _at_any_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "_FIRST", 1_000_000)


def test_of_two_hundred_who_want_the_last_seat_one_gets_it(people: People) -> None:
    license_id, code = issued("endpoint-security", "business-year", seats=3)
    laptop = Product(people.stranger, code, product="endpoint-security")
    for number in range(3):
        assert laptop.on(f"here {number}").activate().status_code == 201

    answers = at_once(CROWD, lambda which: laptop.on(f"device {which}").activate())

    seen = Counter((answer.status_code, (answer.json or {}).get("code")) for answer in answers)
    assert seen == {(201, None): 1, (409, "no_seat"): CROWD - 1}
    assert sorted(row.seat for row in activations(license_id)) == [1, 2, 3, 4]


def test_the_same_device_many_times_at_once_takes_one_seat(people: People) -> None:
    license_id, code = issued()
    laptop = Product(people.stranger, code)

    answers = at_once(50, lambda _which: laptop.activate())

    assert {(answer.status_code, answer.json["id"]) for answer in answers} == {(201, answers[0].json["id"])}
    assert len(activations(license_id)) == 1


@pytest.mark.usefixtures("_at_any_pace")
def test_devices_come_and_go_and_no_seat_is_taken_twice_or_lost(people: People) -> None:
    license_id, code = issued("endpoint-security", "business-year", seats=4)
    laptop = Product(people.stranger, code, product="endpoint-security")
    statuses, counted = Counter[int](), list[int]()

    for first in range(0, OPERATIONS, ROUND):
        statuses += sum(at_once(CLIENTS, lambda which, of=first: come_and_go(laptop, of + which, counted)), Counter())

    taken = sorted(row.seat for row in activations(license_id) if row.released_at is None)
    assert set(statuses) == {201, 204, 409}
    assert statuses.total() == len(counted) == OPERATIONS
    assert (min(counted) >= 0, max(counted)) == (True, 5)
    assert len(set(taken)) == len(taken)
    assert set(taken) <= set(range(1, 6))
    for number in range(15):
        assert laptop.on(f"device {number}").release().status_code == 204
    assert [row for row in activations(license_id) if row.released_at is None] == []


def come_and_go(laptop: Product, seed: int, counted: list[int]) -> Counter[int]:
    """Connect and release fifteen devices of a licence for four and one more, at random; count all the while."""
    chance, statuses = random.Random(seed), Counter[int]()
    for _ in range(ROUND // CLIENTS):
        device = laptop.on(f"device {chance.randrange(15)}")
        answer = device.activate() if chance.random() < 0.6 else device.release()
        statuses[answer.status_code] += 1
        with db.transaction(reading=True) as session:
            counted.append(session.scalar(IN_USE) or 0)
    return statuses
