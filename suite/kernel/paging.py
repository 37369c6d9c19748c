"""Pages of long lists, newest first: a cursor names the last row that was seen.

Row numbers are UUIDs of version 7, which grow with time, so a page begins where the one before ended, however
many rows came or went meanwhile.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import marshmallow as ma
from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute

from suite.kernel import db
from suite.kernel.errors import InvalidCursor
from suite.kernel.fields import QueryNumber, Schema

_VERSION = 7
_LENGTH = 22
_MOST = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_HEX = re.compile(r"[0-9a-f]{1,13}")


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


def page(rows: Select[Any], key: InstrumentedAttribute[UUID], *, cursor: str | None, limit: int) -> Page:
    """Give one page of what `rows` selects, by the row number `key`, newest first."""
    if cursor is not None:
        rows = rows.where(key < _row(cursor))
    found = list(db.session.scalars(rows.order_by(key.desc()).limit(limit + 1)))
    shown = found[:limit]
    return Page(shown, _cursor(getattr(shown[-1], key.key)) if len(found) > limit else None)


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
    moment: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    *,
    cursor: str | None,
    limit: int,
) -> Page:
    """Give one page of what `rows` selects, the earliest `moment` first; rows of one moment by their number."""
    if cursor is not None:
        after, row = _place(cursor)
        rows = rows.where(or_(moment > after, and_(moment == after, key > row)))
    found = list(db.session.scalars(rows.order_by(moment, key).limit(limit + 1)))
    shown = found[:limit]
    if len(found) <= limit:
        return Page(shown, None)
    last: datetime = getattr(shown[-1], moment.key)
    microseconds = (last - _EPOCH) // timedelta(microseconds=1)
    return Page(shown, f"{microseconds:x}.{_cursor(getattr(shown[-1], key.key))}")


def _place(cursor: str) -> tuple[datetime, UUID]:
    """Judge a cursor of a list by time."""
    since, _, row = cursor.partition(".")
    if not _HEX.fullmatch(since):
        raise InvalidCursor
    return _EPOCH + timedelta(microseconds=int(since, 16)), _row(row)
