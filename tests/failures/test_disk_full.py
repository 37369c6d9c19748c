"""A full disk, a file store that cannot be written, a database that goes away: refused cleanly, healed by themselves."""

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from suite.accounts.models import Account, Registration
from suite.kernel import clock, db, system
from suite.kernel.models import Job
from suite.privacy import Person
from tests.failures.crowd import at_once
from tests.failures.peers import free_port
from tests.failures.served import Served
from tests.people import PASSWORD, Outbox, People


def count(table: type) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@contextmanager
def on_every_connection(trouble: str, healthy: str) -> Iterator[None]:
    """Give every connection of the pool a pragma, and take it back at the end."""
    engine = system.current().database.engine

    def hold(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA {trouble}")

    def let_go(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA {healthy}")

    event.listen(engine, "checkout", hold)
    event.listen(engine, "checkin", let_go)
    try:
        yield
    finally:
        event.remove(engine, "checkout", hold)
        event.remove(engine, "checkin", let_go)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let the SQLite file grow no further."""
    with system.current().database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        pages = connection.scalar(text("PRAGMA page_count"))
    with on_every_connection(f"max_page_count={pages}", "max_page_count=4000000000"):
        yield


@contextmanager
def read_only_disk() -> Iterator[None]:
    """Let nothing be written, as after the system found a disk to be failing."""
    with on_every_connection("query_only=ON", "query_only=OFF"):
        yield


@pytest.fixture
def only_sqlite(app: Any) -> None:
    if not system.current().database.sqlite:
        pytest.skip("PostgreSQL keeps its files itself.")


@pytest.fixture
def only_postgresql(app: Any) -> None:
    if system.current().database.sqlite:
        pytest.skip("SQLite has no server that could go away.")


def fill(register: Callable[[int], Any], most: int = 400) -> tuple[int, Any]:
    """Register people until there is no room; give how many were taken and the refusal."""
    for number in range(most):
        answer = register(number)
        if answer.status_code != 202:
            return number, answer
    raise AssertionError("The disk never became full.")


def test_a_full_disk_refuses_whole_requests_and_heals(
    only_sqlite: None, people: People, outbox: Outbox, generous: None
) -> None:
    with full_disk():
        taken, refused = fill(lambda number: people.register(f"person{number}@example.org"))
        again = [people.register(f"other{number}@example.org") for number in range(3)]
        counts = {count(Registration), count(Person), count(Job)}
    healed = people.register("late@example.org")

    taken += sum(answer.status_code == 202 for answer in again)
    assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert {answer.status_code for answer in again} <= {202, 503}
    assert counts == {taken}
    assert healed.status_code == 202
    assert len(outbox.sent) == count(Registration) == taken + 1


def test_on_a_disk_that_takes_no_writes_one_can_still_read(only_sqlite: None, people: People) -> None:
    member = people.member()

    with read_only_disk(), clock.at(clock.now() + timedelta(minutes=6)):
        me = member.get("/api/v1/me")
        ready = people.stranger.get("/readyz")
        refused = people.register("bob@example.org")
    healed = people.register("bob@example.org")

    assert (me.status_code, ready.status_code) == (200, 200)
    assert (refused.status_code, refused.json["code"]) == (503, "unavailable")
    assert healed.status_code == 202


def test_jobs_on_a_full_disk_are_done_when_there_is_room(
    only_sqlite: None, people: People, outbox: Outbox, generous: None
) -> None:
    for number in range(30):
        people.register(f"person{number}@example.org")

    with full_disk():
        fill(_write)
        with contextlib.suppress(DBAPIError):
            outbox.deliver()
        waiting = count(Job)
    with clock.at(clock.now() + timedelta(seconds=70)):
        sent = outbox.sent

    assert waiting > 0
    assert len({message.recipient for message in sent}) == len(sent) == 30
    assert count(Job) == 0


class _Taken:
    status_code = 202


class _Refused:
    status_code = 503


def _write(_number: int) -> Any:
    """Fill what room there is with rows that concern nobody."""
    try:
        with db.transaction() as session:
            session.add_all([Person() for _ in range(200)])
    except DBAPIError:
        return _Refused
    return _Taken


def test_on_a_disk_that_is_really_full_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(room)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("Only root can make a small disk; the test with a page limit covers most of it.")
    served = Served(tmp_path, data_folder=room / "var")
    try:
        served.start()
        taken, refused, later = _fill_and_free(served, room)
        log = served.log()
    finally:
        served.close()
        subprocess.run(["umount", "--lazy", str(room)], check=True)

    assert {answer.code for answer in refused} == {"unavailable"}
    assert later.status == 202
    assert taken
    assert set(taken.values()) == {"resend_too_soon"}, "an acknowledged registration is gone"
    assert "internal_error" not in log


def _fill_and_free(served: Served, room: Path) -> tuple[dict[str, str], list[Any], Any]:
    def register(number: int) -> Any:
        body = {"service": "my-account", "email": f"p{number}@example.org", "password": PASSWORD, "profile": {}}
        return served.ask("POST", "/api/v1/registrations", body, network=f"10.1.{number // 200}.{number % 200 + 1}")

    answers = [register(number) for number in range(3)]
    filler = room / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 4096):
                pass
        except OSError:
            os.fsync(file.fileno())
    for number in range(3, 200):
        answers.append(register(number))
        if sum(answer.status == 503 for answer in answers) == 5:
            break
    filler.unlink()
    later = register(1000)
    taken = [answer.body["id"] for answer in answers if answer.status == 202]
    known = {one: served.ask("POST", f"/api/v1/registrations/{one}/resend").code for one in taken}
    return known, [answer for answer in answers if answer.status != 202], later


def test_a_file_store_that_cannot_be_written_takes_the_server_out_of_service(another_app: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("in the way", encoding="utf-8")
    client = another_app(files_url=f"file://{blocked}/files").test_client()

    before = client.get("/readyz")
    blocked.unlink()
    after = client.get("/readyz")

    assert (before.status_code, before.json["problems"]) == (503, ["files"])
    assert (after.status_code, after.json["problems"]) == (200, [])


def test_a_database_that_cannot_be_reached_is_said_at_once(another_app: Any) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    client = another_app(check_schema=False, database_url=url).test_client()
    body = {"email": "ann@example.org", "password": PASSWORD}

    ready, posted = client.get("/readyz"), client.post("/api/v1/sessions", json=body)

    assert (ready.status_code, ready.json["problems"]) == (503, ["database"])
    assert (posted.status_code, posted.json["code"]) == (503, "unavailable")
    assert int(posted.headers["Retry-After"]) > 0


def _end_all_connections() -> int:
    """Do what a restart of PostgreSQL does to every connection of this database."""
    with db.reading() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(found.scalar() or 0)


def test_a_restart_of_postgresql_costs_one_answer_not_one_per_connection(only_postgresql: None, people: People) -> None:
    member = people.member()
    at_once(
        8, lambda _which: people.stranger.post("/api/v1/sessions", json={"email": "x@example.org", "password": "?"})
    )

    ended = _end_all_connections()
    answers = [member.get("/api/v1/me") for _ in range(20)]
    written = people.register("bob@example.org")

    assert ended >= 3
    assert sum(answer.status_code != 200 for answer in answers) <= 1
    assert {answer.json["code"] for answer in answers if answer.status_code != 200} <= {"unavailable"}
    assert (answers[-1].status_code, written.status_code) == (200, 202)


def test_a_restart_while_many_write_loses_nothing_acknowledged(only_postgresql: None, people: People) -> None:
    def act(which: int) -> Any:
        if which == 0:
            return _end_all_connections()
        return people.register(f"person{which}@example.org")

    answers = at_once(20, act)[1:]
    healed = people.register("late@example.org")

    taken = sum(answer.status_code == 202 for answer in answers)
    assert {answer.status_code for answer in answers} <= {202, 503}
    assert healed.status_code == 202
    assert count(Registration) == count(Person) == taken + 1
    assert count(Account) == 0
