"""Licences of the company the signed-in person works for."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.companies import CompanyBlocked, NotAdministrator
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.http import client_network
from suite.kernel.paging import PageQuery
from suite.licenses import company
from suite.licenses.errors import CodeMistyped, LicenseNotAccepted, TooManyCodesTried
from suite.licenses.schemas import company as s
from suite.licenses.schemas.own import LicenseOut, LicensesOut
from suite.licenses.views.own import shown

blp = Blueprint(
    "company-licenses",
    __name__,
    url_prefix="/api/v1/company/licenses",
    description="Licences of your company: everybody inside sees and adds them, an Administrator removes them.",
)


@blp.route("")
class CompanyLicenses(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, LicensesOut)
    @blp.refuses(NotFound, CompanyBlocked, InvalidCursor)
    @blp.called("listCompanyLicenses")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the licences of your company"""
        found = company.listing(person_id(), **query)
        return {"licenses": [shown(held) for held in found.rows], "next_cursor": found.next_cursor}

    @allow(Permission.OWN_COMPANY)
    @blp.arguments(s.CompanyLicenseIn)
    @blp.response(201, LicenseOut)
    @blp.refuses(NotFound, CompanyBlocked, CodeMistyped, LicenseNotAccepted, TooManyCodesTried)
    @blp.called("addCompanyLicense")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Add a licence to your company

        By its activation code or its key file. Only a record about the licence is kept. Adding
        it again is answered the same.
        """
        return shown(company.add(person_id(), data["code"], network=client_network()))


@blp.route("/<uuid:license_id>")
class OneCompanyLicense(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(204)
    @blp.refuses(NotFound, NotAdministrator, CompanyBlocked)
    @blp.called("removeCompanyLicense")
    def delete(self, license_id: UUID) -> None:
        """Remove a licence from the list

        Administrators only. The devices it is used on are released.
        """
        company.remove(person_id(), license_id)
