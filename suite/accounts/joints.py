"""Joints at which parts that stand above accounts hang in: what they keep of a registration, what they say to leaving.

A part above is never imported here; it registers once, when its module is imported.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol
from uuid import UUID

from suite.declarations import Field, Service
from suite.kernel import db
from suite.kernel.errors import InvalidInput, Refusal
from suite.kernel.words import marked as _
from suite.privacy import declared

NOT_ASKED = _("This service does not ask for this field.")
MISSING = _("This service needs this field.")


@dataclass(frozen=True)
class Newcomer:
    """Who just became a member of a service, in the transaction that makes them one."""

    person_id: UUID
    membership_id: UUID
    service: str
    email: str = field(repr=False)
    language: str = "en"
    profile: Mapping[str, str] = field(default_factory=dict, repr=False)
    proven_now: bool = False
    """Whether the address was proven in this very act, and not some time ago."""


class Keeper(Protocol):
    """A part that keeps fields of a registration: checks them when they are given, takes them when somebody joins.

    Between the two, what `check` gives is kept sealed with the registration, at most 24 hours.
    """

    fields: tuple[Field, ...]
    refuses: tuple[type[Refusal], ...]

    def check(self, service: Service, given: Mapping[str, str], network: str) -> dict[str, str]:
        """Refuse what is not acceptable; give what has to be kept until the address is proven, and nothing more."""
        ...

    def take(self, newcomer: Newcomer, kept: Mapping[str, str]) -> None:
        """Take what was kept; a refusal leaves the person outside and everything as it was."""
        ...


class Leaving(Enum):
    """How somebody goes: because they want to, which can be refused, or whatever anybody says to it; whoever is blocked
    can do nothing, and has not gone for good.
    """

    WANTED = "wanted"
    FORCED = "forced"
    BLOCKED = "blocked"


Farewell = Callable[[UUID, str | None, Leaving], None]

_keepers: list[Keeper] = []
_farewells: list[Farewell] = []
_refused_to_leavers: list[type[Refusal]] = []


def keep_fields(keeper: Keeper) -> None:
    """Let a part keep fields of registrations."""
    _keepers.append(keeper)


def hear_leaving(farewell: Farewell, *, refuses: Iterable[type[Refusal]]) -> None:
    """Let a part hear that somebody leaves one service, or closes the account (no service), before it happens.

    It is called before anything of the account is locked, so that a company is always locked before its members.
    """
    _farewells.append(farewell)
    _refused_to_leavers.extend(refuses)


def refused_to_joiners() -> Iterable[type[Refusal]]:
    """Give what parts above refuse to who joins, for the API description."""
    return [refusal for keeper in _keepers for refusal in keeper.refuses]


def refused_to_leavers() -> Iterable[type[Refusal]]:
    """Give what parts above refuse to who leaves, for the API description."""
    return _refused_to_leavers


def kept_fields() -> dict[str, Field]:
    """Give the fields that parts above keep, by name."""
    return {kept.name: kept for keeper in _keepers for kept in keeper.fields}


def split(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Take apart what accounts keep and what parts above keep."""
    above = kept_fields()
    return (
        {name: value for name, value in given.items() if name not in above},
        {name: value for name, value in given.items() if name in above},
    )


def wrong(service: Service, given: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give what is missing or not asked for of the fields that parts above keep, with the reason."""
    asked = {ask.field.name: ask.required for ask in service.asked(declared().parts) if ask.field.name in kept_fields()}
    found = [(name, MISSING) for name, needed in asked.items() if needed and not given.get(name)]
    return found + [(name, NOT_ASKED) for name in given if name not in asked]


def refuse(wrong: Iterable[tuple[str, str]]) -> None:
    """Refuse a profile with what is wrong about its fields, all of it in one answer."""
    errors = [{"pointer": f"/profile/{name}", "message": message} for name, message in wrong]
    if errors:
        raise InvalidInput(errors=errors)


def check(service: Service, given: Mapping[str, str], network: str) -> dict[str, str]:
    """Let every part check its fields; a field the service needs must be there, one it does not ask for must not.

    What was counted against guessing is committed: nothing is locked when the service is joined.
    """
    refuse(wrong(service, given))
    kept: dict[str, str] = {}
    for keeper, mine in _shares(given):
        found = keeper.check(service, mine, network)
        if not found.keys() <= mine.keys():
            raise ValueError("A part keeps its own fields of a registration and nothing else; the rest would be lost.")
        kept |= found
    db.settle()
    return kept


def take(newcomer: Newcomer, kept: Mapping[str, str]) -> None:
    """Let every part take what was kept for it."""
    for keeper, mine in _shares(kept):
        try:
            keeper.take(newcomer, mine)
        except Refusal:
            db.session.rollback()  # one that keeps its work would keep an account that never joined
            raise


def say_farewell(person_id: UUID, service: str | None, leaving: Leaving) -> None:
    """Tell every part that somebody is about to go; one may refuse what is only wanted."""
    for farewell in _farewells:
        farewell(person_id, service, leaving)


def _shares(values: Mapping[str, str]) -> Iterable[tuple[Keeper, dict[str, str]]]:
    for keeper in _keepers:
        names = {one.name for one in keeper.fields}
        mine = {name: value for name, value in values.items() if name in names}
        if mine:
            yield keeper, mine
