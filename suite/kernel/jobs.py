"""Background jobs in a table of the same database: deferred in a transaction, run after its commit.

A worker claims due jobs by pushing their `due_at` one lease ahead and putting its name on them; a worker
that dies lets the lease end and another takes over. Arguments are row numbers and code words only.
"""

import random
import threading
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.expression import ColumnElement

from suite.kernel import clock, db, metrics, system
from suite.kernel.ids import new_id
from suite.kernel.log import log
from suite.kernel.models import Job, JobTick

URGENT, NORMAL, BULK = 0, 5, 9
CHANNEL = "suite_jobs"
LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(hours=1)

wake = threading.Event()


class LostLease(Exception):
    """Another worker took the job over; whatever this one would still do must not be done."""


class WorkerDied(Exception):
    """The last allowed try ended with its worker; the job is given up before it takes another one along."""

    code = "worker_died"
    final = True


@dataclass(frozen=True)
class Kind:
    """A kind of job: what runs, in which lane, how often it is tried."""

    name: str
    run: Callable[..., None]
    lane: int = NORMAL
    attempts: int = 8
    lease: timedelta = LEASE
    own_transactions: bool = False


@dataclass(frozen=True)
class Periodic:
    """A job that runs at every multiple of `every`, once over all machines."""

    kind: Kind
    every: timedelta


@dataclass
class Claimed:
    """A job a worker holds."""

    id: UUID
    kind: Kind
    args: dict[str, Any]
    attempts: int
    owner: str
    finished: bool = False


_kinds: dict[str, Kind] = {}
_periodic: dict[str, Periodic] = {}
_running: ContextVar[Claimed | None] = ContextVar("job", default=None)


def job(
    name: str,
    *,
    lane: int = NORMAL,
    attempts: int = 8,
    lease: timedelta = LEASE,
    own_transactions: bool = False,
) -> Callable[[Callable[..., None]], Kind]:
    """Make a function a kind of job, run in one transaction unless it opens its own."""

    def decorate(run: Callable[..., None]) -> Kind:
        if name in _kinds:
            raise ValueError(f"There are two jobs named {name}.")
        _kinds[name] = Kind(name, run, lane, attempts, lease, own_transactions)
        return _kinds[name]

    return decorate


def every(kind: Kind, *, minutes: float) -> None:
    """Run a kind of job periodically."""
    _periodic[kind.name] = Periodic(kind, timedelta(minutes=minutes))


def defer(
    kind: Kind,
    *,
    due_at: datetime | None = None,
    lane: int | None = None,
    dedupe: str | None = None,
    **args: Any,
) -> None:
    """Put a job into the present transaction; with `dedupe`, only one such job waits at a time."""
    now = clock.now()
    row = _row(kind, args, due_at or now, now) | {"dedupe_key": dedupe}
    statement = system.current().database.insert(Job).values(row if lane is None else row | {"lane": lane})
    if dedupe:
        statement = statement.on_conflict_do_nothing(index_elements=[Job.dedupe_key])
    db.session.execute(statement)
    if due_at is None or due_at <= now:
        db.after_commit(tell_workers)


def defer_each(kind: Kind, many: Iterable[dict[str, Any]]) -> None:
    """Put one job per set of arguments into the present transaction, with one statement for all of them."""
    now = clock.now()
    rows = [_row(kind, args, now, now) for args in many]
    if rows:
        db.session.execute(insert(Job), rows)
        db.after_commit(tell_workers)


def _row(kind: Kind, args: dict[str, Any], due_at: datetime, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "name": kind.name,
        "lane": kind.lane,
        "args": {key: str(value) if isinstance(value, UUID) else value for key, value in args.items()},
        "due_at": due_at,
        "attempts": 0,
        "created_at": now,
    }


def tell_workers() -> None:
    """Wake the workers of this process, and those of other machines through PostgreSQL.

    What was committed stays done when nobody can be told: workers look for themselves twice a second.
    """
    wake.set()
    database = system.current().database
    if not database.sqlite:
        try:
            with database.reading.connect() as connection:
                connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
        except SQLAlchemyError as problem:
            log.warning("workers_not_told", exc_info=problem)


