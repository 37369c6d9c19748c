"""`suite privacy`: what a sweep would delete and why, the stop switch, receipts of erasures."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from suite.kernel import clock, db, jobs
from suite.privacy import erase, sweeps
from tests.commands.conftest import Terminal
from tests.privacy.rows import Rows, count

CLOSED = datetime(2025, 1, 31, 12, tzinfo=UTC)


def closed(service: str, at: datetime = CLOSED) -> UUID:
    with db.transaction() as session:
        rows = Rows(session)
        person = rows.person()
        rows.add("accounts", person, closed_at=at)
        rows.add("memberships", person, service=service)
    return person


def left(table: str = "accounts") -> int:
    with db.transaction(reading=True) as session:
        return count(session, table)


def test_a_dry_run_explains_each_row_with_rule_number_and_date(terminal: Terminal) -> None:
    person = closed("business-hub")

    done = terminal("privacy", "sweep", "--dry-run", "--as-of", "2025-02-28T12:00:00")
    early = terminal("privacy", "sweep", "--dry-run", "--as-of", "2025-02-28T11:59:59")

    assert done.code == 0, done.err
    first, *_, last = done.out.splitlines()
    assert first.split() == [
        "2025-02-28", "12:00:00", "UTC", "accounts", str(person),
        *"business-hub: 1 calendar month after the account was closed".split(),
    ]  # fmt: skip
    assert last == "1 rows would be deleted as of 2025-02-28 12:00 UTC."
    assert early.out.splitlines() == ["0 rows would be deleted as of 2025-02-28 11:59 UTC."]
    assert left() == 1


def test_a_sweep_deletes_and_says_how_many(terminal: Terminal) -> None:
    closed("business-hub")

    done = terminal("privacy", "sweep")

    assert (done.code, done.out.splitlines()) == (0, ["1 rows were deleted.", "Deletions are running."])
    assert left("people") == 0


def test_another_instant_is_only_for_dry_runs(terminal: Terminal) -> None:
    assert terminal("privacy", "sweep", "--as-of", "2090-01-01").code == 2


def test_stopped_sweeps_keep_long_limits_and_never_those_of_24_hours(terminal: Terminal) -> None:
    long, short = closed("business-hub"), closed("motorsport")

    stopped = terminal("privacy", "sweep", "stop")
    swept = terminal("privacy", "sweep")

    assert "Deletions have been stopped since" in stopped.out
    assert "1 rows were deleted." in swept.out
    with db.transaction(reading=True) as session:
        assert (count(session, "people", long), count(session, "people", short)) == (1, 0)


def test_after_the_stop_is_lifted_the_rest_goes(terminal: Terminal) -> None:
    closed("business-hub")
    terminal("privacy", "sweep", "stop")
    terminal("privacy", "sweep", "stop")

    resumed = terminal("privacy", "sweep", "resume")
    status = terminal("privacy", "sweep", "status")
    terminal("privacy", "sweep")

    assert resumed.out == status.out == "Deletions are running.\n"
    assert left() == 0


def test_doctor_and_metrics_show_a_stop(terminal: Terminal, people: object) -> None:
    terminal("privacy", "sweep", "stop")

    found = terminal("doctor")
    page = people.stranger.get("/metrics").text  # type: ignore[attr-defined]

    assert found.code == 1
    assert "Deletions have been stopped for" in found.out
    assert "suite_sweeps_stopped 1.0" in page


def test_receipts_are_listed_and_a_changed_one_is_found(terminal: Terminal) -> None:
    for _ in range(3):
        person = closed("business-hub")
        with db.transaction():
            erase([person])
    jobs.run_due()

    listed, whole = terminal("privacy", "receipts", "list"), terminal("privacy", "receipts", "verify")
    with db.transaction() as session:
        session.execute(text("UPDATE tombstones SET facts = '{}' WHERE sequence = 2"))
    broken = terminal("privacy", "receipts", "verify")

    assert listed.out.count("person.erased") == 3
    assert (whole.code, whole.out) == (0, "Receipts that do not fit: 0; not in the chain yet: 0.\n")
    assert (broken.code, broken.out.splitlines()[0]) == (1, "Receipt 2 does not fit the chain.")


# --- limits of a day hold with less than an interval


def test_a_sweep_comes_back_for_a_short_limit_that_ends_before_the_next_one(app: object) -> None:
    closed("motorsport", at=CLOSED)
    limit = CLOSED + timedelta(hours=24)

    with db.transaction(reading=True):
        soon = sweeps.next_short_limit(limit - timedelta(minutes=14), limit + timedelta(minutes=1))
        later = sweeps.next_short_limit(limit - timedelta(minutes=16), limit - timedelta(minutes=1))

    assert (soon, later) == (limit, None)


def test_the_job_of_a_sweep_puts_the_next_one_at_that_limit(app: object) -> None:
    from suite.privacy import sweep_job

    closed("motorsport", at=CLOSED)
    limit = CLOSED + timedelta(hours=24)

    with clock.at(limit - timedelta(minutes=10)):
        sweep_job.run()
        jobs.run_due()
    before = left()
    with clock.at(limit):
        jobs.run_due()

    assert (before, left()) == (1, 0)
