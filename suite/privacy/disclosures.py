"""The ledger of disclosures: who got which kinds of data about a person, for what and when."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

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
    country = handover.country or (recipient.country if recipient else "")
    values = {
        "id": new_id(),
        "person_id": person_id,
        "recipient": handover.recipient,
        "country": country,
        "purpose": handover.purpose,
        "categories": " ".join(sorted(handover.categories)),
        "first_at": now,
        "last_at": now,
        "times": 1,
    }
    columns = Disclosure.__table__.c
    row = select(*(literal(value, columns[name].type) for name, value in values.items()))
    statement = (
        system.current()
        .database.insert(Disclosure)
        .from_select(list(values), row.where(Person.id == person_id).with_for_update(read=True, key_share=True))
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "recipient", "country", "purpose", "categories"],
            set_={"last_at": statement.excluded.last_at, "times": Disclosure.times + 1},
        )
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
