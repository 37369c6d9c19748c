"""Companies and their contracts, for staff."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.companies import contracts, desk
from suite.companies.errors import ContractEnds, ContractNumberTaken, NotInThisCompany
from suite.companies.models import Company, Contract
from suite.companies.schemas import contracts as c
from suite.companies.schemas import staff as s
from suite.kernel.access import Permission, allow
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.idempotency import idempotent
from suite.kernel.paging import PageQuery
from suite.kernel.versions import State, gives_version, takes_version

blp = Blueprint(
    "staff-companies",
    __name__,
    url_prefix="/api/v1/staff/companies",
    description="Internal tools: companies and their contracts about paid support.",
)


@blp.route("")
class StaffCompanies(MethodView):
    @allow(Permission.VIEW_COMPANIES)
    @blp.arguments(s.CompaniesQuery, location="query")
    @blp.response(200, s.StaffCompaniesOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listCompanies")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List companies, newest first"""
        found = desk.listing(**query)
        return {"companies": [_company(one) for one in found.rows], "next_cursor": found.next_cursor}


@blp.route("/<uuid:company_id>")
class StaffCompany(MethodView):
    @allow(Permission.VIEW_COMPANIES)
    @blp.response(200, s.StaffCompanyDetailOut)
    @blp.refuses(NotFound)
    @blp.called("viewCompany")
    def get(self, company_id: UUID) -> dict[str, Any]:
        """Look at a company

        How many people it has, and none of them by name.
        """
        found = desk.look(company_id)
        return _company(found.company) | {
            "domains": found.domains,
            "members": found.members,
            "administrators": found.administrators,
            "join_requests": found.askers,
        }


@blp.route("/<uuid:company_id>/members/search")
class StaffMemberSearch(MethodView):
    @allow(Permission.RECORD_CONTRACTS)
    @blp.arguments(s.MemberSearchIn)
    @blp.response(200, s.FoundMembersOut)
    @blp.refuses(NotFound)
    @blp.called("searchCompanyMembers")
    def post(self, data: dict[str, str], company_id: UUID) -> dict[str, Any]:
        """Find somebody inside a company by the exact address

        To designate them for a contract. There is no list, and each search stands in the audit trail of who was found.
        """
        found = desk.find_member(company_id, data["email"])
        return {"members": [found.member] if found else []}


@blp.route("/<uuid:company_id>/contracts")
class StaffContracts(MethodView):
    @allow(Permission.VIEW_COMPANIES)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, c.StaffContractsOut)
    @blp.refuses(NotFound, InvalidCursor)
    @blp.called("listContractsOfCompany")
    def get(self, query: dict[str, Any], company_id: UUID) -> dict[str, Any]:
        """List the contracts of a company, newest first"""
        found = contracts.listing(company_id, **query)
        people = contracts.people_of(one.id for one in found.rows)
        return {
            "contracts": [_contract(one, people[one.id]) for one in found.rows],
            "next_cursor": found.next_cursor,
        }

    @allow(Permission.RECORD_CONTRACTS)
    @idempotent
    @blp.arguments(c.ContractIn)
    @blp.response(201, c.StaffContractOut)
    @blp.refuses(NotFound, ContractEnds, ContractNumberTaken, NotInThisCompany)
    @blp.called("recordContract")
    def post(self, data: dict[str, Any], company_id: UUID) -> dict[str, Any]:
        """Record a contract that was bought

        With the members designated at the purchase: they see it, and are told before it ends.
        """
        return _with_people(contracts.record(company_id, **data))


@blp.route("/<uuid:company_id>/contracts/<uuid:contract_id>")
class StaffContract(MethodView):
    @allow(Permission.VIEW_COMPANIES)
    @blp.response(200, c.StaffContractOut)
    @gives_version
    @blp.refuses(NotFound)
    @blp.called("getContract")
    def get(self, company_id: UUID, contract_id: UUID) -> tuple[dict[str, Any], State]:
        """Look at a contract"""
        found = contracts.of_company(company_id, contract_id)
        return _with_people(found), State.of(found)

    @allow(Permission.RECORD_CONTRACTS)
    @blp.arguments(c.ContractPatch)
    @takes_version
    @blp.response(200, c.StaffContractOut)
    @gives_version
    @blp.refuses(NotFound, ContractEnds)
    @blp.called("extendContract")
    def patch(
        self, data: dict[str, Any], company_id: UUID, contract_id: UUID, seen: State
    ) -> tuple[dict[str, Any], State]:
        """Move the end of a contract later

        Notices about the earlier end are not sent any more.
        """
        found = contracts.extend(company_id, contract_id, seen, data["ends_at"])
        return _with_people(found), State.of(found)


def _company(company: Company) -> dict[str, Any]:
    names = ("id", "name", "country", "founded_at", "blocked_at", "ended_at")
    return {name: getattr(company, name) for name in names}


def _with_people(contract: Contract) -> dict[str, Any]:
    return _contract(contract, contracts.people_of([contract.id])[contract.id])


def _contract(contract: Contract, people: list[UUID]) -> dict[str, Any]:
    names = ("id", "number", "title", "begins_at", "ends_at", "recorded_at")
    return {name: getattr(contract, name) for name in names} | {"people": people}
