"""Job entry points of the privacy ground."""

from datetime import timedelta

from suite.kernel import audit, clock, db, jobs, system
from suite.privacy import sweeps

_PAUSE = timedelta(minutes=1)


@jobs.job("privacy.sweep", lane=jobs.BULK, own_transactions=True)
def sweep() -> None:
    """Delete what is due, and come back before the next periodic sweep where a short limit ends earlier."""
    sweeps.sweep(daily=False)
    now = clock.now()
    with db.transaction():
        ends = sweeps.next_short_limit(now, now + timedelta(minutes=system.current().settings.sweep_minutes))
        if ends is not None:
            at = max(ends, now + _PAUSE)
            jobs.defer(sweep, due_at=at, dedupe=f"sweep:{at:%Y-%m-%dT%H:%M}")


@jobs.job("privacy.sweep_daily", lane=jobs.BULK, own_transactions=True)
def sweep_daily() -> None:
    """Delete what is due, what nothing hangs on any more, and what other stores kept long enough."""
    sweeps.sweep()


@jobs.job("audit.seal", lane=jobs.BULK)
def seal_audit() -> None:
    """Put new audit entries into the hash chain."""
    audit.seal()
