"""Job entry points of the reminders module."""

from suite.kernel import db, jobs
from suite.reminders.run import run


@jobs.job("reminders.run", lane=jobs.BULK, own_transactions=True)
def run_reminders() -> None:
    """Plan and send reminders; where more are due than one run sends, come back at once."""
    claimed = jobs.running()
    ran = run(lambda: jobs.hold(claimed))
    if ran.more:
        with db.transaction():
            jobs.defer(run_reminders, dedupe="reminders.more")
