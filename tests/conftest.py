"""One application per database and process; every test starts with empty tables, a fresh outbox and no network."""

import gc
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import segno

from suite import app as application
from suite.kernel import access, jobs, passwords, system
from suite.kernel.http import App
from suite.settings import load
from tests import databases
from tests.memory import Memory
from tests.people import Outbox, People
from tests.tables import empty

DECIDED_COST = passwords.MEMORY_KIB, passwords.ROUNDS
KEY = "test1:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
_LONG = ("failures", "backups", "docs", "clients", "house_rules", "commands", "exports", "privacy", "webhooks")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only", choices=("sqlite", "postgresql"), help="Run database tests on one database only.")


def pytest_configure(config: pytest.Config) -> None:
    """Hash cheaply: most tests need a password and none of them its cost; `test_passwords.py` takes the decided one."""
    passwords.MEMORY_KIB, passwords.ROUNDS = 512, 1
    segno.make_qr = partial(segno.make_qr, mask=0)  # the best of eight masks costs eight times as much
    databases.write_carelessly()
    gc.set_threshold(10_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose tests run long, so that at the end no process waits for another."""
    items.sort(key=lambda item: _LONG.index(folder) if (folder := item.path.parent.name) in _LONG else len(_LONG))


def pytest_collection_finish() -> None:
    """Let no later collection of garbage walk over the tests themselves."""
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        only = metafunc.config.getoption("--only")
        metafunc.parametrize("database", [only] if only else ["sqlite", "postgresql"], indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    for sentence in sorted({line for text_ in skipped for line in _loud(text_)}):
        terminalreporter.section("NOT TESTED", red=True, bold=True)
        terminalreporter.line(sentence)


def _loud(text_: str) -> Iterator[str]:
    """Give the sentences that must not be overlooked; `.ci/run` fails on them."""
    at = text_.find("WAS NOT TESTED")
    if at >= 0:
        start = max(text_.rfind("'", 0, at), text_.rfind(": ", 0, at)) + 1
        yield text_[start:].strip(" '\")")


def settings_for(url: str, folder: Path, **others: str) -> "object":
    """Give settings for a test system."""
    given = {
        "SUITE_DATABASE_URL": url,
        "SUITE_DATA_FOLDER": str(folder),
        "SUITE_SECRET_KEYS": KEY,
        "SUITE_LOG_LEVEL": "error",
        "SUITE_REQUEST_LIMIT": "100000/minute",
        "SUITE_VISIT_LIMIT": "100000/minute",
        "SUITE_PUBLIC_URL": "http://localhost",
        "SUITE_HASH_QUEUE": "200",
    }
    return load(given | others)


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> App:
    """Give the application on the database of the round."""
    return _application(request.param, tmp_path_factory)


_applications: dict[str, App] = {}


def _application(kind: str, folders: pytest.TempPathFactory, own: str = "") -> App:
    """Give the application on a database, made once; with a name of its own it has its own file."""
    if kind + own not in _applications:
        folder = folders.mktemp(kind + own)
        url = databases.migrated_sqlite(folder) if kind == "sqlite" else databases.migrated_postgresql()
        if url is None:
            pytest.skip(databases.MISSING)
        made = application.create_app(settings_for(url, folder))
        made.testing = True
        made.config["PROPAGATE_EXCEPTIONS"] = False
        made.extensions["suite_system"] = system.current()
        made.extensions["test_memory"] = Memory(made)
        _applications[kind + own] = made
    return _applications[kind + own]


@pytest.fixture
def app(database: App) -> Iterator[App]:
    """Give the application with empty tables."""
    running = database.extensions["suite_system"]
    system.use(running)
    access.begin(access.SYSTEM, None)
    empty(running)
    jobs.wake.clear()
    yield database
    access.begin(access.SYSTEM, None)


@pytest.fixture
def outbox(app: App) -> Outbox:
    """Give what would have left."""
    return Outbox(app)


@pytest.fixture
def people(app: App, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> People:
    """Give the maker of accounts and signed-in clients."""
    return People(app, outbox, app.extensions["test_memory"].of_test(monkeypatch))


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Block every address but loopback and local sockets."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if isinstance(address, tuple) and str(host) not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"A test tried to reach {host}.")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
