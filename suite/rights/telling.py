"""Article 19 GDPR: whoever received data and keeps them is told of corrections, erasures and restrictions.

Connected systems are told by an event. For every other recipient that keeps data a row waits for a privacy officer.
"""

from uuid import UUID

from sqlalchemy import delete, select

from suite.kernel import audit, clock, db
from suite.kernel.errors import NotFound
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.privacy import Person, recipients_of
from suite.rights import steps
from suite.rights.models import RecipientToTell
from suite.webhooks import CONNECTED, emit


def tell(event: str, person_id: UUID) -> None:
    """Tell connected systems, and note the other recipients that keep data."""
    emit(event, person_id=person_id)
    note(event, person_id)


def note(event: str, person_id: UUID) -> None:
    """Note the recipients that got data of a person, keep them, and hear of a change from an officer only."""
    for recipient in keepers(person_id):
        _note(recipient, event, person_id)


def keepers(person_id: UUID) -> list[str]:
    """Give the recipients in the ledger of a person that keep data and that no event reaches.

    What a law forbids to tell the person of is not in the ledger yet, and so leads to no row.
    """
    return [one.key for one in recipients_of(person_id) if one.keeps and one.key != CONNECTED.key]


def waiting(*, cursor: str | None, limit: int) -> Page:
    """Give whom an officer still has to tell, newest first."""
    return page(select(RecipientToTell), RecipientToTell.id, cursor=cursor, limit=limit)


def reference(row: RecipientToTell) -> str:
    """Give the number under which the recipient knows the person."""
    return steps.opened(row.reference, "recipients_to_tell", row.id, "reference") or ""


def told(row_id: UUID) -> None:
    """Note that a recipient was told; of two officers at once one does it."""
    row = db.session.get(RecipientToTell, row_id)
    if row is None:
        raise NotFound
    done = db.session.execute(delete(Person).where(Person.id == row_id))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    audit.write("recipient.told", subject=reference(row), recipient=row.recipient, event=row.event)


def _note(recipient: str, event: str, person_id: UUID) -> None:
    own = Person(id=new_id())
    db.session.add(own)
    db.session.flush()
    box = steps.shut(str(person_id), "recipients_to_tell", own.id, "reference")
    db.session.add(RecipientToTell(id=own.id, recipient=recipient, event=event, reference=box, noted_at=clock.now()))
    db.session.flush()
