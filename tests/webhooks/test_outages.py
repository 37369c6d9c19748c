"""Connected systems that are down, slow, broken or hostile: nothing is lost, and nobody else waits."""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from suite.kernel import clock, db, metrics, patience
from suite.kernel.models import AuditEntry, Job
from suite.webhooks import conversation
from suite.webhooks.models import Delivery, Endpoint
from tests.failures.crowd import at_once
from tests.failures.peers import certificate, free_port
from tests.people import Outbox, People, SignedIn
from tests.webhooks.conftest import Connected, count, deliver, deliveries, only, tell, work
from tests.webhooks.receivers import Receiver, running

Connect = Callable[..., Connected]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose patience with slow servers after less than a second."""
    monkeypatch.setattr(conversation, "LONGEST", 0.6)
    monkeypatch.setattr(patience, "SLOW", 0.4)
    monkeypatch.setattr(patience, "REST", 1.0)


def job_due_at() -> datetime:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Job.due_at).where(Job.name == "webhooks.deliver")).one()


def row() -> Endpoint:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Endpoint)).one()


def disabled_because() -> list[str]:
    with db.transaction(reading=True) as session:
        facts = session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "webhook.disabled"))
        return [one["because"] for one in facts]


@pytest.mark.parametrize(
    ("trouble", "problem", "status"),
    [
        ({"status": 500}, "http_500", 500),
        ({"status": 404}, "http_404", 404),
        ({"status": 429}, "http_429", 429),
        ({"status": 503}, "http_503", 503),
        ({"status": 304}, "http_304", 304),
        ({"behaviour": "hang"}, "timeout", None),
        ({"behaviour": "drip"}, "timeout", None),
        ({"behaviour": "cut"}, "cut", None),
        ({"behaviour": "nonsense"}, "no_http", None),
        ({"pause": 5.0}, "timeout", None),
    ],
    ids=str,
)
def test_what_ails_one_system_delays_its_events_and_nobody_elses(
    people: People,
    outbox: Outbox,
    connect: Connect,
    receiver: Receiver,
    hurried: None,
    trouble: dict[str, Any],
    problem: str,
    status: int | None,
) -> None:
    with running() as well:
        connect(receiver.url, "service.left")
        connect(well.url, "service.joined")
        for name, value in trouble.items():
            setattr(receiver, name, value)
        tell("service.left")
        tell("service.joined")
        people.register("ann@example.org")

        begun = time.perf_counter()
        deliver()
        took = time.perf_counter() - begun
        delayed, other = deliveries()
        receiver.status, receiver.behaviour, receiver.pause = 204, "answer", 0.0
        receiver.taken.clear()
        deliver(clock.now() + timedelta(seconds=3))

        assert (delayed.state, delayed.problem, delayed.status, delayed.tries) == ("queued", problem, status, 1)
        assert (other.state, len(well.taken)) == ("delivered", 1)
        assert [letter.letter for letter in outbox.sent] == ["confirm_address"]
        assert took < 3
        assert [one.id for one in receiver.taken] == [str(delayed.id)]
        assert {one.state for one in deliveries()} == {"delivered"}


def test_a_system_that_is_down_delays_with_growing_waits_and_loses_nothing(connect: Connect, private: None) -> None:
    port = free_port()
    connect(f"http://127.0.0.1:{port}/hooks")
    now = clock.now()
    with clock.at(now):
        tell()
    deliver(now)

    waits = []
    for _ in range(12):
        due = job_due_at()
        waits.append((due - now).total_seconds())
        now = due
        deliver(now)

    for number, wait in enumerate(waits, 1):
        assert 0.8 * min(2**number, 3600) <= wait <= 1.2 * min(2**number, 3600)
    assert (only().state, only().problem, only().tries) == ("queued", "connect", 13)


def test_what_does_not_arrive_for_a_day_is_given_up_shown_and_can_be_sent_again(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    receiver.status = 500
    failed = metrics.WEBHOOKS.labels("service.joined", "failed")
    before = failed._value.get()
    begun = now = clock.now()
    with clock.at(now):
        tell()
    while count(Job):
        deliver(now)
        now = job_due_at() if count(Job) else now

    shown = staff.get(f"{made.path}/deliveries?state=failed").json["deliveries"]
    receiver.status = 200
    with clock.at(now):
        staff.post(f"{made.path}/deliveries/{only().id}/replay")
    deliver(now)

    assert timedelta(hours=18) < now - begun < timedelta(hours=30)
    assert [(one["state"], one["tries"], one["problem"]) for one in shown] == [("failed", 36, "http_500")]
    assert failed._value.get() == before + 1
    assert (only().state, only().tries, len(receiver.taken)) == ("delivered", 37, 1)


# --- waiting as asked


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("600", 600, 600),
        ("0", 1.6, 2.4),
        ("1", 1.6, 2.4),
        ("999999", 3600, 3600),
        ("99999999999999999999", 1.6, 2.4),
        ("-5", 1.6, 2.4),
        ("soon", 1.6, 2.4),
        ("٦٠٠", 1.6, 2.4),
        ("Sat, 99 Nov 2026 99:99:99 GMT", 1.6, 2.4),
        ("{date}", 899, 900),
        ("Mon, 01 Jan 1990 00:00:00 GMT", 1.6, 2.4),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 3600, 3600),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_system_that_asks_for_time_gets_it_up_to_an_hour(
    connect: Connect, receiver: Receiver, said: str, least: float, most: float, status: int
) -> None:
    connect(receiver.url)
    now = clock.now()
    receiver.status = status
    until = format_datetime(now + timedelta(seconds=900), usegmt=True)
    receiver.answers = {"Retry-After": said.replace("{date}", until).encode().decode("latin-1")}
    with clock.at(now):
        tell()

    deliver(now)

    assert least <= (job_due_at() - now).total_seconds() <= most
    assert (only().state, only().status) == ("queued", status)


def test_a_retry_after_of_other_answers_means_nothing(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    now = clock.now()
    receiver.status, receiver.answers = 500, {"Retry-After": "3000"}
    with clock.at(now):
        tell()

    deliver(now)

    assert (job_due_at() - now).total_seconds() < 3


# --- endpoints that are disabled


def test_an_endpoint_that_says_it_is_gone_is_disabled_at_once(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    receiver.status = 410
    tell()
    tell()

    deliver()
    tell()

    shown = staff.get(made.path).json
    assert (shown["enabled"], shown["disabled_because"]) == (False, "gone")
    assert disabled_because() == ["gone"]
    assert receiver.asked == 1
    assert [(one.state, one.problem) for one in deliveries()] == [
        ("failed", "http_410"),
        ("failed", "endpoint_disabled"),
    ]
    assert count(Job) == 0


def give_up(now: datetime) -> None:
    """Let an event have its last try."""
    with clock.at(now):
        tell()
        with db.transaction() as session:
            session.execute(update(Job).values(attempts=35))
    deliver(now)


def test_an_endpoint_that_nothing_reaches_for_three_days_is_disabled_and_shown(
    staff: SignedIn, connect: Connect, receiver: Receiver
) -> None:
    made = connect(receiver.url)
    receiver.status = 500
    now = clock.now()
    give_up(now)
    since = row().failing_since
    give_up(now + timedelta(days=2, hours=23))
    before = row().enabled

    give_up(now + timedelta(days=3))

    shown = staff.get(made.path).json
    assert since == now
    assert (before, shown["enabled"], shown["disabled_because"]) == (True, False, "failing")
    assert disabled_because() == ["failing"]
    assert {one.state for one in deliveries()} == {"failed"}


def test_one_event_that_arrives_ends_the_count_of_three_days(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    now = clock.now()
    receiver.status = 500
    give_up(now)
    receiver.status = 200
    with clock.at(now + timedelta(days=2)):
        tell()
    deliver(now + timedelta(days=2))
    between = row().failing_since
    receiver.status = 500

    give_up(now + timedelta(days=4))

    assert between is None
    assert (row().enabled, row().failing_since) == (True, now + timedelta(days=4))


def test_a_first_failure_after_a_long_quiet_time_gets_its_day(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    now = clock.now()
    receiver.status = 500
    give_up(now)

    with clock.at(now + timedelta(days=20)):
        tell()
    deliver(now + timedelta(days=20))

    assert row().enabled
    assert deliveries()[-1].state == "queued"


# --- servers that hold on


def test_a_hanging_system_gets_a_rest_and_other_work_goes_on(
    connect: Connect, receiver: Receiver, hurried: None
) -> None:
    connect(receiver.url)
    receiver.behaviour = "hang"
    for _ in range(20):
        tell()

    begun = time.perf_counter()
    deliver()
    took = time.perf_counter() - begun
    problems = Counter(one.problem for one in deliveries())
    tries = Counter(one.tries for one in deliveries())
    receiver.behaviour = "answer"
    time.sleep(1.0)
    deliver(clock.now() + timedelta(seconds=3))

    assert problems.keys() == {"timeout", "server_rests"}
    assert 3 <= problems["timeout"] <= 5  # a busy machine needs longer for the others than the rest takes
    assert tries == {1: problems["timeout"], 0: problems["server_rests"]}
    assert took < 5
    assert {one.state for one in deliveries()} == {"delivered"}


def test_many_hanging_systems_hold_one_worker_at_a_time_once_they_are_known(
    connect: Connect, private: None, hurried: None
) -> None:
    with running() as first, running() as second, running() as third:
        for server in (first, second, third):
            server.behaviour = "hang"
            connect(server.url)
        now = clock.now()
        with clock.at(now):
            tell()
            at_once(2, lambda _which: work())
            known = [server.asked for server in (first, second, third)]
        with clock.at(now + timedelta(seconds=30)):
            for _ in range(3):
                tell()
            begun = time.perf_counter()
            at_once(2, lambda _which: work())
            took = time.perf_counter() - begun

        busy = sum(server.asked for server in (first, second, third)) - sum(known)
        problems = Counter(one.problem for one in deliveries())
        assert known == [1, 1, 1]
        assert took >= busy * 0.55
        assert problems["server_rests"] > 6
        assert busy <= 5


def test_a_slow_body_does_not_undo_an_answer(connect: Connect, receiver: Receiver, hurried: None) -> None:
    connect(receiver.url)
    receiver.behaviour = "drip body"
    tell()

    begun = time.perf_counter()
    deliver()

    assert time.perf_counter() - begun < 2
    assert (only().state, only().status) == ("delivered", 200)


def test_a_huge_answer_is_not_read_and_not_kept(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    receiver.status, receiver.body = 200, b"whsec_" + b"x" * 5_000_000
    tell()

    deliver()

    assert (only().state, only().problem) == ("delivered", None)


def test_an_answer_with_endless_headers_is_no_answer(connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    receiver.status = 200
    receiver.answers = {f"X-{number}": "x" for number in range(200)}
    tell()

    deliver()

    assert (only().state, only().problem) == ("queued", "no_http")


def test_the_thread_of_a_conversation_that_was_left_ends(connect: Connect, receiver: Receiver, hurried: None) -> None:
    connect(receiver.url)
    receiver.behaviour = "drip"
    tell()

    deliver()
    time.sleep(0.3)

    assert [thread.name for thread in threading.enumerate() if thread.name == "webhook"] == []


def test_a_redirect_is_not_followed(connect: Connect, receiver: Receiver) -> None:
    with running() as elsewhere:
        connect(receiver.url)
        for number, status in enumerate((301, 302, 303, 307, 308), 1):
            receiver.status, receiver.answers = status, {"Location": elsewhere.url}
            tell()
            deliver()
            assert deliveries()[-1].problem == f"http_{status}"
            assert receiver.asked == number
        assert (elsewhere.asked, elsewhere.taken, receiver.taken) == (0, [], [])


def test_a_proxy_of_the_environment_is_not_used(
    connect: Connect, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        connect(receiver.url)
        tell()
        deliver()

        assert (proxy.asked, len(receiver.taken)) == (0, 1)


# --- the address that was judged


class Resolver:
    """Answers for one made-up name, with other addresses at every question if wanted, and keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0
        self._known = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if host != "hooks.example.org":
            return self._known(host, port, *args, **options)
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise socket.gaierror(-2, "Name or service not known")
        families = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(families[":" in one], socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["0.0.0.0"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["fe80::1%1"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
    ],
    ids="-".join,
)
def test_a_name_that_leads_into_our_networks_is_refused(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    with running() as inside:
        connect(f"https://hooks.example.org:{inside.port}/hooks")
        Resolver(monkeypatch, addresses)
        tell()
        deliver()

        assert (only().state, only().problem, inside.asked) == ("queued", "address_refused", 0)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "017700000001", "localhost"])
