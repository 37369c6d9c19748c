"""Sources: what ends, whom that concerns and what they are told. A module above registers its own, once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from suite.declarations import Service
from suite.messages import Letter


@dataclass(frozen=True)
class Asked:
    """Somebody, and the thing of theirs that is to end."""

    person_id: UUID
    item: UUID


@dataclass(frozen=True)
class Ending:
    """A thing as it is just now: when it ends (None: never), and what the letter says about it.

    `also_to` holds further addresses that the person has proven, each by its row: the letter goes there too, with that
    row as the fact `copy`.
    """

    ends_at: datetime | None
    facts: Mapping[str, str] = field(default_factory=dict)
    also_to: Mapping[UUID, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Source:
    """One kind of thing that ends.

    `rows(service)` selects what may end, with columns labelled `person_id`, `item` and `ends_at`; an index must lead
    to `ends_at`, on which alone the range of ends is put. `letter(service)` is what the people of a service get, None
    where they are not reminded; its purpose decides whether a person may be, and it carries `still_wanted`.
    `now(asked)` tells how the asked things are at this moment; what was removed or voided is left out.

    Besides its own facts a letter is filled with `when` ("in 7 days", "today"), `date` (the day of the end) and
    `service` (its title); the facts of a source have other names.
    """

    about: str
    rows: Callable[[str], Select[Any]]
    letter: Callable[[Service], Letter | None]
    now: Callable[[Sequence[Asked]], Mapping[Asked, Ending]]


_sources: dict[str, Source] = {}


def remind_of(source: Source) -> Source:
    """Make a source known; two for one kind of thing are an error of the program."""
    if source.about in _sources:
        raise ValueError(f"There are two sources of reminders about {source.about}.")
    _sources[source.about] = source
    return source


def every_source() -> Mapping[str, Source]:
    """Give the sources by the kind of thing they are about."""
    return _sources
