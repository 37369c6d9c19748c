"""The ledger of disclosures: who got which kinds of data about a person, for what and when."""

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, select

from suite.declarations import Recipient
from suite.declarations.purposes import PURPOSES
from suite.kernel import clock, db, system
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.privacy.exits import Handover, recipient_named
from suite.privacy.ledger import Disclosure
from suite.privacy.models import Person


def note(handover: Handover, *, person_id: UUID | None, at: datetime | None = None) -> None:
    """Write down that data were handed over, in the transaction that says so; nobody has no ledger.

    It asks for the person and keeps the row meanwhile, so that an erasure at the same moment waits or has won.
    """
    if person_id is None:
        return
    now = at or clock.now()
    recipient = recipient_named(handover.recipient)
    values = {
        "id": new_id(),
        "person_id": person_id,
        "recipient": handover.recipient,
        "country": handover.country or (recipient.country if recipient else ""),
        "purpose": handover.purpose,
        "categories": " ".join(sorted(handover.categories)),
        "first_at": now,
        "last_at": now,
        "times": 1,
    }
    db.session.execute(_upsert(system.current().database), values)


@cache
def _upsert(database: db.Database) -> Executable:
    """Give the statement that begins a row or counts it on; made once, because it is part of every delivery."""
    columns = Disclosure.__table__.c
    row = select(*(bindparam(column.name, type_=column.type) for column in columns))
    person = row.where(Person.id == bindparam("person_id", type_=columns.person_id.type))
    statement = database.insert(Disclosure.__table__).from_select(
        columns.keys(), person.with_for_update(read=True, key_share=True)
    )
    return statement.on_conflict_do_update(
        index_elements=["person_id", "recipient", "country", "purpose", "categories"],
        set_={"last_at": statement.excluded.last_at, "times": columns.times + 1},
    )


def listed(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the ledger of a person, newest first."""
    return page(select(Disclosure).where(Disclosure.person_id == person_id), Disclosure.id, cursor=cursor, limit=limit)


def recipients_of(person_id: UUID) -> list[Recipient]:
    """Give the recipients that got data about a person and are still declared, by key."""
    keys = db.session.scalars(select(Disclosure.recipient).where(Disclosure.person_id == person_id).distinct())
    return [found for key in sorted(keys) if (found := recipient_named(key)) is not None]


def shown(row: Disclosure) -> dict[str, Any]:
    """Give an entry in words; a recipient that nobody declares any more keeps its key."""
    recipient = recipient_named(row.recipient)
    return {
        "recipient": row.recipient,
        "says": recipient.says if recipient else row.recipient,
        "recipient_category": recipient.category if recipient else "",
        "country": row.country,
        "purpose": row.purpose,
        "purpose_says": PURPOSES[row.purpose].says if row.purpose in PURPOSES else row.purpose,
        "categories": row.categories.split(),
        "first_at": row.first_at,
        "last_at": row.last_at,
        "times": row.times,
    }
