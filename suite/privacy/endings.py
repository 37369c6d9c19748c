"""What follows when a service ends for somebody who did not leave it: the module whose rows go hears of it."""

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import Table

Ending = Callable[[UUID, str], None]

_endings: dict[str, Ending] = {}


def service_ends(table: str) -> Callable[[Ending], Ending]:
    """Let a function hear, in the deleting transaction, whose row of a table went with which service."""

    def known(ending: Ending) -> Ending:
        if table in _endings:
            raise ValueError(f"There are two endings of {table}.")
        _endings[table] = ending
        return ending

    return known


def heard(table: Table) -> bool:
    """Say whether somebody wants to hear of it."""
    return table.name in _endings


def tell(table: Table, people: Iterable[UUID], service: str) -> None:
    """Tell that a service is over for people."""
    for person in people:
        _endings[table.name](person, service)
