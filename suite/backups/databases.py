"""The two databases behind one shape: a snapshot to write, and a load that takes the place of the present one."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

from sqlalchemy import Select

from suite.backups.bundles import Row
from suite.backups.plan import Held
from suite.kernel import system
from suite.kernel.db import Database


class Snapshot(Protocol):
    """A database at one instant; the bundled rows are asked for before the parts."""

    kind: str

    def facts(self) -> dict[str, Any]: ...
    def all(self, statement: Select[Any]) -> Iterator[tuple[Any, ...]]: ...
    def bundled(self, held: Held) -> Iterator[Row]: ...
    def parts(self) -> Iterator[tuple[str, BinaryIO]]: ...


class Load(Protocol):
    """A database being made from a backup; nothing is changed before `take_place`."""

    def part(self, name: str, content: IO[bytes]) -> None: ...
    def rows(self, table: str, lines: Iterable[bytes]) -> None: ...
    def clean(self, statements: Sequence[str]) -> None: ...
    def mark(self, name: str, facts: dict[str, Any]) -> None: ...
    def take_place(self) -> None: ...
    def close(self) -> None: ...


def snapshot(room: Path) -> AbstractContextManager[Snapshot]:
    """Hold this database as it is at one instant."""
    return _module().snapshot(room)  # type: ignore[no-any-return]


def load(room: Path, manifest: dict[str, Any]) -> Load:
    """Begin to bring a backup back."""
    return _module().Load(room, manifest)  # type: ignore[no-any-return]


@contextmanager
def scratch(room: Path) -> Iterator[None]:
    """Let a new and empty database be that of the process for a while; it goes at the end."""
    running = system.current()
    with _module().scratch(room) as url:
        database = Database(url, pool=1)
        settings = replace(running.settings, database_url=url)
        system.use(replace(running, database=database, settings=settings))
        try:
            yield
        finally:
            system.current().database.close()
            system.use(running)


def holds_people() -> bool:
    """Say whether a restore would overwrite anybody."""
    return bool(_module().holds_people())


def clear() -> None:
    """Remove the databases of trials that were killed."""
    _module().clear()


def kind() -> str:
    """Name the kind of this database."""
    return "sqlite" if system.current().database.sqlite else "postgresql"


def _module() -> Any:
    from suite.backups import postgres, sqlite  # psycopg is loaded only where it is used

    return sqlite if system.current().database.sqlite else postgres
