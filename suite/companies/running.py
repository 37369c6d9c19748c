"""What an Administrator does with the company itself: its settings, blocking and unblocking."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from suite.accounts import present_members
from suite.companies import letters, membership, telling
from suite.companies.models import Company, CompanyMember
from suite.kernel import audit, clock, db, versions


def members_of(company: Company) -> int:
    """Count who is inside a company."""
    there = present_members.c.membership_id == CompanyMember.membership_id
    inside = select(func.count()).select_from(CompanyMember).join(present_members, there)
    return db.session.scalar(inside.where(CompanyMember.company_id == company.id, membership.INSIDE)) or 0


def standing(person_id: UUID) -> CompanyMember | None:
    """Give the row of somebody in a company or in front of its door; None for everybody else."""
    return membership.row_of(person_id)


def change(person_id: UUID, seen: versions.State, **given: Any) -> Company:
    """Change name, country, or whether colleagues see each other's requests (COM-48)."""
    company, _ = membership.acting_administrator(person_id)
    versions.change(company, seen, **given)
    audit.write("company.changed", subject=person_id, company=str(company.id), fields=sorted(given))
    return company


def block(person_id: UUID) -> None:
    """Block the company: nobody can use its rights from the next request on; accounts remain (COM-26, COM-27)."""
    company, _ = membership.acting_administrator(person_id)
    if company.blocked_at is None:
        _set(company, blocked=True)
        audit.write("company.blocked", subject=person_id, company=str(company.id))
        telling.administrators(company, letters.blocked)


def unblock(person_id: UUID) -> None:
    """Let the company be used again."""
    company, _ = membership.acting_administrator(person_id)
    if company.blocked_at is not None:
        _set(company, blocked=False)
        audit.write("company.unblocked", subject=person_id, company=str(company.id))
        telling.administrators(company, letters.unblocked)


def _set(company: Company, *, blocked: bool) -> None:
    at = clock.now() if blocked else None
    db.session.execute(
        update(Company).where(Company.id == company.id).values(blocked_at=at, version=Company.version + 1)
    )
    db.session.refresh(company)
