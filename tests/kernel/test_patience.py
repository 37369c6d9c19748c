"""Rests for servers that keep work waiting in vain."""

import threading

import pytest

from suite.kernel import patience
from suite.kernel.patience import Patience, Resting


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(patience.time, "monotonic", clock)
    return clock


def fail(server: Patience, seconds: Clock, takes: float = 1.0) -> None:
    with pytest.raises(OSError, match="no"), server.conversation():
        seconds.now += takes
        raise OSError("no")


def succeed(server: Patience, seconds: Clock, takes: float = 0.1) -> None:
    with server.conversation():
        seconds.now += takes


def rests(server: Patience) -> bool:
    try:
        with server.conversation():
            return False
    except Resting:
        return True


def test_three_slow_failures_in_a_row_bring_a_rest_of_ten_seconds(seconds: Clock) -> None:
    server = Patience()
    for _ in range(3):
        fail(server, seconds)

    resting = rests(server)
    seconds.now += 10

    assert resting
    assert not rests(server)


@pytest.mark.parametrize("takes", [0.1, 0.8])
def test_quick_failures_bring_none(seconds: Clock, takes: float) -> None:
    server = Patience()

    for _ in range(10):
        fail(server, seconds, takes)

    assert not rests(server)


def test_a_success_or_a_quick_failure_ends_the_row(seconds: Clock) -> None:
    server = Patience()
    for between in (succeed, fail):
        fail(server, seconds)
        fail(server, seconds)
        between(server, seconds, 0.1)

    fail(server, seconds)
    fail(server, seconds)

    assert not rests(server)


def test_after_a_rest_one_asks_and_the_others_wait(seconds: Clock) -> None:
    server = Patience()
    for _ in range(3):
        fail(server, seconds)
    seconds.now += 10

    with server.conversation():
        others = [rests(server) for _ in range(3)]

    assert others == [True] * 3
    assert not rests(server)


def test_servers_that_were_slow_share_one_turn_and_quick_ones_need_none(seconds: Clock) -> None:
    turn = threading.BoundedSemaphore(1)
    slow, slower, quick, new = (Patience(turn) for _ in range(4))
    succeed(slow, seconds, 2.0)
    fail(slower, seconds, 2.0)
    succeed(quick, seconds)

    with slow.conversation():
        during = [rests(one) for one in (slow, slower, quick, new)]
    after = rests(slower)

    assert during == [True, True, False, False]
    assert not after


def test_a_turn_is_given_back_whatever_happens(seconds: Clock) -> None:
    turn = threading.BoundedSemaphore(1)
    server = Patience(turn)
    succeed(server, seconds, 2.0)
    for _ in range(2):
        fail(server, seconds, 2.0)

    assert turn.acquire(blocking=False)
