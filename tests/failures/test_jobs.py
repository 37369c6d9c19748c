"""Jobs with many workers, dying workers and transactions that roll back."""

import dataclasses
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import suite
from suite.kernel import clock, db, jobs, metrics, system
from suite.kernel.db import Database
from suite.kernel.models import Job, JobTick, Limit
from suite.kernel.worker import Worker
from tests.failures.crowd import at_once

ALL = (jobs.URGENT, jobs.BULK)


@pytest.fixture
def kind(app: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., jobs.Kind]:
    """Make a kind of job for one test."""

    def make(run: Callable[..., None], name: str = "test.job", **options: Any) -> jobs.Kind:
        made = jobs.Kind(name, run, **options)
        monkeypatch.setitem(jobs._kinds, name, made)
        return made

    return make


@pytest.fixture
def workers(app: Any) -> Iterator[Callable[..., Worker]]:
    """Start workers; stop them at the end."""
    started: list[Worker] = []

    def start(threads: int = 2) -> Worker:
        started.append(Worker(threads))
        started[-1].start()
        return started[-1]

    yield start
    for one in started:
        one.stop(5)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the product's own periodic jobs."""
    monkeypatch.setattr(jobs, "_periodic", {})


def defer(kind: jobs.Kind, times: int = 1, **options: Any) -> None:
    with db.transaction():
        for _ in range(times):
            jobs.defer(kind, **options)


def waiting() -> list[Job]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Job)))


def until(condition: Callable[[], object], seconds: float = 5.0) -> float:
    """Wait for a condition; give how long it took."""
    begun = time.perf_counter()
    while not condition():
        if time.perf_counter() - begun > seconds:
            raise AssertionError("It did not happen in time.")
        time.sleep(0.005)
    return time.perf_counter() - begun


def mark(key: str) -> None:
    """Do something in the transaction of a job that can be seen afterwards."""
    db.session.add(Limit(key=key, used=1, ends_at=clock.now()))
    db.session.flush()


def marks() -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(Limit)) or 0


def test_of_eight_workers_exactly_one_gets_each_job(kind: Any) -> None:
    defer(kind(lambda: None), 100)

    def take_all(which: int) -> list[Any]:
        taken = []
        while batch := jobs.claim(f"worker-{which}", 3, lanes=ALL):
            taken += [claimed.id for claimed in batch]
        return taken

    taken = [job_id for some in at_once(8, take_all) for job_id in some]

    assert len(taken) == len(set(taken)) == 100


def test_urgent_jobs_are_taken_first_and_lanes_kept_apart(kind: Any) -> None:
    for lane in (jobs.BULK, jobs.NORMAL, jobs.URGENT):
        defer(kind(lambda **_args: None), lane=lane, name=lane)

    urgent = jobs.claim("one", 10, lanes=(0, jobs.URGENT))
    rest = jobs.claim("two", 10, lanes=ALL)

    assert [one.args["name"] for one in urgent] == [jobs.URGENT]
    assert [one.args["name"] for one in rest] == [jobs.NORMAL, jobs.BULK]


def test_a_job_whose_worker_died_runs_again_when_the_lease_ends(kind: Any) -> None:
    ran: list[int] = []
    defer(kind(lambda: ran.append(1)))
    jobs.claim("dead", 1, lanes=ALL)

    with clock.at(clock.now() + jobs.LEASE - timedelta(seconds=2)):
        early = jobs.run_due()
    with clock.at(clock.now() + jobs.LEASE):
        late = jobs.run_due()

    assert (early, late, ran) == (0, 1, [1])
    assert waiting() == []


def test_a_worker_that_lost_its_lease_rolls_its_work_back(kind: Any) -> None:
    names = iter(("slow", "quick"))
    defer(kind(lambda: mark(next(names))))
    (slow,) = jobs.claim("slow", 1, lanes=ALL)
    with clock.at(clock.now() + jobs.LEASE):
        (quick,) = jobs.claim("quick", 1, lanes=ALL)

    before = metrics.JOBS.labels("test.job", "lost")._value.get()
    jobs.run(slow)
    after_slow = marks()
    jobs.run(quick)

    assert metrics.JOBS.labels("test.job", "lost")._value.get() == before + 1
    assert (after_slow, marks(), waiting()) == (0, 1, [])


