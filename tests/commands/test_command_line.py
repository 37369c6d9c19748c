"""The command line as a whole: help, exit codes, and a sentence for every mistake of a user."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from suite import cli
from suite.kernel import schema
from tests.commands.conftest import Terminal


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


EVERY_COMMAND = list(commands(cli.suite))


def test_the_help_lists_every_command_with_what_it_does(elsewhere: Terminal) -> None:
    done = elsewhere("--help")

    assert done.code == 0
    for name, (_, says) in cli._COMMANDS.items():
        assert f"{name} " in done.out
        assert says.partition(" ")[0] in done.out


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
def test_every_command_says_what_it_does(elsewhere: Terminal, words: tuple[str, ...]) -> None:
    done = elsewhere(*words, "-h")

    assert done.code == 0
    assert done.out.startswith(f"Usage: suite {' '.join(words)}")
    assert len(done.out.split("\n\n")[1].strip()) > 15


def test_a_command_that_does_not_exist_is_exit_code_2(elsewhere: Terminal) -> None:
    done = elsewhere("dance")

    assert done.code == 2
    assert "No such command 'dance'" in done.err


def test_all_wrong_settings_are_named_together(elsewhere: Terminal) -> None:
    done = elsewhere("privacy", "sweep", mail="pigeon", hash_threads="many", public_url="accounts", sweep_minutes="x")

    assert done.code == 1
    for name in ("SUITE_MAIL", "SUITE_HASH_THREADS", "SUITE_SWEEP_MINUTES"):
        assert name in done.err
    assert "Traceback" not in done.err


def test_a_missing_key_in_production_is_said_with_the_way_to_make_one(elsewhere: Terminal) -> None:
    done = elsewhere("privacy", "sweep", environment="production", secret_keys="")

    assert done.code == 1
    assert "SUITE_SECRET_KEYS: is missing; make a key with `suite keys generate`" in done.err


@pytest.mark.parametrize(
    "words", [("privacy", "sweep"), ("messages", "list"), ("staff", "list"), ("demo",), ("keys", "rotate")]
)
def test_an_old_schema_is_refused_with_the_command_that_mends_it(elsewhere: Terminal, words: tuple[str, ...]) -> None:
    elsewhere("db", "upgrade", "--to", "0001")

    done = elsewhere(*words)

    assert done.code == 1
    assert done.err.strip().endswith(
        f"suite: The database has schema 0001, this program needs {schema.newest()}: run `suite db upgrade`."
    )


def test_a_database_that_was_never_migrated_is_refused(elsewhere: Terminal) -> None:
    done = elsewhere("db", "check")

    assert (done.code, "The database has schema none" in done.err) == (1, True)


def test_after_the_upgrade_the_check_is_content(elsewhere: Terminal) -> None:
    upgraded, checked = elsewhere("db", "upgrade"), elsewhere("db", "check")

    assert upgraded.out == f"The database has schema {schema.newest()}.\n"
    assert (checked.code, checked.out) == (0, "The schema is the newest, and every table is declared.\n")


def test_a_revision_that_does_not_exist_is_one_sentence(elsewhere: Terminal) -> None:
    done = elsewhere("db", "upgrade", "--to", "nonsense")

    assert (done.code, len(done.err.strip().splitlines())) == (1, 1)
    assert "nonsense" in done.err


def test_a_taken_port_is_refused_at_once(elsewhere: Terminal) -> None:
    elsewhere("db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = elsewhere("serve", "--port", str(port))

    assert done.code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in done.err
    assert "--port" in done.err


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("postgresql://nobody:hush@127.0.0.1:1/none", "The database cannot be used"),
        ("postgresql://nobody:hush@127.0.0.1:abc/none", "SUITE_DATABASE_URL: names a port"),
        ("mysql://nobody:hush@127.0.0.1/none", "SUITE_DATABASE_URL: must begin with"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_sentence_without_its_password(
    elsewhere: Terminal, address: str, sentence: str
) -> None:
    done = elsewhere("db", "check", database_url=address)

    assert (done.code, sentence in done.err) == (1, True)
    assert "Traceback" not in done.err
    assert "hush" not in done.err


def test_a_vendor_file_that_is_none_is_a_sentence(elsewhere: Terminal, tmp_path: "object") -> None:
    path = f"{tmp_path}/vendor.toml"
    with open(path, "w") as file:
        file.write("controller = 3\n")

    done = elsewhere("privacy", "catalogue", vendor_file=path)

    assert done.code == 1
    assert done.err.startswith("suite: The vendor file vendor.toml cannot be used: controller.name is missing")


def test_a_mistake_in_a_real_process_ends_with_1_and_no_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "suite.cli", "db", "check"],
        env={"SUITE_MAIL": "pigeon"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "suite: The configuration is not usable:\n  SUITE_MAIL: must be one of inbox, smtp, not 'pigeon'.\n"
    )
