"""Applications with other settings, on the database of the round."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suite import app as application
from suite.kernel import system
from suite.kernel.http import App
from suite.privacy import declare, declared
from tests.conftest import settings_for
from tests.vendors import complete

Started = Callable[..., App]


@pytest.fixture
def started(app: App, tmp_path: Path) -> Iterator[Started]:
    """Give a way to start the product with other settings; afterwards everything is as before."""
    before, register = system.current(), declared()
    made: list[system.System] = []

    def start(**others: str) -> App:
        others.setdefault("SUITE_VENDOR_FILE", str(complete(tmp_path)))
        other = application.create_app(settings_for(before.settings.database_url, tmp_path, **others))
        other.config["PROPAGATE_EXCEPTIONS"] = False
        made.append(system.current())
        return other

    yield start
    for running in made:
        running.hashes.close()
        running.database.close()
    system.use(before)
    declare(register)
