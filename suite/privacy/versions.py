"""Versions of the notice: each one the program ran with is kept, and is told apart by what it showed."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, select

from suite.kernel import clock, db, system
from suite.kernel.errors import NotFound
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.privacy.changes import changes
from suite.privacy.content import content, version_of
from suite.privacy.models import NoticeVersion
from suite.privacy.phrases import Tongue


def publish() -> None:
    """Keep the version this program runs with; of several programs that start at once, one writes it."""
    shown = content()
    row = {"id": new_id(), "hash": version_of(shown), "since": clock.now(), "content": shown}
    with db.transaction() as session:
        session.execute(
            system.current().database.insert(NoticeVersion).values(row).on_conflict_do_nothing(index_elements=["hash"])
        )


def listed(*, cursor: str | None, limit: int) -> Page:
    """Give the versions, newest first."""
    return page(select(NoticeVersion), NoticeVersion.id, cursor=cursor, limit=limit)


def one(version: str) -> NoticeVersion:
    """Give a version by its hash."""
    found: NoticeVersion | None = db.session.scalar(select(NoticeVersion).where(NoticeVersion.hash == version))
    if found is None:
        raise NotFound
    return found


def history(version: str) -> list[tuple[str, datetime]]:
    """Give hash and beginning of a version and of the one before it; nothing when it was never published."""
    return [(row.hash, row.since) for row in db.session.execute(_up_to(version))]


def _up_to(version: str) -> Select[str, datetime]:
    known = select(NoticeVersion.id).where(NoticeVersion.hash == version).scalar_subquery()
    newest_first = select(NoticeVersion.hash, NoticeVersion.since).order_by(NoticeVersion.id.desc())
    return newest_first.where(NoticeVersion.id <= known).limit(2)


@lru_cache(maxsize=64)
def difference(old: str, new: str, language: str) -> tuple[str, ...]:
    """Say what changed between two versions; a hash names one content for ever, so the answer stays right."""
    return tuple(changes(one(old).content, one(new).content, Tongue(language)))
