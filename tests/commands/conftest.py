"""Commands as a person types them, in this process, against the database of the round."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from suite import cli, privacy
from suite.kernel import access, system
from suite.kernel.http import App
from tests.conftest import KEY


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Terminal:
    """Runs commands; variables given as `redis_url="..."` become SUITE_REDIS_URL for this one command."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: dict[str, str]
    ) -> None:
        self._monkeypatch, self._capsys, self._given = monkeypatch, capsys, given

    def __call__(self, *words: str, **variables: str) -> Done:
        """Run one command, and bring the system of the tests back afterwards."""
        before, register = system._system, _register()
        with self._monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("SUITE_")]:
                patch.delenv(name)
            for name, value in {**self._given, **variables}.items():
                patch.setenv(f"SUITE_{name.upper()}", value)
            self._capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                cli.main(list(words))
        self._restore(before, register)
        out, err = self._capsys.readouterr()
        return Done(int(ended.value.code or 0), out, err)

    @staticmethod
    def _restore(before: system.System | None, register: "privacy.Register | None") -> None:
        made = system._system
        if made is not None and made is not before:
            made.database.close()
            made.hashes.close()
        system._system = before
        if register is not None:
            privacy.declare(register)
        access.begin(access.SYSTEM, None)


def _register() -> "privacy.Register | None":
    try:
        return privacy.declared()
    except RuntimeError:
        return None


@pytest.fixture
def terminal(app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Give a terminal on the machine of the running system."""
    settings = app.extensions["suite_system"].settings
    given = {
        "database_url": app.extensions["suite_system"].database.url.render_as_string(hide_password=False),
        "data_folder": str(settings.data_folder),
        "secret_keys": settings.secret_keys,
        "log_level": "error",
    }
    return Terminal(monkeypatch, capsys, given)


@pytest.fixture
def elsewhere(
    tmp_path: "object", monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    """Give a terminal on a machine where nothing was set up yet."""
    yield Terminal(monkeypatch, capsys, {"data_folder": str(tmp_path), "secret_keys": KEY, "log_level": "error"})
    sys.stdout.flush()
