"""Asking for a copy of everything held about a person, and following it until it can be fetched."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, select, update

from suite.exports.errors import ExportNotReady, ExportRunning, TooManyExports
from suite.exports.models import FAILED, MADE, MAKING, STAYS, Export
from suite.kernel import audit, clock, db, jobs, limits
from suite.kernel.errors import NotFound
from suite.kernel.ids import new_id
from suite.kernel.limits import Allowance

PER_DAY = Allowance("exports", 10, 24 * 3600, TooManyExports)
GIVEN_UP = timedelta(hours=1)
"""After this long a copy that is not ready is taken for failed, and another may be asked for."""

READY: list[Callable[[UUID, UUID, UUID | None], None]] = []
"""Called in the transaction that finishes a copy, with its number, the person and the request it answers."""


def ask(person_id: UUID, *, language: str, recipient: str | None) -> Export:
    """Ask for a copy of one's own data, so many times a day."""
    limits.take(PER_DAY, str(person_id))
    return one(person_id, begin(person_id, language=language, recipient=recipient))


def begin(person_id: UUID, *, language: str, recipient: str | None = None, request_id: UUID | None = None) -> UUID:
    """Have a copy made in the background; `recipient` is whom the person wants to hand it to."""
    from suite.exports.jobs import make

    now, export_id = clock.now(), new_id()
    db.session.execute(
        update(Export)
        .where(Export.person_id == person_id, Export.state == MAKING, Export.asked_at < now - GIVEN_UP)
        .values(state=FAILED)
    )
    with db.translated({"uq_exports_making": ExportRunning}):
        db.session.execute(
            insert(Export),
            {
                "id": export_id,
                "person_id": person_id,
                "request_id": request_id,
                "recipient": recipient,
                "language": language,
                "asked_at": now,
                "made_at": now,
            },
        )
    jobs.defer(make, export_id=export_id)
    audit.write("export.asked", subject=person_id, handed_over=recipient is not None)
    return export_id


def listed(person_id: UUID) -> list[Export]:
    """Give the copies a person asked for that are still there, newest first."""
    found = db.session.scalars(select(Export).where(Export.person_id == person_id).order_by(Export.id.desc()))
    return [export for export in found if not over(export)]


def one(person_id: UUID, export_id: UUID) -> Export:
    """Give a copy a person asked for."""
    found = db.session.get(Export, export_id)
    if found is None or found.person_id != person_id or over(found):
        raise NotFound
    return found


def ready(person_id: UUID, export_id: UUID) -> Export:
    """Give a copy that can be fetched."""
    found = one(person_id, export_id)
    if found.state != MADE:
        raise ExportNotReady
    return found


def over(export: Export) -> bool:
    """Say whether a copy can be fetched no longer."""
    return STAYS.after(export.made_at) <= clock.now()
