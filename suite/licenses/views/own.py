"""The licences of the signed-in person."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel import clock
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.http import client_network
from suite.kernel.paging import PageQuery
from suite.licenses import own, terms
from suite.licenses.errors import (
    CodeMistyped,
    LicenseNotAccepted,
    LicenseRightMissing,
    NotInService,
    NotRenewable,
    OfTheCompany,
    TooManyCodesTried,
)
from suite.licenses.own import Held
from suite.licenses.products import catalogue
from suite.licenses.schemas import own as s
from suite.privacy import DataRestricted

blp = Blueprint(
    "licenses",
    __name__,
    url_prefix="/api/v1/me/licenses",
    description="Your licences: add them by their activation codes, and see how long they run.",
)


@blp.route("")
class Licenses(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.LicensesOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listMyLicenses")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List your licences"""
        found = own.listed(person_id(), **query)
        return {"licenses": [shown(held) for held in found.rows], "next_cursor": found.next_cursor}

    @allow(Permission.OWN_LICENSES)
    @blp.arguments(s.LicenseIn)
    @blp.response(201, s.LicenseOut)
    @blp.refuses(CodeMistyped, LicenseNotAccepted, TooManyCodesTried, NotInService, OfTheCompany, DataRestricted)
    @blp.called("addLicense")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Add a licence by its activation code

        Adding it again is answered the same and changes nothing, so it is safe to repeat. A mistyped code is told as
        such. A wrong one is counted, at most 10 an hour, and the answer does not tell why: whether there is no such
        code, it was ended or is over, is for another service, or somebody else has added it.
        """
        return shown(own.add(person_id(), data["service"], data["code"], network=client_network()))


@blp.route("/<uuid:license_id>/renewal")
class Renewal(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.arguments(s.RenewalIn)
    @blp.response(200, s.LicenseOut)
    @blp.refuses(NotFound, LicenseRightMissing, NotRenewable, DataRestricted)
    @blp.called("chooseRenewal")
    def put(self, data: dict[str, bool], license_id: UUID) -> dict[str, Any]:
        """Choose automatic renewal of a licence, or take it back

        Off until you choose it. Whoever sells the licence is told and renews it at its end; `expires_at` says when
        that happened. A trial, a licence without an end and a void one cannot be renewed.
        """
        return shown(own.renew(person_id(), license_id, wanted=data["renews"]))


@blp.route("/<uuid:license_id>")
class OneLicense(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.response(200, s.LicenseOut)
    @blp.refuses(NotFound, LicenseRightMissing)
    @blp.called("getMyLicense")
    def get(self, license_id: UUID) -> dict[str, Any]:
        """Get one of your licences"""
        return shown(own.one(person_id(), license_id))

    @allow(Permission.OWN_LICENSES)
    @blp.response(204)
    @blp.refuses(NotFound, LicenseRightMissing, DataRestricted)
    @blp.called("removeMyLicense")
    def delete(self, license_id: UUID) -> None:
        """Remove a licence from your list

        Its devices are released. Whoever has the code may add it again; how long it runs stays as it is.
        """
        own.remove(person_id(), license_id)


def shown(held: Held) -> dict[str, Any]:
    """Show a licence to whoever has it."""
    found, holding = held.license, held.holding
    return {
        "id": found.id,
        "service": holding.service,
        "product": found.product,
        "title": catalogue().products[found.product].title,
        "policy": found.policy,
        "state": terms.state_of(found, clock.now()),
        "code_ends": found.code_tail,
        "seats": found.seats,
        "begins_at": found.begins_at,
        "expires_at": found.expires_at,
        "renews": holding.renews,
        "added_at": holding.added_at,
    }
