"""Who is inside a company and who runs it. Whatever is not of the own company does not exist.

Somebody is inside from the moment the company let them in until they leave it, their membership of the service ends or
the account is closed. Whoever only asked to join is outside.
"""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select

from suite.accounts import present_members
from suite.companies.errors import CompanyBlocked, NotAdministrator
from suite.companies.models import ADMINISTRATOR, Company, CompanyMember
from suite.kernel import db
from suite.kernel.errors import NotFound
from suite.privacy import may_be_changed

SERVICE = "company-account"
_THERE = present_members.c.membership_id == CompanyMember.membership_id
INSIDE: ColumnElement[bool] = CompanyMember.joined_at.is_not(None)


class Colleague(NamedTuple):
    """A member of a company as colleagues know them: what they told the company's service."""

    member: CompanyMember
    first_name: str | None
    last_name: str | None
    address: str
    language: str

    @property
    def name(self) -> str:
        """Give first and last name."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)


def visible_to(person_id: UUID) -> Select[Company]:
    """Select the company somebody is inside of."""
    return (
        select(Company)
        .join(CompanyMember, CompanyMember.company_id == Company.id)
        .join(present_members, _THERE)
        .where(CompanyMember.person_id == person_id, INSIDE)
    )


def my_company(person_id: UUID) -> tuple[Company, CompanyMember]:
    """Give the company of somebody inside; employees of a blocked one are told so, outsiders find nothing."""
    found = db.session.execute(visible_to(person_id).add_columns(CompanyMember).execution_options(**_NOW)).first()
    if found is None:
        raise NotFound
    company, member = found
    if company.blocked_at is not None and member.role != ADMINISTRATOR:
        raise CompanyBlocked
    return company, member


def require_administrator(person_id: UUID) -> tuple[Company, CompanyMember]:
    """Give the company of one of its Administrators, to read; who only works there is refused."""
    company, member = my_company(person_id)
    if member.role != ADMINISTRATOR:
        raise NotAdministrator
    return company, member


def acting_administrator(person_id: UUID) -> tuple[Company, CompanyMember]:
    """Give the company of one of its Administrators, locked for a change: roles stand still meanwhile."""
    company, _ = require_administrator(person_id)
    lock(company.id)
    may_be_changed(person_id)
    return require_administrator(person_id)


def lock(company_id: UUID) -> Company | None:
    """Lock a company; always before its licences and before the accounts of its members."""
    return db.session.scalar(
        select(Company).where(Company.id == company_id).with_for_update(key_share=True).execution_options(**_NOW)
    )


def company_of(person_id: UUID) -> UUID | None:
    """Give the company somebody is inside of, blocked or not."""
    return db.session.scalar(visible_to(person_id).with_only_columns(Company.id))


def row_of(person_id: UUID) -> CompanyMember | None:
    """Give the row of somebody in a company or in front of its door, and none of a membership that ended."""
    mine = select(CompanyMember).join(present_members, _THERE).where(CompanyMember.person_id == person_id)
    return db.session.scalar(mine.execution_options(**_NOW))


def company_in_use(company_id: UUID) -> bool:
    """Say whether the rights of a company hold: nobody blocked it."""
    return (
        db.session.scalar(select(Company.id).where(Company.id == company_id, Company.blocked_at.is_(None))) is not None
    )


def colleagues(company_id: UUID) -> Select[Any]:
    """Select everybody inside a company, as `Colleague`."""
    return _people().where(CompanyMember.company_id == company_id, INSIDE)


def askers(company_id: UUID) -> Select[Any]:
    """Select everybody who asks to join a company, as `Colleague`."""
    return _people().where(CompanyMember.company_id == company_id, CompanyMember.joined_at.is_(None))


def active(company_id: UUID) -> ColumnElement[bool]:
    """Give the condition that a member can act for a company: inside, and the account not blocked."""
    return and_(CompanyMember.company_id == company_id, INSIDE, present_members.c.blocked_at.is_(None))


def one_member(company_id: UUID, member_id: UUID) -> Colleague:
    """Give a colleague; of another company, or gone, there is none."""
    return _one(colleagues(company_id), member_id)


def one_asker(company_id: UUID, member_id: UUID) -> Colleague:
    """Give somebody who asks to join."""
    return _one(askers(company_id), member_id)


def as_colleagues(rows: Select[Any]) -> list[Colleague]:
    """Give the rows of `colleagues` or `askers`."""
    return [Colleague(*row) for row in db.session.execute(rows.execution_options(**_NOW))]


def _one(rows: Select[Any], member_id: UUID) -> Colleague:
    found = as_colleagues(rows.where(CompanyMember.id == member_id))
    if not found:
        raise NotFound
    return found[0]


def _people() -> Select[Any]:
    there = present_members.c
    return select(CompanyMember, there.first_name, there.last_name, there.address, there.language).join(
        present_members, _THERE
    )


_NOW = {"populate_existing": True}
