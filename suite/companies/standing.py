"""Who somebody is in a company, for modules that only ask."""

from uuid import UUID

from sqlalchemy import select

from suite.companies.models import Company, CompanyMember
from suite.kernel import db


def role_in(company_id: UUID, person_id: UUID) -> str | None:
    """Give the role of somebody the company let in; None for outsiders, and for everybody while it is blocked."""
    return db.session.scalar(
        select(CompanyMember.role)
        .join(Company, Company.id == CompanyMember.company_id)
        .where(
            CompanyMember.company_id == company_id,
            CompanyMember.person_id == person_id,
            CompanyMember.joined_at.is_not(None),
            Company.blocked_at.is_(None),
            Company.ended_at.is_(None),
        )
    )
