"""E-mail domains of your company."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.companies import domains
from suite.companies.errors import (
    CompanyBlocked,
    DomainCodeWrong,
    DomainMailTooSoon,
    DomainNotUsable,
    DomainTaken,
    NotAdministrator,
    TooManyDomains,
)
from suite.companies.models import CompanyDomain
from suite.companies.schemas import company as s
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import NotFound
from suite.kernel.idempotency import idempotent
from suite.privacy import DataRestricted

blp = Blueprint(
    "company-domains",
    __name__,
    url_prefix="/api/v1/company/domains",
    description="E-mail domains of your company: whoever has an address there joins without being asked.",
)
_REFUSED = (NotFound, CompanyBlocked, NotAdministrator)


@blp.route("")
class Domains(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.CompanyDomainsOut)
    @blp.refuses(*_REFUSED)
    @blp.called("listCompanyDomains")
    def get(self) -> dict[str, Any]:
        """List the domains of your company"""
        return {"domains": domains.listing(person_id())}

    @allow(Permission.OWN_COMPANY)
    @fresh
    @idempotent
    @blp.arguments(s.DomainIn)
    @blp.response(201, s.CompanyDomainOut)
    @blp.refuses(*_REFUSED, DomainNotUsable, TooManyDomains, DomainMailTooSoon, DataRestricted)
    @blp.called("addCompanyDomain")
    def post(self, data: dict[str, str]) -> CompanyDomain:
        """Add a domain, or send another code for it

        A code of six digits goes to the mailbox you choose among those that run the domain. Until it is confirmed the
        domain lets nobody in. A domain is taken as it is written: subdomains are others.
        """
        return domains.add(person_id(), **data)


@blp.route("/<uuid:domain_id>")
class OneDomain(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(204)
    @blp.refuses(*_REFUSED, DataRestricted)
    @blp.called("removeCompanyDomain")
    def delete(self, domain_id: UUID) -> None:
        """Remove a domain; whoever came in by it stays"""
        domains.remove(person_id(), domain_id)


@blp.route("/<uuid:domain_id>/confirmation")
class DomainConfirmation(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(s.DomainCodeIn)
    @blp.response(200, s.CompanyDomainOut)
    @blp.refuses(*_REFUSED, DomainCodeWrong, DomainTaken, DataRestricted)
    @blp.called("confirmCompanyDomain")
    def post(self, data: dict[str, str], domain_id: UUID) -> CompanyDomain:
        """Verify a domain with the mailed code

        Five tries; the code works for 24 hours. From then on people who prove an address in the domain and give a
        licence of your company are let in at once.
        """
        return domains.confirm(person_id(), domain_id, data["code"])
