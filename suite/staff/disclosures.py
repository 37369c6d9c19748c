"""What staff do where a law demands data of a person: propose, decide, carry out; and the person is told."""

from typing import Any
from uuid import UUID

from suite.accounts import desk
from suite.kernel import audit, jobs
from suite.privacy import LegalDisclosure, legal


def propose(account_id: UUID, **demand: Any) -> LegalDisclosure:
    """Write down a demand about an account, for somebody else to decide."""
    return legal.propose(desk.one(account_id).id, **demand)


def carry_out(disclosure_id: UUID) -> LegalDisclosure:
    """Note that the data were handed over; the person is told now, or when a ban on telling has ended."""
    row = legal.carry_out(disclosure_id)
    if legal.silent(row):
        from suite.staff.jobs import tell_of_disclosure

        jobs.defer(tell_of_disclosure, due_at=row.silent_until, disclosure_id=row.id)
    else:
        tell(row.id)
    return row


def tell(disclosure_id: UUID) -> None:
    """Tell the person what was handed over, once."""
    row = legal.reveal(disclosure_id)
    if row is None:
        return
    audit.write("disclosure.told", subject=row.person_id, disclosure=str(row.id))
    desk.tell_of_disclosure(
        row.person_id, law=row.law, authority=row.authority, reference=row.reference, categories=row.categories.split()
    )
