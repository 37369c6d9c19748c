"""Who somebody is in a company, for modules that only ask."""

from uuid import UUID

from suite.companies.membership import visible_to
from suite.companies.models import Company, CompanyMember
from suite.kernel import db


def role_in(company_id: UUID, person_id: UUID) -> str | None:
    """Give the role of somebody inside a company; None for outsiders, and for everybody while it is blocked."""
    inside = visible_to(person_id).where(Company.id == company_id, Company.blocked_at.is_(None))
    return db.session.scalar(inside.with_only_columns(CompanyMember.role))
