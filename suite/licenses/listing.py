"""Licences for staff: by state, product, end and batch, in pages. No list walks a table.

Without a batch every list is walked product by product along an index of that product, each only as far as the page
needs. Of one batch, its index is walked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from suite.kernel import clock
from suite.kernel.paging import LAST, Page, by_time, page, page_by_time
from suite.licenses.models import License, LicenseBatch
from suite.licenses.products import Policy, catalogue
from suite.licenses.terms import State

_STARTED: Final = License.begins_at.is_not(None)
_NOT_VOID: Final = License.voided_at.is_(None)
_BY_END: Final = (State.VALID, State.GRACE, State.EXPIRED)


@dataclass(frozen=True)
class Wanted:
    """Which licences are wanted; the ends are a half-open range."""

    state: State | None = None
    product: str | None = None
    batch: UUID | None = None
    expires_after: datetime | None = None
    expires_before: datetime | None = None

    @property
    def by_end(self) -> bool:
        """Say whether the licences are listed by their ends, the earliest first, or newest first."""
        return self.batch is None and (self.state in _BY_END or (self.ends and self.state is None))

    @property
    def ends(self) -> bool:
        """Say whether only licences with certain ends are wanted."""
        return self.expires_after is not None or self.expires_before is not None


def licenses(wanted: Wanted, *, cursor: str | None, limit: int) -> Page:
    """List licences; those without an end come after all others that are valid."""
    if wanted.state is State.UNUSED and wanted.ends:  # their term has not begun: none has an end
        return Page([], None)
    rows, lanes = select(License).where(*_conditions(wanted)), _lanes(wanted)
    if not wanted.by_end:
        return page(rows, License.id, cursor=cursor, limit=limit, lanes=lanes)
    if wanted.state is State.VALID and not wanted.ends:
        return _valid(rows, lanes, cursor, limit)
    return page_by_time(rows, License.expires_at, License.id, cursor=cursor, limit=limit, lanes=lanes)


def _valid(rows: Select[Any], lanes: list[ColumnElement[bool]], cursor: str | None, limit: int) -> Page:
    """Give a page of those with an end, and when there are no more, of those without."""
    endless = select(License).where(_STARTED, License.expires_at.is_(None), _NOT_VOID)
    if cursor is not None and not by_time(cursor):
        return page(endless, License.id, cursor=cursor, limit=limit, lanes=lanes)
    found = page_by_time(rows, License.expires_at, License.id, cursor=cursor, limit=limit, lanes=lanes)
    if found.next_cursor is not None:
        return found
    room = limit - len(found.rows)
    more = page(endless, License.id, cursor=None, limit=room or 1, lanes=lanes)
    if not room:
        return Page(found.rows, LAST if more.rows else None)
    return Page([*found.rows, *more.rows], more.next_cursor)


def batches(*, cursor: str | None, limit: int) -> Page:
    """List what was issued together, newest first."""
    return page(select(LicenseBatch), LicenseBatch.id, cursor=cursor, limit=limit)


def _lanes(wanted: Wanted) -> list[ColumnElement[bool]]:
    if wanted.batch is not None:
        return [License.batch_id == wanted.batch]
    return [License.product == key for key in ([wanted.product] if wanted.product else sorted(catalogue().products))]


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    now = clock.now()
    if wanted.batch is not None and wanted.product is not None:
        yield License.product == wanted.product
    if wanted.expires_after is not None:
        yield License.expires_at >= wanted.expires_after
    if wanted.expires_before is not None:
        yield License.expires_at < wanted.expires_before
    match wanted.state:
        case State.VOID:
            yield License.voided_at.is_not(None)
        case State.UNUSED:
            yield and_(License.begins_at.is_(None), _NOT_VOID)
        case State.VALID:
            endless = License.expires_at.is_(None) if wanted.batch is not None else false()
            yield and_(_STARTED, or_(License.expires_at > now, endless), _NOT_VOID)
        case State.GRACE:
            yield and_(License.expires_at <= now, License.expires_at >= _first_not_over(now), _NOT_VOID, ~_over(now))
        case State.EXPIRED:
            yield and_(License.expires_at < _last_over(now), _NOT_VOID, _over(now))


def _policies() -> list[Policy]:
    return sorted(catalogue().policies.values(), key=lambda one: one.key)


def _over(now: datetime) -> ColumnElement[bool]:
    """Give the condition that the grace after the end is over: it differs from policy to policy."""
    return or_(
        *(
            and_(License.policy == one.key, License.expires_at >= since, License.expires_at < until)
            for one in _policies()
            for since, until in one.grace.over_at(now)
        )
    )


def _first_not_over(now: datetime) -> datetime:
    return min(one.grace.over_at(now)[0][1] for one in _policies())


def _last_over(now: datetime) -> datetime:
    return max(one.grace.over_at(now)[-1][1] for one in _policies())
