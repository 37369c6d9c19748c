"""A limit that is soon reached."""

import dataclasses
from collections.abc import Iterator

import pytest

from suite.kernel import system
from suite.kernel.http import App
from suite.statistics import views


@pytest.fixture
def three_visits(app: App) -> Iterator[None]:
    """Let a network send three visits an hour."""
    running = system.current()
    system.use(dataclasses.replace(running, settings=dataclasses.replace(running.settings, visit_limit="3/hour")))
    views._limit.cache_clear()
    yield
    views._limit.cache_clear()
    system.use(running)
