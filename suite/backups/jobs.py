"""Job entry points of the backups module."""

from datetime import timedelta

from sqlalchemy import update

from suite.backups import create, listing, shredding
from suite.kernel import db, jobs
from suite.kernel.models import Job

_LONGEST = timedelta(hours=6)


@jobs.job("backups.create", lane=jobs.BULK, attempts=3, lease=_LONGEST, own_transactions=True)
def create_backup() -> None:
    """Make a backup."""
    with db.transaction():
        jobs.hold(jobs.running())
    create.create()


@jobs.job("backups.prune", lane=jobs.BULK, own_transactions=True)
def prune() -> None:
    """Delete backups at their age, and keys nobody belongs to any more."""
    listing.prune()
    shredding.destroy_orphans()


@jobs.job("backups.destroy_keys", own_transactions=True)
def destroy_keys() -> None:
    """Destroy the keys of people and rows that are no more; whatever goes while it runs gets a job of its own."""
    with db.transaction() as session:
        session.execute(update(Job).where(Job.id == jobs.running().id).values(dedupe_key=None))
    shredding.destroy_orphans()