def test_what_a_failed_job_did_is_undone_and_tried_later(kind: Any) -> None:
    def half() -> None:
        mark("half")
        raise ValueError

    defer(kind(half))
    now = clock.now()
    with clock.at(now):
        jobs.run_due()

    (job,) = waiting()
    assert marks() == 0
    assert (job.problem, job.attempts, job.owner, job.dead_at) == ("ValueError", 1, None, None)
    assert timedelta(seconds=1.6) <= job.due_at - now <= timedelta(seconds=2.4)


def test_a_job_that_fails_too_often_is_kept_as_a_dead_letter_and_can_be_revived(kind: Any) -> None:
    def broken() -> None:
        raise ValueError

    defer(kind(broken, attempts=3), dedupe="only")
    now = clock.now()
    for _ in range(5):
        now += timedelta(hours=2)
        with clock.at(now):
            jobs.run_due()
    (dead,) = waiting()
    counted = jobs.dead_count()

    ran: list[int] = []
    kind(lambda: ran.append(1))
    with db.transaction():
        revived = jobs.revive(dead.id)
    jobs.run_due()

    assert (dead.attempts, dead.dedupe_key, counted) == (3, None, 1)
    assert dead.dead_at is not None
    assert (revived, ran, waiting()) == (1, [1], [])


def test_a_job_that_kills_its_workers_is_given_up(kind: Any) -> None:
    ran: list[int] = []
    defer(kind(lambda: ran.append(1), attempts=2))
    now = clock.now()
    for _ in range(2):
        with clock.at(now):
            jobs.claim("dies", 1, lanes=ALL)
        now += jobs.LEASE

    with clock.at(now):
        jobs.run_due()

    (dead,) = waiting()
    assert ran == []
    assert (dead.problem, dead.dead_at) == ("worker_died", now)


def test_only_one_job_of_a_key_waits_even_when_many_ask_at_once(kind: Any) -> None:
    made = kind(lambda: None)

    at_once(8, lambda _which: defer(made, dedupe="only"))
    first = len(waiting())
    jobs.run_due()
    defer(made, dedupe="only")

    assert (first, len(waiting())) == (1, 1)


def test_deferred_work_goes_with_the_transaction_that_rolls_back(kind: Any) -> None:
    told: list[int] = []
    made = kind(lambda: None)

    with pytest.raises(ValueError, match="changed my mind"), db.transaction():
        jobs.defer(made)
        db.after_commit(lambda: told.append(1))
        raise ValueError("changed my mind")

    assert (waiting(), told, jobs.wake.is_set()) == ([], [], False)


def test_those_told_after_a_commit_find_the_connection_free_again(app: Any) -> None:
    pool = system.current().database.engine.pool
    taken: list[int] = []
    before = pool.checkedout()  # type: ignore[attr-defined]

    with db.transaction():
        mark("one")
        db.after_commit(lambda: taken.append(pool.checkedout()))  # type: ignore[attr-defined]

    assert taken == [before]


