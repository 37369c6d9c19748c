"""Licences of a company: everybody inside sees and adds them, only an Administrator removes them."""

from uuid import UUID

from suite.companies import SERVICE, CompanyBlocked, acting_administrator, lock_company, my_company
from suite.kernel import limits
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page
from suite.licenses import files, finding, holdings
from suite.licenses.holdings import Holder
from suite.licenses.models import LicenseHolding
from suite.licenses.own import Held, with_licenses


def listing(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the licences of the company somebody is inside of; to everybody else there is no list (COM-34)."""
    company_id = _company(person_id)
    found = page(holdings.of_company(company_id), LicenseHolding.id, cursor=cursor, limit=limit)
    return Page(list(with_licenses(found.rows)), found.next_cursor)


def add(person_id: UUID, given: str, *, network: str) -> Held:
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
    source = "key_file" if files.is_one(given) else "code"
    return Held(found, holdings.take(found.id, holder, source=source))


def remove(person_id: UUID, license_id: UUID) -> None:
    """Take a licence off the list; its devices are released, and whoever has the code can add it again."""
    company, _ = acting_administrator(person_id)
    if company.blocked_at is not None:
        raise CompanyBlocked
    holdings.lock(license_id)
    held = holdings.live(license_id)
    if held is None or held.company_id != company.id:
        raise NotFound
    holdings.end(held, why="company")


def _company(person_id: UUID) -> UUID:
    company, _ = my_company(person_id)
    if company.blocked_at is not None:
        raise CompanyBlocked
    return company.id
