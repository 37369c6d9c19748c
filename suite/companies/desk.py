"""What staff see of companies: enough to record a contract and to help. Of people only who is named exactly.

Every look at a person leaves an entry the person can read.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from suite.accounts import owner_of
from suite.companies import membership
from suite.companies.membership import Colleague
from suite.companies.models import ADMINISTRATOR, Company, CompanyDomain, CompanyMember
from suite.kernel import audit, db
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page


@dataclass(frozen=True)
class Overview:
    """A company, its verified domains, and how many people of which kind it has."""

    company: Company
    domains: list[str]
    members: int
    administrators: int
    askers: int


def listing(*, domain: str | None, cursor: str | None, limit: int) -> Page:
    """Give companies, newest first; with a domain, the one that verified it."""
    rows = select(Company)
    if domain is not None:
        owners = select(CompanyDomain.company_id).where(
            CompanyDomain.domain == domain, CompanyDomain.verified_at.is_not(None)
        )
        rows = rows.where(Company.id.in_(owners))
    return page(rows, Company.id, cursor=cursor, limit=limit)


def look(company_id: UUID) -> Overview:
    """Give one company."""
    company = db.session.get(Company, company_id)
    if company is None:
        raise NotFound
    verified = (CompanyDomain.company_id == company_id, CompanyDomain.verified_at.is_not(None))
    inside = membership.colleagues(company_id)
    return Overview(
        company,
        list(db.session.scalars(select(CompanyDomain.domain).where(*verified).order_by(CompanyDomain.domain))),
        _count(inside),
        _count(inside.where(CompanyMember.role == ADMINISTRATOR)),
        _count(membership.askers(company_id)),
    )


def find_member(company_id: UUID, email: str) -> Colleague | None:
    """Find somebody inside a company by the exact address; there is no list of them."""
    if db.session.get(Company, company_id) is None:
        raise NotFound
    person_id = owner_of(email)
    rows = membership.colleagues(company_id).where(CompanyMember.person_id == person_id)
    found = next(iter(membership.as_colleagues(rows)), None) if person_id is not None else None
    audit.write(
        "company_member.searched",
        subject=found.member.person_id if found else None,
        company=str(company_id),
        found=found is not None,
    )
    return found


def _count(people: Select[Any]) -> int:
    return db.session.scalar(people.with_only_columns(func.count())) or 0
