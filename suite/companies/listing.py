"""Lists of people in a company, and in front of its door."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select

from suite.companies import membership
from suite.companies.membership import Colleague
from suite.companies.models import ADMINISTRATOR, CompanyMember
from suite.kernel.paging import Page, page


def members(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """List colleagues: everybody for an Administrator, the Administrators without their addresses for an employee."""
    company, me = membership.my_company(person_id)
    rows = membership.colleagues(company.id)
    if me.role == ADMINISTRATOR:
        return _page(rows, cursor, limit)
    found = _page(rows.where(CompanyMember.role == ADMINISTRATOR), cursor, limit)
    return Page([one._replace(address="") for one in found.rows], found.next_cursor)


def requests(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """List who asks to join, for an Administrator."""
    company, _ = membership.require_administrator(person_id)
    return _page(membership.askers(company.id), cursor, limit)


def one(person_id: UUID, member_id: UUID) -> Colleague:
    """Give a colleague, to an Administrator."""
    company, _ = membership.require_administrator(person_id)
    return membership.one_member(company.id, member_id)


def _page(rows: Select[Any], cursor: str | None, limit: int) -> Page:
    """Give a page of people: first the rows of the page, then who they are, of these alone."""
    found = page(rows.with_only_columns(CompanyMember), CompanyMember.id, cursor=cursor, limit=limit)
    ids = [member.id for member in found.rows]
    known = {who.member.id: who for who in membership.as_colleagues(rows.where(CompanyMember.id.in_(ids)))}
    return Page([known[key] for key in ids if key in known], found.next_cursor)
