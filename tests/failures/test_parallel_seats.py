"""The last seat is given once, and however devices come and go, no licence is in use more often than it allows."""

import itertools
import random
from collections import Counter

import pytest

from suite.kernel import db
from suite.licenses import activations as in_use
from suite.licenses import seats
from tests.failures.crowd import at_once
from tests.licenses.making import issued
from tests.licenses.using import Product, activations
from tests.people import People

CROWD, OPERATIONS = 200, 600


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
    come_and_go(people, OPERATIONS)


def come_and_go(people: People, operations: int) -> None:
    """Let ten clients connect and release fifteen devices of a licence for five at random; count all the while."""
    license_id, code = issued("endpoint-security", "business-year", seats=4)
    laptop = Product(people.stranger, code, product="endpoint-security")
    counted: list[int] = []

    def client(which: int) -> Counter[int]:
        chance, statuses = random.Random(which), Counter[int]()  # noqa: S311
        for _ in range(operations // 10):
            device = laptop.on(f"device {chance.randrange(15)}")
            answer = device.activate() if chance.random() < 0.6 else device.release()
            statuses[answer.status_code] += 1
            with db.transaction(reading=True):
                counted.append(in_use.in_use(license_id))
        return statuses

    statuses = sum(at_once(10, client), Counter[int]())
    taken = sorted(row.seat for row in activations(license_id) if row.released_at is None)

    assert set(statuses) == {201, 204, 409}
    assert statuses.total() == len(counted) == operations // 10 * 10
    assert 0 <= min(counted) <= max(counted) <= 5
    assert max(counted) == 5
    assert len(set(taken)) == len(taken)
    assert set(taken) <= set(range(1, 6))
    for number in itertools.islice(itertools.count(), 15):
        assert laptop.on(f"device {number}").release().status_code == 204
    assert [row for row in activations(license_id) if row.released_at is None] == []
