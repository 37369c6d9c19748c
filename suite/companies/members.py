"""What an Administrator does with members: letting in, roles, removing; and how somebody leaves a company."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from suite.companies import domains, invitations, letters, membership, mending, telling
from suite.companies.errors import LastAdministrator
from suite.companies.membership import Colleague
from suite.companies.models import ADMINISTRATOR, EMPLOYEE, Company, CompanyMember
from suite.kernel import audit, clock, db, versions
from suite.kernel.errors import NotFound
from suite.kernel.fields import canonical_email
from suite.privacy import may_be_changed


def let_in(person_id: UUID, member_id: UUID) -> Colleague:
    """Let somebody in who asks to join; of many at once one does it."""
    company, _ = membership.acting_administrator(person_id)
    found = membership.one_asker(company.id, member_id)
    done = db.session.execute(
        update(CompanyMember)
        .where(CompanyMember.id == member_id, CompanyMember.joined_at.is_(None))
        .values(joined_at=clock.now(), version=CompanyMember.version + 1)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound
    invitations.spend(company.id, canonical_email(found.address))
    _done("company.joined", found, company)
    telling.member(found, letters.accepted, company)
    return membership.one_member(company.id, member_id)


def decline(person_id: UUID, member_id: UUID) -> None:
    """Say no to somebody who asks to join; they are told, and may ask again."""
    company, _ = membership.acting_administrator(person_id)
    found = membership.one_asker(company.id, member_id)
    _delete(found.member, waiting=True)
    _shut(company, found)
    _done("company.declined", found, company)
    telling.member(found, letters.declined, company)


def change_role(person_id: UUID, member_id: UUID, seen: versions.State, role: str) -> Colleague:
    """Change the role of a colleague, or the own one; a company never lacks an Administrator."""
    company, _ = membership.acting_administrator(person_id)
    found = membership.one_member(company.id, member_id)
    if role == EMPLOYEE and mending.only_administrator(company.id, member_id):
        raise LastAdministrator
    if role != found.member.role:
        versions.change(found.member, seen, role=role)
        _done("company.role_changed", found, company, role=role)
        about = letters.made_administrator if role == ADMINISTRATOR else letters.made_employee
        telling.member(found, about, company)
    return found


def remove(person_id: UUID, member_id: UUID) -> None:
    """Remove a colleague from the company; the personal account stays (COM-27)."""
    company, me = membership.acting_administrator(person_id)
    found = membership.one_member(company.id, member_id)
    if found.member.id == me.id:
        _go(company, me)
        return
    _delete(found.member, waiting=False)
    _shut(company, found)
    _done("company.removed", found, company)
    telling.member(found, letters.removed, company)


def leave(person_id: UUID) -> None:
    """Leave the company, or take back that one asked to join; the service and the account stay."""
    may_be_changed(person_id)
    company_id = membership.company_of(person_id)
    company = membership.lock(company_id) if company_id is not None else None
    mine = membership.row_of(person_id)
    if mine is None or (mine.joined_at is not None and (company is None or mine.company_id != company.id)):
        raise NotFound
    if mine.joined_at is None:
        _delete(mine, waiting=True)
    elif company is not None:
        _go(company, mine)


def _go(company: Company, member: CompanyMember) -> None:
    """Go from a company that is locked; the last Administrator hands over first, the last member ends it."""
    if mending.would_lack_administrator(company.id, member.id):
        raise LastAdministrator
    _delete(member, waiting=False)
    audit.write("company.left", subject=member.person_id, company=str(company.id))
    mending.mend(company)


def _shut(company: Company, found: Colleague) -> None:
    """Shut every door that would let somebody in again whom an Administrator sent away, but asking."""
    key = canonical_email(found.address)
    invitations.spend(company.id, key)
    domains.close_to(company.id, key)


def _delete(member: CompanyMember, *, waiting: bool) -> None:
    as_seen = CompanyMember.joined_at.is_(None) if waiting else CompanyMember.joined_at.is_not(None)
    gone = db.session.execute(delete(CompanyMember).where(CompanyMember.id == member.id, as_seen))
    if gone.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound


def _done(act: str, found: Colleague, company: Company, **facts: Any) -> None:
    audit.write(act, subject=found.member.person_id, company=str(company.id), **facts)
