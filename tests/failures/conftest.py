"""What several files of this folder use."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from suite import app as application
from suite.accounts import signin, signup
from suite.kernel import system
from suite.kernel.http import App
from tests.conftest import settings_for


@pytest.fixture
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a crowd through whose members share one network and one address."""
    for module, name in (
        (signup, "PER_NETWORK"),
        (signup, "PER_ADDRESS"),
        (signin, "PER_NETWORK"),
        (signin, "PER_ADDRESS_AND_NETWORK"),
        (signin, "PER_ADDRESS"),
    ):
        monkeypatch.setattr(module, name, dataclasses.replace(getattr(module, name), times=1000))


@pytest.fixture
def another_app(app: App, tmp_path: Path) -> Iterator[Callable[..., App]]:
    """Make further applications on the same database, with other settings."""
    first = system.current()
    made: list[system.System] = []

    def make(*, check_schema: bool = True, **others: object) -> App:
        given = {f"SUITE_{name.upper()}": str(value) for name, value in others.items()}
        url = given.pop("SUITE_DATABASE_URL", first.settings.database_url)
        new: Any = application.create_app(settings_for(url, tmp_path, **given), check_schema=check_schema)
        made.append(system.current())
        return new

    yield make
    for one in made:
        one.database.close()
    system.use(first)
