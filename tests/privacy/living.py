"""Many lives in one world: lived together with backups in between, looked at in copies, ended, and searched for."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.backups.create import create
from suite.backups.stores import _Backups
from suite.declarations import Period
from suite.kernel import access, clock, db, jobs, system
from suite.kernel.db import Base
from suite.privacy import sweeps
from suite.services import SERVICES
from tests import canaries
from tests.privacy.copies import copy_of
from tests.privacy.histories import Life
from tests.privacy.life_steps import STEPS, act
from tests.privacy.officials import World, tell_recipients

History = tuple[str, list[str], int]
SOON = (timedelta(), timedelta(hours=25), timedelta(days=8), timedelta(days=40))
"""The last is longer than any service keeps something after the end of an account, and longer than any backup lives."""
LATE = (timedelta(days=400), timedelta(days=710), timedelta(days=735), timedelta(days=800))
"""A year after the last answer, and two years without a sign-in, with the letter a month before."""


def every_step(number: int) -> list[History]:
    """Give so many lives in which everything happens that can happen."""
    names, services = list(STEPS), ("partner-portal", "business-hub", "motorsport", "my-account")
    return [(services[at % len(services)], names[at::number], at) for at in range(number)]


def live_together(world: World, histories: Iterable[History]) -> list[Life]:
    """Let everybody live to the last step; backups are made in the middle and at the end."""
    lives, steps = [], []
    for number, (service, chosen, seed) in enumerate(histories):
        life = Life(world, service, (seed, number))
        life.begin()
        lives.append(life)
        steps.append(chosen)
    for half in (0, 1):
        for life, chosen in zip(lives, steps, strict=True):
            middle = len(chosen) // 2
            for step in chosen[middle:] if half else chosen[:middle]:
                act(life, step)
        world.outbox.empty()
        create()
    return lives


def missing_in_copies(lives: list[Life]) -> list[str]:
    """Say what of somebody stands in a table and not in the copy for that person, or in the copy of somebody else."""
    held = canaries.Search([word for life in lives for word in life.own]).sightings(tables())
    stored: dict[str, set[str]] = {}
    for canary, _, table in held:
        stored.setdefault(canary, set()).add(table)
    wrong = []
    for life in (one for one in lives if _open(one)):
        copy = copy_of(UUID(life.number))
        wrong += [
            f"{one} of {life.number} in {stored[one]}, not in the copy"
            for one in life.own
            if one in stored and one not in copy
        ]
        others = [one for other in lives if other is not life for one in other.canaries]
        wrong += [f"{one} of somebody else in the copy of {life.number}" for one in others if one in copy]
    return wrong


def tables() -> Iterator[canaries.Named]:
    """Give what stands in every table; the development inbox is no part of the product."""
    with db.transaction(reading=True) as session:
        for table in Base.metadata.sorted_tables:
            if table.name != "inbox_messages":
                rows = [value for row in session.execute(select(table)) for value in row]
                yield table.name, b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in rows)


def _open(life: Life) -> bool:
    from suite.accounts.models import Account

    with db.transaction(reading=True) as session:
        account = session.get(Account, UUID(life.number))
        return account is not None and account.closed_at is None


def left_after(lives: list[Life], logged: Callable[[], str]) -> list[str]:
    """End every life and let its limits pass; say what is left where."""
    for life in lives:
        life.end()
    began, left = clock.now(), list[str]()
    _pass(began + SOON[0])
    at_once = [one for one in lives if not one.idle and not one.slow and one.alone and _without_delay(one)]
    left += _readable("at once", (word for life in at_once for word in life.words))
    for wait in SOON[1:]:
        _pass(began + wait)
        if wait == SOON[2]:
            gone = [life for life in lives if not life.idle]
            left += _readable(
                "after a week", (word for life in gone for word in (life.words if life.alone else life.shredded))
            )
            tell_recipients()
    left += _found(lives, "soon", logged())
    for wait in LATE:
        _pass(began + wait)
    return left + _found(lives, "canaries", logged())


def _without_delay(life: Life) -> bool:
    return any(SERVICES[key].keep == Period() for key in life.services)


def _found(lives: list[Life], which: str, logged: str) -> list[str]:
    words = [word for life in lives for word in getattr(life, which)]
    return [f"{which}: {one}" for one in canaries.found(words, (*canaries.everywhere(logged), *tables()))]


def _readable(when: str, words: Iterable[str]) -> list[str]:
    return [f"{one} {when}" for one in canaries.found(words, _Backups().bytes())]


def _pass(instant: Any) -> None:
    """Do what workers do: what is due runs and sweeps."""
    access.begin(access.SYSTEM, None)
    with clock.at(instant):
        jobs.run_due()
        sweeps.sweep()
        jobs.run_due()
        sweeps.forget_freed_pages()


def no_backups() -> None:
    """Forget the keys of another database: every search begins with empty places."""
    from suite.backups import listing, shredding

    for shelf in (listing.place(), shredding.KeyStore().shelf):
        shelf.delete([entry.name for entry in shelf.entries()])
    journal = system.current().journal
    for name in list(journal.names()):
        journal.delete(name)
    for key in list(system.current().files.keys()):
        system.current().files.delete(key)
