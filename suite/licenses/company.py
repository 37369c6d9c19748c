"""Licences of a company: everybody inside sees and adds them, only an Administrator removes them."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from suite.companies import CompanyBlocked, acting_administrator, lock_company, my_company
from suite.kernel import db, limits
from suite.kernel.errors import NotFound
from suite.kernel.paging import page
from suite.licenses import finding, holdings
from suite.licenses.holdings import Holder
from suite.licenses.models import License, LicenseHolding

SERVICE = "company-account"


@dataclass(frozen=True)
class Entry:
    """A line of the list: when a licence was added, and the licence."""

    holding: LicenseHolding
    license: License


@dataclass(frozen=True)
class Listing:
    """Some licences of a company, newest first."""

    entries: list[Entry]
    next_cursor: str | None


def listing(person_id: UUID, *, cursor: str | None, limit: int) -> Listing:
    """Give the licences of the company somebody is inside of; to everybody else there is no list (COM-34)."""
    company_id = _company(person_id)
    found = page(holdings.of_company(company_id), LicenseHolding.id, cursor=cursor, limit=limit)
    wanted = select(License).where(License.id.in_([one.license_id for one in found.rows]))
    licenses = {one.id: one for one in db.session.scalars(wanted)}
    return Listing([Entry(one, licenses[one.license_id]) for one in found.rows], found.next_cursor)


def add(person_id: UUID, given: str, *, network: str) -> Entry:
    """Add a licence to the company of somebody inside; one that it has already is that one.

    Wrong codes count against whoever gave them, as with licences of their own.
    """
    lock_company(_company(person_id))
    company_id = _company(person_id)
    finding.readable(given)
    limits.take(finding.PER_PERSON, str(person_id))
    holder = Holder(SERVICE, company_id=company_id)
    found = finding.for_holder(given, holder, network=network)
    limits.refund(finding.PER_PERSON, str(person_id))
    return Entry(holdings.take(found.id, holder, source="company"), found)


def remove(person_id: UUID, holding_id: UUID) -> None:
    """Take a licence off the list; its devices are released, and whoever has the code can add it again."""
    company, _ = acting_administrator(person_id)
    if company.blocked_at is not None:
        raise CompanyBlocked
    mine = holdings.of_company(company.id).where(LicenseHolding.id == holding_id)
    found = db.session.scalar(mine)
    if found is None:
        raise NotFound
    ended = holdings.let_go(found.license_id, why="company")
    if ended is None or ended.id != holding_id:
        raise NotFound


def _company(person_id: UUID) -> UUID:
    company, _ = my_company(person_id)
    if company.blocked_at is not None:
        raise CompanyBlocked
    return company.id
