"""Disclosures by law (PRI-2, REC-1): one person proposes, another approves, and then it is carried out.

The program sends nothing by itself: it holds what was demanded, who decided, and that it was handed over.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, false, func, select, update

from suite.kernel import audit, clock, db
from suite.kernel.access import person_id as caller
from suite.kernel.errors import InvalidInput, NotFound
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.kernel.words import marked as _
from suite.privacy import disclosures, exits
from suite.privacy.errors import DisclosureDecided, DisclosureNotApproved, TwoPeopleNeeded
from suite.privacy.ledger import LegalDisclosure
from suite.privacy.reading import hides, shows

PURPOSE = "disclosure_by_law"
AUTHORITIES = "authorities"


def propose(
    person_id: UUID, *, country: str, categories: Iterable[str], silent_until: datetime | None = None, **ground: Any
) -> LegalDisclosure:
    """Write down what a law demands about a person; `ground` names law, authority and reference.

    A demand of a country that data may not go to, or for kinds of data that are not declared for it, is refused.
    """
    chosen = sorted(set(categories))
    _check(country, chosen, silent_until, ground.get("silent_law"))
    row = LegalDisclosure(
        id=new_id(),
        person_id=person_id,
        country=country,
        categories=" ".join(chosen),
        silent_until=silent_until,
        proposed_by=caller(),
        proposed_at=clock.now(),
        **ground,
    )
    db.session.add(row)
    db.session.flush()
    _audit("disclosure.proposed", row)
    return row


def approve(disclosure_id: UUID) -> LegalDisclosure:
    """Agree to a proposal of somebody else; of many at once exactly one does it."""
    if one(disclosure_id).proposed_by == caller():
        raise TwoPeopleNeeded
    other = LegalDisclosure.proposed_by != caller()
    return _decide("disclosure.approved", disclosure_id, other, approved_at=clock.now())


def refuse(disclosure_id: UUID) -> LegalDisclosure:
    """Turn a proposal down for good."""
    return _decide("disclosure.refused", disclosure_id, refused_at=clock.now())


def carry_out(disclosure_id: UUID) -> LegalDisclosure:
    """Note that the data of an approved proposal were handed over; it happens once, and past the gate it cannot."""
    row = one(disclosure_id)
    _check(row.country, row.categories.split())
    exits.leave(_handover(row), person_id=row.person_id)
    if not _change(
        disclosure_id,
        LegalDisclosure.approved_at.is_not(None),
        LegalDisclosure.carried_out_at.is_(None),
        carried_out_at=clock.now(),
    ):
        raise DisclosureNotApproved
    row = one(disclosure_id)
    _audit("disclosure.carried_out", row, country=row.country, categories=row.categories.split())
    return row


def reveal(disclosure_id: UUID) -> LegalDisclosure | None:
    """Put what was handed over into the ledger that the person reads; None when that is done, or all is erased."""
    if not _change(
        disclosure_id,
        LegalDisclosure.carried_out_at.is_not(None),
        LegalDisclosure.told_at.is_(None),
        told_at=clock.now(),
    ):
        return None
    row = one(disclosure_id)
    disclosures.note(_handover(row), person_id=row.person_id, at=row.carried_out_at)
    return row


def one(disclosure_id: UUID) -> LegalDisclosure:
    """Give a demand as it stands now."""
    row = db.session.get(LegalDisclosure, disclosure_id, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def look(disclosure_id: UUID) -> LegalDisclosure:
    """Look at a demand and at whom it is about."""
    row = one(disclosure_id)
    _audit("disclosure.viewed", row)
    return row


def listed(*, cursor: str | None, limit: int) -> Page:
    """Give the demands, newest first."""
    return page(select(LegalDisclosure), LegalDisclosure.id, cursor=cursor, limit=limit)


def silent(row: LegalDisclosure) -> bool:
    """Say whether a law still forbids telling the person."""
    return row.silent_until is not None and clock.now() < row.silent_until


def _check(
    country: str, categories: list[str], silent_until: datetime | None = None, silent_law: str | None = None
) -> None:
    recipient = exits.recipient_named(AUTHORITIES)
    wrong = []
    if recipient is None or exits.place_problem(country, recipient.safeguard):
        wrong.append(("/country", _("Data are not handed over to authorities of this country.")))
    if recipient is None or not set(categories) <= set(recipient.receives):
        wrong.append(("/categories", _("These kinds of data are not declared for authorities.")))
    if (silent_until is None) is not (silent_law is None):
        wrong.append(("/silent_law", _("A ban on telling the person needs both its law and its end.")))
    if wrong:
        raise InvalidInput(errors=[{"pointer": pointer, "message": message} for pointer, message in wrong])


def _handover(row: LegalDisclosure) -> exits.Handover:
    return exits.Handover(AUTHORITIES, PURPOSE, tuple(row.categories.split()), row.country)


def _decide(action: str, disclosure_id: UUID, *still: ColumnElement[bool], **values: datetime) -> LegalDisclosure:
    open_ = (LegalDisclosure.approved_at.is_(None), LegalDisclosure.refused_at.is_(None))
    if not _change(disclosure_id, *open_, *still, decided_by=caller(), **values):
        one(disclosure_id)
        raise DisclosureDecided
    row = one(disclosure_id)
    _audit(action, row)
    return row


def _change(disclosure_id: UUID, *still: ColumnElement[bool], **values: Any) -> bool:
    changed = db.session.execute(
        update(LegalDisclosure)
        .where(LegalDisclosure.id == disclosure_id, *still)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def _audit(action: str, row: LegalDisclosure, **facts: Any) -> None:
    """Leave an entry; as long as a law forbids telling, it does not lead to the person, who reads such entries."""
    audit.write(action, subject=None if silent(row) else row.person_id, disclosure=str(row.id), **facts)


@hides("legal_disclosures")
def _silent(table: Table) -> ColumnElement[bool]:
    """Hide a demand from its person as long as a law forbids telling."""
    return func.coalesce(table.c.silent_until > clock.now(), false())


def _once_told(row: Mapping[str, Any], value: Any) -> Any:
    """Show what a demand says from when its person was told; before, it may come to nothing."""
    return value if row["told_at"] is not None else None


for _column in ("law", "authority", "reference", "silent_law"):
    shows(f"legal_disclosures.{_column}")(_once_told)
