"""`suite doctor` finds what is wrong, says what to do, and tells no secret."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from suite.commands.doctor import database as database_checks
from suite.commands.doctor.findings import Verdict
from suite.kernel import clock, db, jobs, system
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.models import Job, JobTick
from suite.settings import new_key
from tests import databases
from tests.commands.conftest import Done, Terminal
from tests.failures.peers import certificate, free_port, mail_server
from tests.people import People

PRODUCTION = {
    "environment": "production",
    "public_url": "https://accounts.example.com",
    "mail": "smtp",
    "mail_from": "Accounts <no-reply@example.com>",
    "smtp_host": "127.0.0.1",
    "smtp_security": "none",
    "sms": "off",
}


@pytest.fixture
def terminal(app: App, terminal: Terminal) -> Iterator[Terminal]:
    """Give a terminal on a machine whose database writes as decided."""
    with databases.written_as_decided(app.extensions["suite_system"].database):
        yield terminal


def lines(done: Done, check: str) -> list[str]:
    """Give the lines of one check, each beginning with its verdict."""
    found = [line.split(None, 1) for line in done.out.splitlines() if line.strip()]
    return [f"{parts[0]} {parts[1]}" for parts in found if len(parts) > 1 and parts[1].startswith(check)]


def only_line(done: Done, check: str) -> str:
    (line,) = lines(done, check)
    return line


def test_a_healthy_installation_has_no_failure(terminal: Terminal) -> None:
    with db.transaction() as session:
        session.add(JobTick(name="audit.seal", tick=clock.now()))

    done = terminal("doctor")

    assert "FAIL" not in done.out
    assert done.code == 0
    for check in ("settings", "data folder", "database", "schema", "tables", "durability", "clock", "file store"):
        assert only_line(done, check).startswith("OK")
    assert only_line(done, "worker").startswith("OK")
    assert only_line(done, "keys").startswith("OK")
    assert "sign-ins a second" in only_line(done, "passwords")


def test_the_json_says_the_same(terminal: Terminal) -> None:
    document = json.loads(terminal("doctor", "--json").out)

    assert document["ok"] is True
    assert {check["verdict"] for check in document["checks"]} <= {"OK", "WARN"}
    assert {"check", "verdict", "says"} == set(document["checks"][0])


def test_every_wrong_setting_is_a_failure(elsewhere: Terminal) -> None:
    done = elsewhere("doctor", mail="pigeon", sms="smoke")

    assert done.code == 1
    assert [line.split()[0] for line in lines(done, "settings")] == ["FAIL", "FAIL"]


def test_a_variable_that_is_no_setting_is_pointed_out(terminal: Terminal) -> None:
    done = terminal("doctor", smtp_hots="mail.example.com")

    assert only_line(done, "settings").endswith(
        "SUITE_SMTP_HOTS is no setting and does nothing. Is SUITE_SMTP_HOST meant?"
    )


def test_a_data_folder_that_cannot_be_written_is_a_failure(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = terminal("doctor", data_folder=str(tmp_path / "file"))

    assert done.code == 1
    assert only_line(done, "data folder").startswith("FAIL")
    assert only_line(done, "file store").startswith("FAIL")


def test_a_key_file_that_others_can_read_is_a_failure(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(new_key())
    (tmp_path / "keys").chmod(0o644)

    done = terminal("doctor", data_folder=str(tmp_path))

    assert f"chmod 600 {tmp_path / 'keys'}" in only_line(done, "key file")


def test_a_database_out_of_reach_is_a_failure_and_the_rest_is_still_checked(terminal: Terminal) -> None:
    done = terminal("doctor", database_url=f"postgresql://suite:hush@127.0.0.1:{free_port()}/suite?password=hush")

    assert done.code == 1
    assert only_line(done, "database").startswith("FAIL")
    assert only_line(done, "file store").startswith("OK")
    assert "hush" not in done.out + done.err


def test_an_old_schema_is_a_failure_with_the_command_that_mends_it(elsewhere: Terminal) -> None:
    elsewhere("db", "upgrade", "--to", "0001")

    done = elsewhere("doctor")

    assert (done.code, "run `suite db upgrade`" in only_line(done, "schema")) == (1, True)


def test_a_table_nobody_declared_is_a_failure(app: App, terminal: Terminal) -> None:
    engine = system.current().database.engine
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE secret_list (name VARCHAR(10))"))

    done = terminal("doctor")

    with engine.begin() as connection:
        connection.execute(text("DROP TABLE secret_list"))
    assert (done.code, "'secret_list'" in only_line(done, "tables")) == (1, True)


def test_pragmas_that_are_not_in_force_are_failures(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")

    found = list(database_checks.pragmas(engine))

    engine.dispose()
    assert {finding.verdict for finding in found} == {Verdict.FAIL}
    said = " ".join(finding.says for finding in found)
    assert all(f"PRAGMA {name} is" in said for name in ("journal_mode", "foreign_keys"))


def test_a_server_that_confirms_before_it_has_written_is_a_failure(app: App, terminal: Terminal) -> None:
    url = system.current().database.url
    if system.current().database.sqlite:
        assert only_line(terminal("doctor"), "durability").startswith("OK")
        return
    careless = url.update_query_dict({"options": "-c synchronous_commit=off"})

    done = terminal("doctor", database_url=careless.render_as_string(hide_password=False))

    assert done.code == 1
    assert any("synchronous_commit is off" in line for line in lines(done, "durability"))


def test_a_clock_that_runs_years_behind_is_a_failure(terminal: Terminal) -> None:
    with clock.at(datetime(2001, 1, 1, tzinfo=UTC)):
        done = terminal("doctor")

    assert (done.code, "set the clock" in only_line(done, "clock")) == (1, True)


def test_values_whose_key_is_not_configured_are_a_failure(people: People, terminal: Terminal) -> None:
    people.account("ann@example.org")
    people.register("bob@example.org")
    jobs.run(jobs.claim("here", 1, lanes=(0, 9))[0])

    done = terminal("doctor", secret_keys=new_key())

    assert done.code == 1
    failed = " ".join(lines(done, "keys"))
    assert "accounts.password_hash: 1 sign-ins need a key" in failed
    assert "messages.content: 1 values need a key" in failed


def test_an_old_key_that_nothing_needs_can_be_removed(app: App, terminal: Terminal) -> None:
    given = system.current().settings.secret_keys

    done = terminal("doctor", secret_keys=f"{given},old:{new_key().partition(':')[2]}")

    assert any("Nothing needs key old any more" in line for line in lines(done, "keys"))


def test_mail_is_checked_without_sending_any(terminal: Terminal) -> None:
    with mail_server() as server:
        done = terminal("doctor", mail="smtp", smtp_host="127.0.0.1", smtp_port=str(server.port), smtp_security="none")

    assert only_line(done, "mail").startswith("OK")
    assert (server.taken, server.asked) == ([], 0)


def test_a_mail_server_without_the_wanted_encryption_is_a_failure(terminal: Terminal) -> None:
    with mail_server() as server:
        done = terminal("doctor", mail="smtp", smtp_host="127.0.0.1", smtp_port=str(server.port))

    assert done.code == 1
    assert "SUITE_SMTP_SECURITY" in only_line(done, "mail")


def test_mail_over_tls_is_content_only_with_a_trusted_certificate(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = certificate(tmp_path)
    with mail_server(tls_context=context) as server:
        given = {"mail": "smtp", "smtp_host": "127.0.0.1", "smtp_port": str(server.port)}
        strange = terminal("doctor", **given)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        known = terminal("doctor", **given)

    assert "certificate" in only_line(strange, "mail")
    assert only_line(known, "mail").endswith("answers over TLSv1.3.")


def test_peers_out_of_reach_are_failures(terminal: Terminal) -> None:
    closed = free_port()

    done = terminal(
        "doctor",
        mail="smtp",
        smtp_port=str(closed),
        redis_url=f"redis://:hush@127.0.0.1:{closed}/0",
        smtp_password="hush",
    )

    assert done.code == 1
    assert only_line(done, "mail").startswith("FAIL")
    assert only_line(done, "redis").startswith("FAIL")
    assert "hush" not in done.out + done.err


def test_work_that_nobody_does_is_a_failure(terminal: Terminal) -> None:
    long_ago = clock.now() - timedelta(minutes=10)
    with db.transaction() as session:
        session.add(Job(id=new_id(), name="audit.seal", lane=9, args={}, due_at=long_ago, created_at=long_ago))

    done = terminal("doctor")

    assert (done.code, "1 jobs wait for more than 3 minutes" in only_line(done, "worker")) == (1, True)


def test_a_worker_that_fell_asleep_is_pointed_out(terminal: Terminal) -> None:
    with db.transaction() as session:
        session.add(JobTick(name="audit.seal", tick=clock.now() - timedelta(minutes=30)))

    assert "30 minutes ago" in only_line(terminal("doctor"), "worker")


def test_jobs_and_messages_that_were_given_up_are_pointed_out(people: People, terminal: Terminal) -> None:
    people.register("ann@example.org")
    jobs.run(jobs.claim("here", 1, lanes=(0, 9))[0])
    with db.transaction() as session:
        session.execute(text("UPDATE jobs SET dead_at = created_at"))
        session.execute(text("UPDATE messages SET state = 'failed'"))

    done = terminal("doctor")

    assert "1 jobs were given up" in only_line(done, "dead jobs")
    assert "1 messages were not sent" in only_line(done, "messages")


def test_what_the_notice_lacks_is_a_failure_in_production_only(terminal: Terminal) -> None:
    at_home, for_people = terminal("doctor"), terminal("doctor", **PRODUCTION)

    assert only_line(at_home, "vendor file").startswith("WARN")
    assert only_line(for_people, "vendor file").startswith("FAIL")
    assert "data_protection_officer.email" in only_line(for_people, "vendor file")


def test_no_secret_is_printed(app: App, terminal: Terminal) -> None:
    secrets = {"smtp_password": "hush-smtp", "s3_secret_key": "hush-s3", "twilio_auth_token": "hush-twilio"}

    done = terminal("doctor", "--json", **secrets, twilio_account_sid="AC1", twilio_from="+15550001111", sms="twilio")

    assert "hush" not in done.out
    assert system.current().settings.secret_keys.partition(":")[2] not in done.out
