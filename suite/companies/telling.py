"""Who in a company is written to."""

from uuid import UUID

from sqlalchemy import select

from suite.accounts import Newcomer, present_members
from suite.companies import letters
from suite.companies.membership import SERVICE, Colleague, active
from suite.companies.models import ADMINISTRATOR, Company, CompanyMember
from suite.kernel import clock, db
from suite.messages import Letter, post


def of_newcomer(member: CompanyMember, newcomer: Newcomer) -> None:
    """Tell the Administrators who asks to join, or joined: first name, last name, corporate e-mail, nothing else.

    The number of the row is not written; it says, when the letter leaves, whether it still has a point.
    """
    facts = {
        "first_name": newcomer.profile.get("first_name", ""),
        "last_name": newcomer.profile.get("last_name", ""),
        "email": newcomer.email,
        "member": str(member.id),
    }
    about = letters.asked if member.joined_at is None else letters.joined
    for person_id, address, language in _administrators(member.company_id):
        if person_id != newcomer.person_id:
            post(about, person_id=person_id, to=address, language=language, facts=facts, service=SERVICE)


def administrators(company: Company, about: Letter) -> None:
    """Tell every Administrator what was done with the company."""
    facts = {"company": company.name, "time": clock.written(clock.now())}
    for person_id, address, language in _administrators(company.id):
        post(about, person_id=person_id, to=address, language=language, facts=facts, service=SERVICE)


def member(colleague: Colleague, about: Letter, company: Company) -> None:
    """Tell a member something about a company."""
    post(
        about,
        person_id=colleague.member.person_id,
        to=colleague.address,
        language=colleague.language,
        facts={"company": company.name},
        service=SERVICE,
    )


def _administrators(company_id: UUID) -> list[tuple[UUID, str, str]]:
    there = present_members.c
    found = (
        select(CompanyMember.person_id, there.address, there.language)
        .join(present_members, there.membership_id == CompanyMember.membership_id)
        .where(active(company_id), CompanyMember.role == ADMINISTRATOR)
    )
    return [(row.person_id, row.address, row.language) for row in db.session.execute(found)]
