"""Places that are no table and hold something about people: each says what it holds, cleans it and ages it.

A module adds its store here; erasures, sweeps, exports and the proof that nothing is left go through all of them.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table


class Store:
    """A place outside the tables; what a store does not say, it does not hold."""

    key: str

    def of(self, person_id: UUID) -> Iterator[str]:
        """Give the names of what is held about a person."""
        return iter(())

    def erase(self, people: Collection[UUID]) -> None:
        """Clean everything about people, in the transaction that deletes them; slow work is left to a job."""

    def swept(self, table: Table) -> None:
        """Hear that a sweep deleted rows of a table, in its transaction."""

    def expire(self, now: datetime) -> int:
        """Delete what is older than declared, outside any transaction; return how many things went."""
        return 0

    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Give everything held, by name, for the search for what should be gone."""
        return iter(())


_stores: dict[str, Store] = {}


def add(store: Store) -> Store:
    """Make a store known."""
    if store.key in _stores:
        raise ValueError(f"There are two stores named {store.key}.")
    _stores[store.key] = store
    return store


def every() -> tuple[Store, ...]:
    """Give all stores."""
    return tuple(_stores.values())
