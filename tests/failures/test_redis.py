"""Traffic limits counted over machines in Redis, and what happens when it is away."""

import random
import select
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from tests import canaries
from tests.failures.peers import free_port

LOCAL = ("127.0.0.1", 6379)
MISSING = (
    "REDIS WAS NOT TESTED: none answers on 127.0.0.1:6379 and there is no redis-server to start. "
    "Install Redis or start one."
)


@pytest.fixture(scope="module")
def redis_server() -> Iterator[tuple[str, int]]:
    """Give the address of a Redis: the one of this machine, or one started for these tests."""
    if _answers(LOCAL):
        yield LOCAL
        return
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(MISSING)
    address = ("127.0.0.1", free_port())
    command = [program, "--port", str(address[1]), "--bind", address[0], "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if _answers(address):
                break
            time.sleep(0.05)
        else:
            pytest.skip(MISSING)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _answers(address: tuple[str, int]) -> bool:
    client = redis.Redis(*address, db=9, socket_connect_timeout=1, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


class Way:
    """The way to Redis: it can be cut, blocked so that nothing answers, and opened again."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self.open, self.silent = True, False
        self._stopped = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        pairs: dict[socket.socket, socket.socket] = {}
        while not self._stopped:
            if not self.open:
                self._cut(pairs)
            ready, _, _ = select.select([self._listener, *([] if self.silent else pairs)], [], [], 0.02)
            for one in ready:
                if one is self._listener:
                    near, far = one.accept()[0], socket.create_connection(self._target)
                    pairs[near], pairs[far] = far, near
                elif one in pairs and not self._pass_on(one, pairs[one]):
                    for end in (one, pairs[one]):
                        pairs.pop(end, None)
                        end.close()
        self._cut(pairs)

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> bool:
        try:
            content = one.recv(65536)
            other.sendall(content)
        except OSError:
            return False
        return bool(content)

    @staticmethod
    def _cut(pairs: dict[socket.socket, socket.socket]) -> None:
        for end in pairs:
            end.close()
        pairs.clear()

    def close(self) -> None:
        self._stopped = True
        self._thread.join(5)
        self._listener.close()


@pytest.fixture
def way(redis_server: tuple[str, int]) -> Iterator[Way]:
    """Give a way to Redis that can be cut."""
    made = Way(redis_server)
    yield made
    made.close()


@pytest.fixture
def visit(app: Any) -> Callable[[Any], int]:
    """Ask an application as one client, whose network no other test uses; give the status."""
    address = ".".join(["10", *(str(random.SystemRandom().randrange(256)) for _ in range(3))])

    def ask(application: Any) -> int:
        answer = application.test_client().get("/openapi.json", environ_overrides={"REMOTE_ADDR": address})
        if answer.status_code == 429:
            assert answer.json["code"] == "too_many_requests"
            assert int(answer.headers["Retry-After"]) > 0
        return int(answer.status_code)

    return ask


@pytest.fixture
def limited(another_app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], Any]]:
    """Make applications that let five requests a minute through, counted in the Redis of a port."""
    made = []

    def make(port: int) -> Any:
        new = another_app(redis_url=f"redis://127.0.0.1:{port}/9", request_limit="5/minute")
        made.append(new)
        return new

    yield make
    for one in made:
        one.extensions["suite_limiter"].storage.storage.close()


def test_two_applications_share_a_limit(limited: Any, visit: Any, way: Way) -> None:
    first, second = limited(way.port), limited(way.port)

    statuses = [visit((first, second)[number % 2]) for number in range(8)]

    assert statuses == [200] * 5 + [429] * 3


def test_without_redis_each_process_counts_for_itself(limited: Any, visit: Any) -> None:
    alone = limited(free_port())

    statuses = [visit(alone) for _ in range(8)]

    assert statuses == [200] * 5 + [429] * 3


def test_a_redis_that_goes_away_and_comes_back_costs_no_answer(limited: Any, visit: Any, way: Way) -> None:
    running = limited(way.port)
    before = [visit(running) for _ in range(2)]

    way.open = False
    time.sleep(0.1)
    without = [visit(running) for _ in range(7)]
    way.open = True
    time.sleep(2.5)
    after = [visit(running) for _ in range(4)]

    assert before == [200, 200]
    assert without == [200] * 5 + [429] * 2
    assert after == [200, 200, 200, 429]


def test_a_redis_that_does_not_answer_delays_nobody_for_long(limited: Any, visit: Any, way: Way) -> None:
    running = limited(way.port)
    visit(running)

    way.silent = True
    begun = time.perf_counter()
    first = visit(running)
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    rest = [visit(running) for _ in range(3)]
    took_rest = time.perf_counter() - begun

    assert (first, rest) == (200, [200] * 3)
    assert took < 1.5
    assert took_rest < 0.5


@pytest.mark.policy("DEC-10")
def test_no_address_of_a_client_stands_in_redis(limited: Any, way: Way, redis_server: tuple[str, int]) -> None:
    running = limited(way.port)
    address = "10.203.117.229"

    running.test_client().get("/openapi.json", environ_overrides={"REMOTE_ADDR": address})

    with redis.Redis(*redis_server, db=9) as client:
        kept = [(key, bytes(key) + (client.dump(key) or b"")) for key in client.scan_iter()]
    assert kept
    assert canaries.found([address], ((str(key), content) for key, content in kept)) == []