def test_a_periodic_tick_fires_once_with_many_workers_at_once(
    kind: Any, alone: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = kind(lambda: None, name="test.periodic")
    monkeypatch.setitem(jobs._periodic, made.name, jobs.Periodic(made, timedelta(minutes=15)))
    tick = clock.now().replace(minute=15, second=3, microsecond=0)

    fired = []
    for minutes in (0, 5, 15):
        with clock.at(tick + timedelta(minutes=minutes)):
            at_once(8, lambda _which: jobs.fire_periodic())
            fired.append(jobs.run_due())
    with db.transaction(reading=True) as session:
        ticks = session.scalar(select(func.count()).select_from(JobTick))

    assert (fired, ticks) == ([1, 0, 1], 2)


def test_a_worker_takes_up_new_work_well_within_a_second(kind: Any, workers: Any, alone: None) -> None:
    done = threading.Event()
    made = kind(done.set)
    workers()
    time.sleep(0.2)

    waits = []
    for _ in range(5):
        done.clear()
        begun = time.perf_counter()
        defer(made)
        assert done.wait(5)
        waits.append(time.perf_counter() - begun)
        time.sleep(0.05)

    assert sorted(waits)[2] < 0.25


def test_work_from_another_process_is_taken_up_at_once(kind: Any, workers: Any, alone: None, tmp_path: Path) -> None:
    database = system.current().database
    ran: list[float] = []
    kind(lambda: ran.append(time.monotonic()), name="test.elsewhere")
    workers()
    other = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE],
        env={
            "PATH": os.environ["PATH"],
            "SUITE_DATABASE_URL": database.url.render_as_string(hide_password=False),
            "SUITE_DATA_FOLDER": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    until(lambda: len(ran) == 5)

    deferred = [float(line) for line in other.stdout.split()]
    waits = sorted(done - begun for begun, done in zip(deferred, ran, strict=True))
    assert waits[2] < (0.7 if database.sqlite else 0.2)
    assert waits[4] < 1.0


_ELSEWHERE = """
import time
from suite.app import start
from suite.kernel import db, jobs
start()
kind = jobs.Kind("test.elsewhere", print)
for _ in range(5):
    with db.transaction():
        jobs.defer(kind)
    print(time.monotonic())
    time.sleep(0.3)
"""


def test_two_workers_share_the_work_and_each_job_runs_once(kind: Any, workers: Any, alone: None) -> None:
    ran: list[int] = []
    lock = threading.Lock()

    def note(number: int) -> None:
        with lock:
            ran.append(number)

    made = kind(note)
    with db.transaction():
        for number in range(60):
            jobs.defer(made, number=number)
    workers(3)
    workers(3)

    until(lambda: not waiting(), 15)

    assert sorted(ran) == list(range(60))


def test_a_long_job_does_not_delay_urgent_ones(kind: Any, workers: Any, alone: None) -> None:
    release, done = threading.Event(), threading.Event()
    long = kind(lambda: release.wait(10), name="test.long", own_transactions=True, lane=jobs.BULK)
    urgent = kind(done.set, name="test.urgent", lane=jobs.URGENT)
    workers(2)
    defer(long, 5)
    until(lambda: any(job.owner for job in waiting()))

    begun = time.perf_counter()
    defer(urgent)
    came = done.wait(5)
    took = time.perf_counter() - begun
    release.set()

    assert came
    assert took < 1.0


def test_a_worker_that_stops_finishes_what_runs_and_gives_the_rest_back(kind: Any, workers: Any, alone: None) -> None:
    begun, ran = threading.Event(), []

    def slow() -> None:
        begun.set()
        time.sleep(0.4)
        ran.append(1)

    defer(kind(slow, own_transactions=True), 8)
    worker = workers(2)
    assert begun.wait(5)

    worker.stop()

    rest = waiting()
    assert 1 <= len(ran) <= 2
    assert len(rest) == 8 - len(ran)
    assert all((job.owner, job.attempts) == (None, 0) and job.due_at <= clock.now() for job in rest)
    assert not any(thread.is_alive() for thread in worker._threads if thread.name != "worker-listen")


def test_a_slow_batch_is_shared_with_the_others(kind: Any, alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suite.kernel.worker._BATCH_SECONDS", 0.05)
    defer(kind(lambda: time.sleep(0.1), own_transactions=True), 5)
    worker = Worker(2)

    worker._run(jobs.claim("me", 5, lanes=ALL))

    assert [(job.owner, job.attempts) for job in waiting()] == [(None, 0)] * 4


def test_a_worker_outlives_a_database_that_is_away(kind: Any, workers: Any, alone: None, tmp_path: Path) -> None:
    done = threading.Event()
    made = kind(done.set)
    real = system.current()
    away = Database(f"sqlite:///{tmp_path}" if real.database.sqlite else "postgresql://nobody@127.0.0.1:9/none")
    defer(made)

    system.use(dataclasses.replace(real, database=away))
    workers()
    time.sleep(0.3)
    system.use(real)

    assert done.wait(8)
    away.close()


def test_a_job_of_a_newer_release_is_left_to_a_worker_that_knows_it(kind: Any) -> None:
    defer(jobs.Kind("test.of_tomorrow", lambda: None))

    found, taken = jobs.any_due(lanes=ALL), jobs.claim("today", 5, lanes=ALL)
    ran: list[int] = []
    kind(lambda: ran.append(1), name="test.of_tomorrow")
    jobs.run_due()

    assert (found, taken, ran) == (False, [], [1])


def test_a_fresh_process_knows_every_kind_of_job_from_the_start() -> None:
    written = {
        name
        for path in Path(suite.__file__).parent.rglob("*.py")
        for name in re.findall(r'@jobs\.job\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    }

    known = subprocess.run(
        [sys.executable, "-c", "import suite.app; from suite.kernel import jobs; print(*jobs._kinds)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "messages.deliver" in written
    assert set(known.stdout.split()) == written
