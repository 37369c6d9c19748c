"""What several files of this folder use."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from suite.kernel import system
from suite.kernel.http import App


@pytest.fixture
def configure(app: App) -> Iterator[Callable[..., None]]:
    """Give the means to run the same system with other settings."""
    before = system.current()

    def use(**changes: object) -> None:
        system.use(dataclasses.replace(before, settings=dataclasses.replace(before.settings, **changes)))

    yield use
    system.use(before)
