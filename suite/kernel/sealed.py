"""Where encrypted and keyed values stand, which key each needs, and moving sealed ones to the newest key.

Nothing is listed here: the kinds of the columns say what they hold. A value that belongs to a key says so at
its beginning: sealed values in a header, keyed hashes and password hashes by the key's id before a `.` or `$`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, MetaData, Table, and_, func, literal, not_, or_, select, update
from sqlalchemy.sql.expression import ColumnElement

from suite.declarations import kind_of
from suite.kernel import db, system
from suite.kernel.secrets import CannotOpen, Keyring

_BATCH = 200


class Use(StrEnum):
    """What a key does for a value, and so what is lost with the key."""

    SEALED = "sealed"
    PASSWORD = "password"
    ANSWER = "answer"
    CODE = "code"
    HASH = "hash"


@dataclass(frozen=True)
class Place:
    """A column whose values need a key."""

    column: Column[Any]
    use: Use

    @property
    def table(self) -> Table:
        """The table the column belongs to."""
        return self.column.table

    @property
    def name(self) -> str:
        """Table and column, as `messages.content`."""
        return f"{self.table.name}.{self.column.name}"

    def made_with(self, key_id: str) -> ColumnElement[bool]:
        """Give the condition that a value needs this key."""
        if self.use is Use.CODE:
            first, after = _span(key_id)
            return and_(self.column >= first, self.column < after)
        if self.use is Use.SEALED:
            start: bytes | str = Keyring.header(key_id)
        else:
            start = key_id + ("." if self.use is Use.HASH else "$")
        return func.substr(self.column, 1, len(start)) == literal(start, self.column.type)

    def made_with_none(self, key_ids: Iterable[str]) -> ColumnElement[bool]:
        """Give the condition that a value needs none of these keys; of codes, the gaps between what they made."""
        if self.use is not Use.CODE:
            return not_(or_(*(self.made_with(key_id) for key_id in key_ids)))
        gaps, after = [], ""
        for first, end in sorted(map(_span, key_ids)):
            gaps.append(and_(self.column >= after, self.column < first))
            after = max(after, end)
        return or_(*gaps, self.column >= after)


def _span(key_id: str) -> tuple[str, str]:
    """Give where the hashes made with a key begin, and where what comes after them does, in the order of their bytes.

    There are millions of codes: an index leads to those of one key, which it cannot do for the beginning of a text.
    """
    return key_id + ".", key_id + chr(ord(".") + 1)


def context(table: str, key: object, column: str) -> str:
    """Name the one cell a value is sealed for; anywhere else it cannot be opened."""
    return f"{table}/{key}/{column}"


def places(metadata: MetaData | None = None) -> Iterator[Place]:
    """Give every column whose values need a key, read from the kinds."""
    for table in (metadata or db.Base.metadata).sorted_tables:
        for column in table.columns:
            kind = kind_of(column)
            if kind is None:
                continue
            if kind.name.startswith("sealed_"):
                yield Place(column, Use.SEALED)
            elif kind.name == "password":
                yield Place(column, Use.PASSWORD)
            elif kind.name == "security_answer":
                yield Place(column, Use.ANSWER)
            elif kind.name == "code_hash":
                yield Place(column, Use.CODE)
            elif kind.name in {"credential", "pseudonym"}:
                yield Place(column, Use.HASH)


def needing(key_id: str) -> dict[Place, int]:
    """Count the values that need a key, leaving out places where none does."""
    return _counted(lambda place: place.made_with(key_id))


def older_than(newest: str) -> dict[Place, int]:
    """Count the sealed values that are not under the newest key."""
    return _counted(lambda place: not_(place.made_with(newest)) if place.use is Use.SEALED else None)


def homeless(keys: Keyring) -> dict[Place, int]:
    """Count sealed values, passwords and answers whose key is not configured; they cannot be used."""
    return _counted(lambda place: None if place.use is Use.HASH else place.made_with_none(keys.ids))


def needed(key_id: str) -> bool:
    """Say whether any value needs a key; nothing is counted for that."""
    with db.reading() as connection:
        return any(
            connection.scalar(
                select(literal(1))
                .select_from(place.table)
                .where(place.column.is_not(None), place.made_with(key_id))
                .limit(1)
            )
            for place in places()
        )


def _counted(condition: Callable[[Place], ColumnElement[bool] | None]) -> dict[Place, int]:
    found = {}
    with db.reading() as connection:
        for place in places():
            asked = condition(place)
            if asked is None:
                continue
            count = connection.scalar(
                select(func.count()).select_from(place.table).where(place.column.is_not(None), asked)
            )
            if count:
                found[place] = count
    return found


@dataclass(frozen=True)
class Moved:
    """One batch: how many values were seen, moved to the newest key, and could not be opened."""

    place: Place
    seen: int
    moved: int
    lost: int


def rotate() -> Iterator[Moved]:
    """Seal every older value again with the newest key, a batch per transaction.

    Safe while the server runs: a value that changed meanwhile is left as it is. Can be broken off and begun
    again at any time, because only values not yet moved are looked at.
    """
    for place in places():
        if place.use is not Use.SEALED:
            continue
        last: object = None
        while rows := _older(place, last):
            yield _move(place, rows)
            last = rows[-1][0]


def _key_column(place: Place) -> Column[Any]:
    (key,) = place.table.primary_key.columns
    return key


def _older(place: Place, after: object) -> list[tuple[Any, bytes]]:
    key = _key_column(place)
    statement = select(key, place.column).where(
        place.column.is_not(None), not_(place.made_with(system.current().keys.primary))
    )
    if after is not None:
        statement = statement.where(key > after)
    with db.reading() as connection:
        return [(row[0], row[1]) for row in connection.execute(statement.order_by(key).limit(_BATCH))]


def _move(place: Place, rows: list[tuple[Any, bytes]]) -> Moved:
    keys, key, column = system.current().keys, _key_column(place), place.column
    fresh: list[tuple[Any, bytes, bytes]] = []
    for row, sealed in rows:
        cell = context(place.table.name, row, column.name)
        try:
            fresh.append((row, sealed, keys.seal(keys.open(sealed, cell), cell)))
        except CannotOpen:
            continue
    moved = 0
    with db.transaction() as session:
        for row, before, after in fresh:
            changed = session.execute(
                update(place.table).where(and_(key == row, column == before)).values({column.name: after})
            )
            moved += int(changed.rowcount)  # type: ignore[attr-defined]
    return Moved(place, len(rows), moved, len(rows) - len(fresh))
