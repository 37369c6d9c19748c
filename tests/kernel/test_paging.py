"""Pages: a cursor leads on from the last row that was seen, and only a cursor does."""

import base64
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from suite.kernel import clock, db
from suite.kernel.errors import InvalidCursor
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.kernel.paging import Page, page

KNOWN = uuid.UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


def write(number: int) -> list[uuid.UUID]:
    """Write so many rows; give their numbers, newest first."""
    ids = [new_id() for _ in range(number)]
    with db.transaction() as session:
        for one in ids:
            session.add(AuditEntry(id=one, at=clock.now(), action="test", actor_kind="system", facts={}))
    return ids[::-1]


def read(cursor: str | None = None, limit: int = 3) -> Page:
    with db.transaction(reading=True):
        return page(select(AuditEntry), AuditEntry.id, cursor=cursor, limit=limit)


def read_all(limit: int = 3) -> list[list[uuid.UUID]]:
    pages, cursor = [], None
    while not pages or cursor is not None:
        found = read(cursor, limit)
        pages.append([row.id for row in found.rows])
        cursor = found.next_cursor
    return pages


@pytest.mark.parametrize("number", [0, 1, 3, 4, 6, 7])
def test_the_pages_together_are_the_list_newest_first_and_none_is_empty_but_the_only_one(app: App, number: int) -> None:
    ids = write(number)

    pages = read_all()

    assert [one for found in pages for one in found] == ids
    assert len(pages) == max(1, -(-number // 3))


def test_rows_that_come_and_go_between_two_pages_shift_nothing(app: App) -> None:
    ids = write(6)
    first = read()
    write(4)
    with db.transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id.in_([ids[1], ids[2], ids[4]])))

    second = read(first.next_cursor)

    assert [row.id for row in second.rows] == [ids[3], ids[5]]
    assert second.next_cursor is None


def test_rows_of_one_millisecond_and_of_years_are_in_one_order(app: App) -> None:
    old = KNOWN
    with db.transaction() as session:
        session.add(
            AuditEntry(id=old, at=clock.now() - timedelta(days=1000), action="test", actor_kind="system", facts={})
        )
    ids = write(5)

    assert [one for found in read_all(2) for one in found] == [*ids, old]


def cursor_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "nonsense",
        "%",
        "null",
        "A" * 21,
        "A" * 22,
        "A" * 23,
        "A" * 5000,
        "é" * 22,
        "' OR 1=1 --",
        str(KNOWN),
        KNOWN.hex,
        cursor_of(uuid.UUID(int=0).bytes),
        cursor_of(uuid.UUID("6f1f8a0b-7c4d-4c3b-9d52-019ab0c28a5e").bytes),
        cursor_of(KNOWN.bytes) + "=",
        cursor_of(KNOWN.bytes) + "==",
        cursor_of(KNOWN.bytes)[:-1] + "B",
        " " + cursor_of(KNOWN.bytes),
        cursor_of(KNOWN.bytes) + "\n",
        cursor_of(KNOWN.bytes + b"x"),
        cursor_of(KNOWN.bytes[:15]),
    ],
)
def test_what_no_page_gave_is_no_cursor(app: App, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        read(cursor)


def test_a_cursor_is_good_even_when_its_row_is_gone(app: App) -> None:
    ids = write(4)
    cursor = read().next_cursor
    with db.transaction() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id == ids[2]))

    assert [row.id for row in read(cursor).rows] == [ids[3]]
