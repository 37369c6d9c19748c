"""Contracts about paid support: recorded after the purchase, seen by the people designated there and by nobody else."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from suite.companies import membership
from suite.companies.errors import CompanyBlocked, ContractEnds, ContractNumberTaken, NotInThisCompany
from suite.companies.models import Company, CompanyMember, Contract, ContractPerson
from suite.kernel import audit, clock, db, versions
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page


def record(
    company_id: UUID, *, number: str, title: str, begins_at: datetime, ends_at: datetime, people: Sequence[UUID]
) -> Contract:
    """Record a contract that was bought, with the members designated at the purchase; each of them must be inside."""
    company = membership.lock(company_id)
    if company is None or company.ended_at is not None:
        raise NotFound
    if ends_at <= begins_at:
        raise ContractEnds
    designated = _inside(company_id, people)
    contract = Contract(
        company_id=company_id,
        number=number,
        title=title,
        begins_at=begins_at,
        ends_at=ends_at,
        recorded_at=clock.now(),
    )
    db.session.add(contract)
    with db.translated({"uq_contracts_number": ContractNumberTaken}):
        db.session.flush()
    audit.write("contract.recorded", company=str(company_id), contract=str(contract.id), people=len(designated))
    for member in designated:
        _designate(contract, member)
    db.session.flush()
    return contract


def extend(company_id: UUID, contract_id: UUID, seen: versions.State, ends_at: datetime) -> Contract:
    """Move the end of a contract later; reminders of the earlier end are dropped by themselves."""
    contract = of_company(company_id, contract_id)
    if ends_at <= contract.ends_at:
        raise ContractEnds
    versions.change(contract, seen, ends_at=ends_at)
    audit.write("contract.extended", company=str(company_id), contract=str(contract_id))
    return contract


def of_company(company_id: UUID, contract_id: UUID) -> Contract:
    """Give one contract of a company."""
    mine = select(Contract).where(Contract.id == contract_id, Contract.company_id == company_id)
    found = db.session.scalar(mine.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def listing(company_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the contracts of a company for staff, newest first."""
    if db.session.get(Company, company_id) is None:
        raise NotFound
    return page(select(Contract).where(Contract.company_id == company_id), Contract.id, cursor=cursor, limit=limit)


def mine(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the contracts somebody is designated for, newest first; the role makes no difference (COM-37)."""
    company, member = membership.my_company(person_id)
    if company.blocked_at is not None:
        raise CompanyBlocked
    return page(_designating(member.id), Contract.id, cursor=cursor, limit=limit)


def people_of(contract_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Give the designated members of contracts, for staff."""
    found: dict[UUID, list[UUID]] = {contract_id: [] for contract_id in contract_ids}
    rows = select(ContractPerson.contract_id, ContractPerson.member_id).where(ContractPerson.contract_id.in_(found))
    for contract_id, member_id in db.session.execute(rows.order_by(ContractPerson.id)):
        found[contract_id].append(member_id)
    return found


def _designating(member_id: UUID) -> Select[Any]:
    return (
        select(Contract)
        .join(ContractPerson, ContractPerson.contract_id == Contract.id)
        .where(ContractPerson.member_id == member_id)
    )


def _designate(contract: Contract, member: CompanyMember) -> None:
    db.session.add(
        ContractPerson(contract_id=contract.id, member_id=member.id, person_id=member.person_id, number=contract.number)
    )
    audit.write("contract.designated", subject=member.person_id, contract=str(contract.id))


def _inside(company_id: UUID, people: Sequence[UUID]) -> list[CompanyMember]:
    """Give the members of these numbers; one who is not inside the company is refused, whoever that is."""
    rows = membership.colleagues(company_id).where(CompanyMember.id.in_(people))
    found = {one.member.id: one.member for one in membership.as_colleagues(rows)}
    wrong = [index for index, number in enumerate(people) if number not in found]
    if wrong:
        raise NotInThisCompany(
            errors=[{"pointer": f"/people/{index}", "message": NotInThisCompany.title} for index in wrong]
        )
    return list(found.values())