def claim(owner: str, limit: int, *, lanes: tuple[int, int]) -> list[Claimed]:
    """Take due jobs of these lanes, urgent ones first; each goes to exactly one worker.

    Kinds this program does not know are left to a worker of another release.
    """
    now = clock.now()
    due = (
        select(Job.id)
        .where(*_due(lanes, now))
        .order_by(Job.lane, Job.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    with db.transaction() as session:
        ids = session.scalars(due).all()
        if not ids:
            return []
        rows = session.execute(
            update(Job)
            .where(Job.id.in_(ids))
            .values(owner=owner, attempts=Job.attempts + 1, due_at=now + LEASE)
            .returning(Job.id, Job.name, Job.args, Job.attempts, Job.lane)
        ).all()
    return [
        Claimed(row.id, _kinds[row.name], row.args, row.attempts, owner)
        for row in sorted(rows, key=lambda one: (one.lane, one.id))
    ]


def _due(lanes: tuple[int, int], now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.dead_at.is_(None), Job.lane.between(*lanes), Job.due_at <= now, Job.name.in_(_kinds)


def release(batch: list[Claimed]) -> None:
    """Give jobs back that were claimed but not begun; the claim does not count as a try."""
    with db.transaction() as session:
        for claimed in batch:
            session.execute(
                update(Job)
                .where(Job.id == claimed.id, Job.owner == claimed.owner)
                .values(owner=None, due_at=clock.now(), attempts=Job.attempts - 1)
            )


def any_due(*, lanes: tuple[int, int]) -> bool:
    """Say, without taking a lock, whether there is anything to claim."""
    due = select(Job.id).where(*_due(lanes, clock.now()))
    with db.reading() as connection:
        return connection.execute(due.limit(1)).first() is not None


def due_count(*, lanes: tuple[int, int] = (0, 9)) -> int:
    """Count due jobs without taking a lock."""
    with db.reading() as connection:
        return (
            connection.scalar(
                select(func.count())
                .select_from(Job)
                .where(Job.dead_at.is_(None), Job.lane.between(*lanes), Job.due_at <= clock.now())
            )
            or 0
        )


def dead_count() -> int:
    """Count jobs that were given up."""
    with db.reading() as connection:
        return connection.scalar(select(func.count()).select_from(Job).where(Job.dead_at.is_not(None))) or 0


def hold(claimed: Claimed) -> None:
    """Prolong the lease before an outside effect; LostLease when another worker has the job."""
    found = db.session.execute(
        update(Job)
        .where(Job.id == claimed.id, Job.owner == claimed.owner)
        .values(due_at=clock.now() + claimed.kind.lease)
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise LostLease


def finish(claimed: Claimed) -> None:
    """Delete a job in the transaction of its effect; LostLease rolls that transaction back."""
    found = db.session.execute(delete(Job).where(Job.id == claimed.id, Job.owner == claimed.owner))
    if found.rowcount != 1:  # type: ignore[attr-defined]
        raise LostLease
    claimed.finished = True


def drop(claimed: Claimed) -> None:
    """Delete a job whose outside effect has happened, whoever holds it by now: it must not happen again."""
    db.session.execute(delete(Job).where(Job.id == claimed.id))
    claimed.finished = True


def running() -> Claimed:
    """Give the job this code runs in."""
    found = _running.get()
    if found is None:
        raise RuntimeError("No job is running here.")
    return found


def run(claimed: Claimed) -> None:
    """Run a claimed job; a failure is retried later with growing waits, at last kept as a dead letter."""
    token = _running.set(claimed)
    try:
        _perform(claimed)
        metrics.JOBS.labels(claimed.kind.name, "done").inc()
    except LostLease:
        metrics.JOBS.labels(claimed.kind.name, "lost").inc()
        log.warning("job_lease_lost", job=claimed.kind.name, job_id=str(claimed.id))
    except Exception as problem:  # noqa: BLE001 - whatever goes wrong is retried and at last shown
        log.warning("job_failed", job=claimed.kind.name, job_id=str(claimed.id), exc_info=problem)
        _retry(claimed, problem)
    finally:
        _running.reset(token)


def _perform(claimed: Claimed) -> None:
    if claimed.attempts > claimed.kind.attempts:
        raise WorkerDied
    if claimed.kind.own_transactions:
        claimed.kind.run(**claimed.args)
        if not claimed.finished:
            with db.transaction():
                finish(claimed)
    else:
        with db.transaction():
            claimed.kind.run(**claimed.args)
            finish(claimed)


def _retry(claimed: Claimed, problem: Exception) -> None:
    """Try again after a growing wait, or after the longer one that the problem names in `wait`."""
    now = clock.now()
    code = getattr(problem, "code", None) or type(problem).__name__
    values: dict[str, Any] = {"owner": None, "problem": str(code)[:80]}
    if getattr(problem, "final", False) or claimed.attempts >= claimed.kind.attempts:
        values["dead_at"] = now
        values["dedupe_key"] = None
    else:
        wait = min(timedelta(seconds=2 ** min(claimed.attempts, 12)), LONGEST_WAIT)
        wait *= random.uniform(0.8, 1.2)  # noqa: S311 - spreads retries, guards nothing
        values["due_at"] = now + max(wait, getattr(problem, "wait", None) or wait)
    metrics.JOBS.labels(claimed.kind.name, "dead" if "dead_at" in values else "failed").inc()
    with db.transaction() as session:
        session.execute(update(Job).where(Job.id == claimed.id, Job.owner == claimed.owner).values(**values))


def dead(kind: Kind, argument: str) -> dict[UUID, UUID]:
    """Give the jobs of a kind that were given up, by the row number in one of their arguments."""
    found = db.session.execute(select(Job.args, Job.id).where(Job.name == kind.name, Job.dead_at.is_not(None)))
    return {UUID(args[argument]): job_id for args, job_id in found}


def revive(job_id: UUID | None = None) -> int:
    """Let dead jobs be tried again; return how many."""
    statement = update(Job).where(Job.dead_at.is_not(None)).values(dead_at=None, attempts=0, due_at=clock.now())
    if job_id is not None:
        statement = statement.where(Job.id == job_id)
    db.after_commit(tell_workers)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def fire_periodic() -> None:
    """Defer periodic jobs whose tick has come; the primary key of the tick lets one machine win."""
    now = clock.now()
    for periodic in _periodic.values():
        seconds = periodic.every.total_seconds()
        tick = datetime.fromtimestamp(now.timestamp() // seconds * seconds, tz=now.tzinfo)
        with db.reading() as connection:
            known = connection.scalar(
                select(JobTick.tick).where(JobTick.name == periodic.kind.name, JobTick.tick == tick)
            )
        if known is not None:
            continue
        with db.transaction() as session:
            won = session.execute(
                system.current()
                .database.insert(JobTick)
                .values(name=periodic.kind.name, tick=tick)
                .on_conflict_do_nothing()
                .returning(JobTick.tick)
            ).first()
            if won is not None:
                defer(periodic.kind, dedupe=f"periodic:{periodic.kind.name}")


def run_due(limit: int = 1000) -> int:
    """Run what is due now, in this thread; for tests, commands and drains. Return how many ran."""
    done = 0
    while done < limit:
        batch = claim("here", 20, lanes=(0, 9))
        if not batch:
            break
        for claimed in batch:
            run(claimed)
            done += 1
    return done
