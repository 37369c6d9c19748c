"""Checks of what runs: keys in use, the worker, work that was given up, the price of a password."""

import os
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select

from suite.commands.doctor.findings import Finding, fail, ok, warn
from suite.kernel import clock, db, sealed, system
from suite.kernel.jobs import dead_count
from suite.kernel.models import Job, JobTick
from suite.kernel.sealed import Use

_LATE = timedelta(minutes=3)
_SLOW_HASH = 0.5


def keys() -> Iterator[Finding]:
    """Check that the key of everything stored is there, and say which keys are left over."""
    ring = system.current().keys
    missing = sealed.homeless(ring)
    for place, count in missing.items():
        lost = "sign-ins" if place.use is Use.PASSWORD else "values"
        yield fail("keys", f"{place.name}: {count} {lost} need a key that is not in SUITE_SECRET_KEYS. Put it back.")
    for key_id in ring.ids[1:]:
        if not sealed.needed(key_id):
            yield warn("keys", f"Nothing needs key {key_id} any more: remove it from SUITE_SECRET_KEYS.")
    waiting = sum(sealed.older_than(ring.primary).values()) - sum(
        count for place, count in missing.items() if place.use is Use.SEALED
    )
    if waiting > 0:
        yield warn("keys", f"{waiting} values are not encrypted with the newest key yet: run `suite keys rotate`.")
    if not missing:
        yield ok("keys", f"New values are encrypted with key {ring.primary}; no key is missing.")


def worker() -> Iterator[Finding]:
    """Check that somebody runs the background jobs, by the newest tick of the periodic ones."""
    from suite.messages.models import QUEUED, Message

    now = clock.now()
    with db.reading() as connection:
        tick = connection.scalar(select(func.max(JobTick.tick)))
        overdue = connection.scalar(
            select(func.count()).select_from(Job).where(Job.dead_at.is_(None), Job.due_at <= now - _LATE)
        )
        queued = connection.scalar(select(func.count()).select_from(Message).where(Message.state == QUEUED))
    start = "start `suite serve` or `suite worker`"
    if overdue:
        yield fail(
            "worker",
            f"{overdue} jobs wait for more than {_LATE.seconds // 60} minutes, and {queued} messages: {start}.",
        )
    elif tick is None:
        yield warn("worker", f"No background job has run in this database yet: {start}.")
    elif now - tick > _LATE:
        yield warn("worker", f"The last periodic job ran {_minutes(now - tick)} minutes ago: {start}.")
    else:
        yield ok("worker", f"The last periodic job ran {(now - tick).seconds} s ago; nothing is late.")


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def given_up() -> Iterator[Finding]:
    """Look for jobs, messages and webhooks that nobody will try again by themselves."""
    from suite.messages.models import FAILED, UNKNOWN, Message
    from suite.webhooks.models import BY_OPERATOR, Delivery, Endpoint
    from suite.webhooks.models import FAILED as NOT_DELIVERED

    with db.reading() as connection:
        failed = connection.scalar(
            select(func.count())
            .select_from(Message)
            .where(Message.state.in_([FAILED, UNKNOWN]), Message.content.is_not(None))
        )
        lost = connection.scalar(select(func.count()).select_from(Delivery).where(Delivery.state == NOT_DELIVERED))
        cut_off = connection.scalar(
            select(func.count()).select_from(Endpoint).where(Endpoint.disabled_because != BY_OPERATOR)
        )
    dead = dead_count()
    if dead:
        yield warn("dead jobs", f"{dead} jobs were given up: see `suite messages jobs`.")
    if failed:
        yield warn(
            "messages", f"{failed} messages were not sent: see `suite messages list --state failed --state unknown`."
        )
    if lost:
        yield warn("webhooks", f"{lost} events did not arrive: see `suite webhooks deliveries --state failed`.")
    if cut_off:
        yield warn("webhooks", f"{cut_off} endpoints were disabled by their failures: see `suite webhooks list`.")
    if not any((dead, failed, lost, cut_off)):
        yield ok("dead jobs", "No job, no message and no webhook was given up.")


def deletions() -> Iterator[Finding]:
    """Check that deletions run and that the receipts of erasures are whole."""
    from suite.privacy import chain, sweeps_stopped_since

    since = sweeps_stopped_since()
    if since is not None:
        yield fail(
            "deletions",
            f"Deletions have been stopped for {_minutes(clock.now() - since)} minutes, so data stay longer than "
            "promised: `suite privacy sweep resume` lets them go on.",
        )
    broken = sum(1 for _ in chain.broken_links())
    if broken:
        yield fail(
            "deletions", f"{broken} receipts of erasures do not fit their chain: `suite privacy receipts verify`."
        )
    if since is None and not broken:
        yield ok("deletions", "Deletions run, and the receipts of erasures are whole.")


def privacy_requests() -> Iterator[Finding]:
    """Check that no request about personal data waits longer than the law allows; whose it is, is not said."""
    from suite.rights import overdue

    late = overdue(clock.now())
    if late:
        yield warn("privacy requests", f"{late} are past their deadline: a privacy officer has to answer them now.")
    else:
        yield ok("privacy requests", "None is past its deadline.")


def hashing() -> Iterator[Finding]:
    """Measure what one password costs on this machine."""
    running = system.current()
    times = []
    for _ in range(3):
        began = time.perf_counter()
        running.hashes.hash("a password to measure with")
        times.append(time.perf_counter() - began)
    took = statistics.median(times)
    threads = min(running.settings.hash_threads, os.cpu_count() or 1)
    rate = threads / took
    says = f"One password takes {took * 1000:.0f} ms; {threads} threads allow about {rate:.0f} sign-ins a second."
    if took > _SLOW_HASH:
        yield warn("passwords", f"{says} That is slow: is this machine busy, or too small?")
    elif running.settings.hash_threads > (os.cpu_count() or 1):
        yield warn("passwords", f"{says} SUITE_HASH_THREADS is more than the processors of this machine.")
    else:
        yield ok("passwords", says)