def test_other_ways_to_write_this_machine_are_refused_when_they_were_looked_up(connect: Connect, host: str) -> None:
    with running() as inside:
        connect(f"https://{host}:{inside.port}/hooks")
        tell()
        deliver()

        assert only().problem in {"address_refused", "dns"}
        assert inside.asked == 0


def test_link_local_addresses_are_refused_even_where_private_networks_are_allowed(
    connect: Connect, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("https://hooks.example.org/hooks")
    Resolver(monkeypatch, ["169.254.169.254"])
    tell()

    deliver()

    assert only().problem == "address_refused"


def test_a_name_is_looked_up_once_and_its_second_answer_is_never_used(
    connect: Connect, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("127.0.0.1") as judged, running("127.0.0.2") as other:
        connect(f"http://hooks.example.org:{judged.port}/hooks")
        resolver = Resolver(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        tell()
        deliver()

        assert (resolver.asked, len(judged.taken), other.asked) == (1, 1, 0)
        assert judged.taken[0].headers["host"] == f"hooks.example.org:{judged.port}"


def test_of_several_addresses_the_first_that_answers_is_used(
    connect: Connect, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running("127.0.0.1") as alive:
        connect(f"http://hooks.example.org:{alive.port}/hooks")
        Resolver(monkeypatch, ["::1", "127.0.0.1"])
        tell()
        deliver()

        assert (only().state, len(alive.taken)) == ("delivered", 1)


def test_a_name_nobody_knows_delays_the_event(connect: Connect, private: None, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("https://hooks.example.org/hooks")
    Resolver(monkeypatch, [])
    tell()

    deliver()

    assert (only().state, only().problem) == ("queued", "dns")


def test_a_resolver_that_hangs_is_left_like_a_server(
    connect: Connect, private: None, hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(*_args: Any, **_options: Any) -> Any:
        released.wait(5)
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    with running() as server:
        connect(f"http://hooks.example.org:{server.port}/hooks")
        monkeypatch.setattr(socket, "getaddrinfo", hang)
        tell()
        begun = time.perf_counter()
        deliver()
        took = time.perf_counter() - begun
        released.set()

        assert (only().problem, server.asked) == ("timeout", 0)
        assert took < 2


def test_a_public_address_is_never_spoken_to_in_the_open(
    connect: Connect, private: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("http://hooks.example.org/hooks")
    Resolver(monkeypatch, ["8.8.8.8"])
    tell()

    deliver()

    assert only().problem == "address_refused"


# --- TLS


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Give the server's side of TLS for 127.0.0.1, which we trust."""
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    conversation._trust.cache_clear()
    yield context
    conversation._trust.cache_clear()


def test_tls_protects_the_way_to_a_trusted_server(connect: Connect, private: None, trusted: ssl.SSLContext) -> None:
    with running(context=trusted) as server:
        made = connect(server.url)
        tell()
        deliver()

        assert (only().state, only().problem) == ("delivered", None)
        assert server.taken[0].signed_with(made.secret)


def test_a_certificate_for_another_name_is_refused(
    connect: Connect, private: None, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(context=trusted) as server:
        connect(f"https://hooks.example.org:{server.port}/hooks")
        Resolver(monkeypatch, ["127.0.0.1"])
        tell()
        deliver()

        assert (only().problem, server.asked) == ("tls", 0)


def test_a_certificate_nobody_vouches_for_is_refused(connect: Connect, private: None, tmp_path: Path) -> None:
    conversation._trust.cache_clear()
    with running(context=certificate(tmp_path)[1]) as server:
        connect(server.url)
        tell()
        deliver()

        assert (only().problem, server.asked) == ("tls", 0)


def test_a_server_that_hangs_in_the_handshake_is_left_in_time(connect: Connect, private: None, hurried: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connect(f"https://127.0.0.1:{silent.getsockname()[1]}/hooks")
        tell()
        begun = time.perf_counter()
        deliver()

        assert time.perf_counter() - begun < 2
        assert (only().state, only().problem) == ("queued", "timeout")


# --- our own mistakes


def test_an_event_that_cannot_be_opened_is_kept_and_does_not_stop_the_others(
    connect: Connect, receiver: Receiver
) -> None:
    connect(receiver.url)
    tell()
    with db.transaction() as session:
        session.execute(update(Delivery).values(payload=b"\x01\x02k1garbage"))
    tell()

    deliver()

    broken, other = deliveries()
    assert (broken.state, broken.problem, broken.tries) == ("queued", "sealed_CannotOpen", 0)
    assert other.state == "delivered"
    assert row().failing_since is None


def test_a_lane_of_webhooks_never_comes_before_mail(people: People, connect: Connect, receiver: Receiver) -> None:
    connect(receiver.url)
    tell()
    people.register("ann@example.org")

    with db.transaction(reading=True) as session:
        lanes = dict(session.execute(select(Job.name, Job.lane)).all())  # type: ignore[arg-type]
    assert lanes["webhooks.deliver"] > max(lane for name, lane in lanes.items() if name != "webhooks.deliver")
