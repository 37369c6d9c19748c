"""Contracts as a source of reminders: the designated people are told, at each verified address, and nobody else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from suite.companies import notices
from suite.companies.membership import INSIDE, SERVICE
from suite.companies.models import Company, CompanyMember, Contract, ContractPerson, MemberAddress
from suite.declarations import Service
from suite.kernel import db
from suite.messages import Letter
from suite.reminders import Asked, Ending, Source, remind_of

ABOUT = "contract"


def _rows(_service: str) -> Any:
    """Select who is designated for what; the index on the end of contracts leads there."""
    return (
        select(
            ContractPerson.person_id.label("person_id"),
            Contract.id.label("item"),
            Contract.ends_at.label("ends_at"),
        )
        .select_from(ContractPerson)
        .join(Contract, Contract.id == ContractPerson.contract_id)
    )


def _letter(service: Service) -> Letter | None:
    return notices.contract_ending if service.key == SERVICE else None


def _now(asked: Sequence[Asked]) -> Mapping[Asked, Ending]:
    """Give the contracts as they are, for whoever is designated still, inside the company, and not of a blocked one."""
    rows = db.session.execute(
        select(
            ContractPerson.person_id, Contract.id, Contract.ends_at, Contract.number, Contract.title, CompanyMember.id
        )
        .join(Contract, Contract.id == ContractPerson.contract_id)
        .join(CompanyMember, and_(CompanyMember.id == ContractPerson.member_id, INSIDE))
        .join(Company, and_(Company.id == Contract.company_id, Company.blocked_at.is_(None)))
        .where(
            Contract.id.in_({one.item for one in asked}), ContractPerson.person_id.in_({one.person_id for one in asked})
        )
    ).all()
    others = _verified({member for *_, member in rows})
    return {
        Asked(person, item): Ending(ends_at, {"contract": number, "title": title}, also_to=others.get(member, {}))
        for person, item, ends_at, number, title, member in rows
    }


def _verified(members: set[UUID]) -> dict[UUID, dict[UUID, str]]:
    """Give the additional addresses of members that were proven, each by its row."""
    found: dict[UUID, dict[UUID, str]] = {}
    proven = (MemberAddress.member_id.in_(members), MemberAddress.verified_at.is_not(None))
    for row in db.session.scalars(select(MemberAddress).where(*proven).order_by(MemberAddress.id)):
        found.setdefault(row.member_id, {})[row.id] = row.address
    return found


remind_of(Source(ABOUT, _rows, _letter, _now))
