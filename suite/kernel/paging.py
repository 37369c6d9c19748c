"""Pages of long lists, newest first: a cursor names the last row that was seen.

Row numbers are UUIDs of version 7, which grow with time, so a page begins where the one before ended, however
many rows came or went meanwhile.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import ColumnElement, Select, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from suite.kernel import db
from suite.kernel.errors import InvalidCursor
from suite.kernel.fields import QueryNumber, Schema

_VERSION = 7
_LENGTH = 22
_MOST = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEX = re.compile(r"[0-9a-f]{1,13}")


LAST = "________f_-__________w"
"""The cursor that stands before every row of a list by row number, newest first."""


class PageQuery(Schema):
    """Which part of a list is wanted."""

    cursor = ma.fields.String(
        load_default=None, metadata={"description": "`next_cursor` of the page before; without it, the newest rows."}
    )
    limit = QueryNumber(least=1, most=_MOST, load_default=50, metadata={"description": "Most rows of a page."})


class PageOut(Schema):
    """The base of every answer that is one page of a list."""

    next_cursor = ma.fields.String(
        required=True, allow_none=True, metadata={"description": "Leads to the next page; null on the last one."}
    )


@dataclass(frozen=True)
class Page:
    """Rows of one page, and the cursor of the next one."""

    rows: list[Any]
    next_cursor: str | None


def page(
    rows: Select[Any],
    key: InstrumentedAttribute[UUID],
    *,
    cursor: str | None,
    limit: int,
    lanes: Sequence[ColumnElement[bool]] = (),
) -> Page:
    """Give one page of what `rows` selects, by the row number `key`, newest first.

    Each of the `lanes` is a condition under which an index gives the rows in this order: all are read only as far as
    the page needs, and merged. They must not overlap.
    """
    if cursor is not None:
        rows = rows.where(key < _row(cursor))
    found = _first(rows, lambda of: (getattr(of, key.key).desc(),), limit + 1, lanes)
    shown = found[:limit]
    return Page(shown, _cursor(getattr(shown[-1], key.key)) if len(found) > limit else None)


def _first(
    rows: Select[Any], order: Callable[[Any], Sequence[Any]], limit: int, lanes: Sequence[ColumnElement[bool]]
) -> list[Any]:
    entity = rows.column_descriptions[0]["entity"]
    if len(lanes) > 1:
        parts = (rows.where(lane).order_by(*order(entity)).limit(limit).subquery() for lane in lanes)
        entity = aliased(entity, union_all(*map(select, parts)).subquery(), adapt_on_names=True)
        rows = select(entity)
    else:
        rows = rows.where(*lanes)
    return list(db.session.scalars(rows.order_by(*order(entity)).limit(limit)))


def _cursor(row: UUID) -> str:
    return base64.urlsafe_b64encode(row.bytes).rstrip(b"=").decode()


def _row(cursor: str) -> UUID:
    """Judge a cursor: only what `_cursor` can have written is one."""
    try:
        row = UUID(bytes=base64.urlsafe_b64decode(f"{cursor}==".encode("ascii")))
    except (ValueError, binascii.Error):
        raise InvalidCursor from None
    if len(cursor) != _LENGTH or row.version != _VERSION or _cursor(row) != cursor:
        raise InvalidCursor
    return row


def page_by_time(
    rows: Select[Any],
    moment: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    key: InstrumentedAttribute[UUID],
    *,
    cursor: str | None,
    limit: int,
    lanes: Sequence[ColumnElement[bool]] = (),
) -> Page:
    """Give one page of what `rows` selects, the earliest `moment` first; rows of one moment by their number."""
    if cursor is not None:
        after, row = _place(cursor)
        rows = rows.where(moment >= after, or_(moment > after, key > row))  # the first half is what an index looks up
    found = _first(rows, lambda of: (getattr(of, moment.key), getattr(of, key.key)), limit + 1, lanes)
    shown = found[:limit]
    if len(found) <= limit:
        return Page(shown, None)
    last: datetime = getattr(shown[-1], moment.key)
    microseconds = (last - _EPOCH) // timedelta(microseconds=1)
    return Page(shown, f"{microseconds:x}.{_cursor(getattr(shown[-1], key.key))}")


def by_time(cursor: str) -> bool:
    """Say whether a cursor is of a list by time."""
    return "." in cursor


def _place(cursor: str) -> tuple[datetime, UUID]:
    """Judge a cursor of a list by time."""
    since, _, row = cursor.partition(".")
    if not _HEX.fullmatch(since):
        raise InvalidCursor
    return _EPOCH + timedelta(microseconds=int(since, 16)), _row(row)
