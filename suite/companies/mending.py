"""A company with members never lacks an Administrator, and one without members has ended.

Who can act for a company is inside it and has an account that is neither closed nor blocked. Who is blocked has not
left: a company ends only when nobody is inside any more.
"""

from uuid import UUID

from sqlalchemy import Select, exists, or_, select, true, update

from suite.accounts import Leaving, present_members
from suite.companies import letters, membership, telling
from suite.companies.errors import LastAdministrator
from suite.companies.membership import INSIDE, SERVICE, Colleague, active
from suite.companies.models import ADMINISTRATOR, EMPLOYEE, Company, CompanyMember
from suite.kernel import access, audit, clock, db

_BATCH = 200
_THERE = present_members.c.membership_id == CompanyMember.membership_id


def mend(company: Company, *, without: UUID | None = None, gone: UUID | None = None) -> None:
    """Give a locked company an Administrator if it lacks one, and note whether it goes on.

    `without` is a member who is about to be able to do nothing any more; one who is also `gone` leaves.
    """
    successor = _next_in_line(company.id, without)
    goes_on = successor is not None or _anybody(company.id, gone)
    ended_at = None if goes_on else company.ended_at or clock.now()
    if ended_at != company.ended_at:
        company.ended_at = ended_at
        audit.write("company.ended" if ended_at else "company.goes_on", company=str(company.id))
    if successor is not None and successor.member.role != ADMINISTRATOR:
        _promote(successor, company)
    db.session.flush()


def would_lack_administrator(company_id: UUID, without: UUID) -> bool:
    """Say whether others would be left without an Administrator."""
    successor = _next_in_line(company_id, without)
    return successor is not None and successor.member.role != ADMINISTRATOR


def only_administrator(company_id: UUID, member_id: UUID) -> bool:
    """Say whether nobody but this member can act as Administrator."""
    successor = _next_in_line(company_id, member_id)
    return successor is None or successor.member.role != ADMINISTRATOR


def say_farewell(person_id: UUID, service: str | None, leaving: Leaving) -> None:
    """Hear that somebody leaves the service or closes the account: the last Administrator hands over first.

    Whoever goes whatever anybody says to it (blocked, erased) is followed by who has been there longest.
    """
    company_id = membership.company_of(person_id) if service in {None, SERVICE} else None
    company = membership.lock(company_id) if company_id is not None else None
    if company is None:
        return
    member = membership.row_of(person_id)
    if member is None or member.company_id != company.id or member.joined_at is None:
        return
    if leaving is Leaving.WANTED:
        _lay_down(company, member)
    mend(company, without=member.id, gone=None if leaving is Leaving.BLOCKED else member.id)


def _lay_down(company: Company, member: CompanyMember) -> None:
    """Hand over before going: whoever comes back within a grace is no Administrator of the others any more."""
    successor = _next_in_line(company.id, member.id)
    if successor is None:
        return
    if successor.member.role != ADMINISTRATOR:
        raise LastAdministrator
    if member.role == ADMINISTRATOR:
        member.role, member.version = EMPLOYEE, member.version + 1
        audit.write("company.role_changed", subject=member.person_id, company=str(company.id), role=EMPLOYEE)


def mend_all() -> None:
    """Mend what ended by itself, by inactivity or erasure, and what goes on because somebody came back."""
    after: UUID | None = None
    while found := _ailing(after):
        for company_id in found:
            with db.transaction():
                company = membership.lock(company_id)
                if company is not None:
                    mend(company)
        after = found[-1]


def _anybody(company_id: UUID, gone: UUID | None) -> bool:
    """Say whether somebody is inside, also one whose account staff have blocked: who is blocked has not left."""
    there = membership.colleagues(company_id).where(CompanyMember.id != gone if gone is not None else true())
    return db.session.scalar(there.with_only_columns(CompanyMember.id).limit(1)) is not None


def _next_in_line(company_id: UUID, without: UUID | None) -> Colleague | None:
    """Give an Administrator who can act, else who has been there longest, else nobody."""
    line = membership.colleagues(company_id).where(active(company_id))
    if without is not None:
        line = line.where(CompanyMember.id != without)
    first = (CompanyMember.role != ADMINISTRATOR, CompanyMember.joined_at, CompanyMember.id)
    found = membership.as_colleagues(line.order_by(*first).limit(1))
    return found[0] if found else None


def _promote(successor: Colleague, company: Company) -> None:
    member = successor.member
    db.session.execute(
        update(CompanyMember)
        .where(CompanyMember.id == member.id)
        .values(role=ADMINISTRATOR, version=CompanyMember.version + 1)
    )
    audit.write(
        "company.role_changed", subject=member.person_id, by=access.SYSTEM, company=str(company.id), role=ADMINISTRATOR
    )
    telling.member(successor, letters.handed_over, company)


def _ailing(after: UUID | None) -> list[UUID]:
    """Find companies that lack an Administrator, or whose end is noted wrongly, in the order of their numbers."""
    with db.transaction(reading=True) as session:
        acting = _there().where(present_members.c.blocked_at.is_(None))
        wrong = or_(
            exists(acting) & ~exists(acting.where(CompanyMember.role == ADMINISTRATOR)),
            Company.ended_at.is_(None) & ~exists(_there()),
            Company.ended_at.is_not(None) & exists(_there()),
        )
        asked = select(Company.id).where(wrong).order_by(Company.id).limit(_BATCH)
        return list(session.scalars(asked if after is None else asked.where(Company.id > after)))


def _there() -> Select[UUID]:
    """Select who is inside the company of the question around it."""
    return (
        select(CompanyMember.id)
        .join(present_members, _THERE)
        .where(CompanyMember.company_id == Company.id, INSIDE)
        .correlate(Company)
    )
