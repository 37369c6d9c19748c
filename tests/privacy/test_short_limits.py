"""The shortest limits hold to the instant, although sweeps run every quarter of an hour (DEC-9)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from suite.kernel import access, clock, db, jobs
from suite.kernel.http import App
from suite.kernel.models import Job
from suite.privacy import sweep_job
from suite.services import SERVICES
from tests.people import Outbox, People
from tests.privacy.rows import count

SECOND, TICK = timedelta(seconds=1), timedelta(minutes=15)


def accounts() -> int:
    with db.transaction(reading=True) as session:
        return count(session, "accounts")


def worker_at(when: object) -> None:
    """Do what a worker does at an instant: put the periodic sweep of that tick, run what is due."""
    access.begin(access.SYSTEM, None)
    with clock.at(when):  # type: ignore[arg-type]
        jobs.fire_periodic()
        jobs.run_due()


@pytest.mark.policy("DEC-9", "MOT-17")
@pytest.mark.parametrize("job_of_the_closing", ["kept", "lost"])
def test_a_day_is_a_day_and_not_a_quarter_of_an_hour_more(
    app: App, people: People, outbox: Outbox, job_of_the_closing: str
) -> None:
    closing = clock.now()
    with clock.at(closing):
        member = people.member(service="motorsport")
        outbox.empty()
        assert member.post("/api/v1/me/closure").status_code == 200
    if job_of_the_closing == "lost":
        with db.transaction() as session:
            session.execute(delete(Job).where(Job.name == sweep_job.name))
    limit = SERVICES["motorsport"].keep.after(closing)

    worker_at(limit - TICK)  # an ordinary sweep, from which the limit is less than an interval away
    worker_at(limit - SECOND)
    before = accounts()
    worker_at(limit)

    assert (before, accounts()) == (1, 0)
