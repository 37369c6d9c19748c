"""People of tests who have licences that end at a given instant."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from suite.accounts.models import Account, Membership
from suite.kernel import access, clock, db
from suite.licenses import Holder, hold, terms
from suite.licenses.holdings import lock
from tests.licenses.making import issued

SOLD = {
    "my-account": ("total-protection", "subscription-year"),
    "business-hub": ("endpoint-security", "business-year"),
    "cloud-console": ("endpoint-security", "business-year"),
    "office-365": ("office-365-protection", "business-year"),
}


def person_of(email: str = "ann@example.org") -> UUID:
    """Give the number of a person by the address of their open account."""
    with db.transaction(reading=True) as session:
        found = session.scalar(select(Account.id).where(Account.email_key == email, Account.closed_at.is_(None)))
    assert found is not None
    return found


def held(ends_at: datetime | None, service: str = "my-account", email: str = "ann@example.org") -> UUID:
    """Give a member of a service a licence that ends then; give its number."""
    person, (license_id, _) = person_of(email), issued(*SOLD[service])
    with db.transaction() as session:
        membership = session.scalar(
            select(Membership.id).where(
                Membership.account_id == person, Membership.service == service, Membership.ended_at.is_(None)
            )
        )
        hold(license_id, Holder(service, person_id=person, membership_id=membership), source="code")
    move(license_id, ends_at)
    return license_id


def move(license_id: UUID, ends_at: datetime | None) -> None:
    """Let a licence end at another time, as a renewal does."""
    access.begin(access.SYSTEM, None)
    with db.transaction():
        found = lock(license_id)
        assert found is not None
        terms.set_term(found, begins_at=found.begins_at or clock.now(), expires_at=ends_at)
