"""Job entry points of the privacy ground."""

from suite.kernel import audit, jobs
from suite.privacy import sweeps


@jobs.job("privacy.sweep", lane=jobs.BULK, own_transactions=True)
def sweep() -> None:
    """Delete what is due."""
    sweeps.sweep(daily=False)


@jobs.job("privacy.sweep_daily", lane=jobs.BULK, own_transactions=True)
def sweep_daily() -> None:
    """Delete what is due, what nothing hangs on any more, and what other stores kept long enough."""
    sweeps.sweep()


@jobs.job("audit.seal", lane=jobs.BULK)
def seal_audit() -> None:
    """Put new audit entries into the hash chain."""
    audit.seal()
