"""What several files of this folder use."""

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from suite.kernel import system
from suite.kernel.http import App
from suite.kernel.passwords import HashPool
from suite.kernel.secrets import Keyring


@pytest.fixture
def configure(app: App) -> Iterator[Callable[..., None]]:
    """Give the means to run the same system with other settings."""
    before = system.current()

    def use(**changes: object) -> None:
        system.use(dataclasses.replace(before, settings=dataclasses.replace(before.settings, **changes)))

    yield use
    system.use(before)


@pytest.fixture
def running_with(app: App) -> Iterator[Callable[[str], None]]:
    """Restart the system with other keys."""
    before = system.current()
    pools: list[HashPool] = []

    def restart(keys: str) -> None:
        ring = Keyring(keys)
        pools.append(HashPool(ring, 1, 20))
        system.use(dataclasses.replace(before, keys=ring, hashes=pools[-1]))

    yield restart
    system.use(before)
    for pool in pools:
        pool.close()
