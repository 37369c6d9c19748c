"""Restrictions and objections: what stops a processing that would otherwise be allowed."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from suite.kernel import clock, db, system
from suite.privacy.errors import DataRestricted
from suite.privacy.models import Objection, Restriction


def restrict(person_id: UUID, reason: str) -> None:
    """Let the data of a person be stored and not otherwise used, until `release`; restricting again changes nothing."""
    db.session.execute(
        system.current()
        .database.insert(Restriction)
        .values(person_id=person_id, reason=reason, since=clock.now())
        .on_conflict_do_nothing()
    )


def release(person_id: UUID) -> bool:
    """End a restriction; say whether there was one."""
    ended = db.session.execute(delete(Restriction).where(Restriction.person_id == person_id))
    return ended.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def restricted(person_id: UUID) -> bool:
    """Say whether the data of a person may only be stored."""
    return db.session.scalar(_restriction(person_id)) is not None


def may_be_changed(person_id: UUID) -> None:
    """Refuse to change data that may only be stored (RIG-9)."""
    if restricted(person_id):
        raise DataRestricted


def changeable(person_id: UUID | InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Give the same as a condition, for a statement that changes data and would ask anyway."""
    return ~exists(_restriction(person_id))


def _restriction(person_id: UUID | InstrumentedAttribute[UUID]) -> Select[UUID]:
    return select(Restriction.person_id).where(Restriction.person_id == person_id)


def restriction_of(person_id: UUID) -> Restriction | None:
    """Give the restriction of a person, if there is one."""
    return db.session.get(Restriction, person_id)


def object_to(person_id: UUID, purpose: str, *, overridden: str | None = None) -> None:
    """Record an objection; `overridden` is the code of a reason that outweighs it, with which processing goes on."""
    values = {"overridden": overridden, "at": clock.now()}
    db.session.execute(
        system.current()
        .database.insert(Objection)
        .values(person_id=person_id, purpose=purpose, **values)
        .on_conflict_do_update(index_elements=["person_id", "purpose"], set_=values)
    )


def take_back_objection(person_id: UUID, purpose: str) -> bool:
    """Forget an objection; say whether there was one."""
    ended = db.session.execute(delete(Objection).where(Objection.person_id == person_id, Objection.purpose == purpose))
    return ended.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def objections_of(person_id: UUID) -> list[Objection]:
    """Give what a person objected to, the oldest first."""
    found = select(Objection).where(Objection.person_id == person_id).order_by(Objection.at, Objection.purpose)
    return list(db.session.scalars(found))


def objected(person_id: UUID, purpose: str) -> bool:
    """Say whether an objection stops a purpose."""
    found = select(Objection.person_id).where(
        Objection.person_id == person_id, Objection.purpose == purpose, Objection.overridden.is_(None)
    )
    return db.session.scalar(found) is not None
