"""Licences for the internal tools: issuing, finding, ending, handing over, extending."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel import clock
from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.idempotency import idempotent
from suite.kernel.paging import PageQuery
from suite.kernel.versions import State, gives_version, takes_version
from suite.licenses import desk, issuing, listing, terms
from suite.licenses import errors as e
from suite.licenses.models import License
from suite.licenses.products import catalogue
from suite.licenses.schemas import desk as s
from suite.privacy import DataRestricted

blp = Blueprint(
    "staff-licenses",
    __name__,
    url_prefix="/api/v1/staff/licenses",
    description="Internal tools: licences. Every act stands in the audit trail; its holder can read it.",
)
batches = Blueprint(
    "staff-license-batches",
    __name__,
    url_prefix="/api/v1/staff/license-batches",
    description="Internal tools: issuing licences.",
)


@batches.route("")
class Batches(MethodView):
    @allow(Permission.VIEW_LICENSES)
    @batches.arguments(PageQuery, location="query")
    @batches.response(200, s.LicenseBatchesOut)
    @batches.refuses(InvalidCursor)
    @batches.called("listLicenseBatches")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List what was issued together"""
        found = listing.batches(**query)
        return {"batches": found.rows, "next_cursor": found.next_cursor}

    @allow(Permission.MANAGE_LICENSES)
    @fresh
    @idempotent
    @batches.arguments(s.LicenseBatchIn)
    @batches.response(201, s.LicensesIssuedOut)
    @batches.refuses(e.NoSuchProduct, e.NotSoldSo, e.TermImpossible)
    @batches.called("issueLicenses")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Issue licences

        The answer holds their activation codes; they are never shown again. With an Idempotency-Key the answer is kept
        for 24 hours, encrypted, so that a request whose answer was lost can be repeated.
        """
        made = list(issuing.issue(**data, source="staff"))
        return {"batch_id": made[0].batch_id, "licenses": made}


@blp.route("")
class Licenses(MethodView):
    @allow(Permission.VIEW_LICENSES)
    @blp.arguments(s.LicensesQuery, location="query")
    @blp.response(200, s.StaffLicensesOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listLicenses")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List licences

        By state, product, end and batch. With `expires_after`, `expires_before` or one of the states valid, grace and
        expired, the one that ends first comes first, unless a batch is asked for; else the newest comes first.
        """
        found = listing.licenses(**query)
        return {"licenses": [_shown(one) for one in found.rows], "next_cursor": found.next_cursor}


@blp.route("/search")
class Search(MethodView):
    @allow(Permission.VIEW_LICENSES)
    @blp.arguments(s.LicenseCodeIn)
    @blp.response(200, s.StaffLicenseOut)
    @blp.refuses(NotFound, e.CodeMistyped)
    @blp.called("findLicense")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Find a licence by its activation code"""
        return _shown(desk.by_code(data["code"]))


@blp.route("/<uuid:license_id>")
class OneLicense(MethodView):
    @allow(Permission.VIEW_LICENSES)
    @blp.response(200, s.StaffLicenseOut)
    @gives_version
    @blp.refuses(NotFound)
    @blp.called("getLicense")
    def get(self, license_id: UUID) -> tuple[dict[str, Any], State]:
        """Get a licence, without who has it"""
        found = desk.one(license_id)
        return _shown(found), State.of(found)


@blp.route("/<uuid:license_id>/view")
class View(MethodView):
    @allow(Permission.VIEW_LICENSES)
    @blp.response(200, s.HeldLicenseOut)
    @gives_version
    @blp.refuses(NotFound)
    @blp.called("viewLicense")
    def post(self, license_id: UUID) -> tuple[dict[str, Any], State]:
        """Look at a licence and who has it"""
        found, holder = desk.look(license_id)
        return _shown(found) | {"holder": holder}, State.of(found)


@blp.route("/<uuid:license_id>/void")
class Void(MethodView):
    @allow(Permission.MANAGE_LICENSES)
    @fresh
    @blp.arguments(s.LicenseVoidIn)
    @takes_version
    @blp.response(200, s.StaffLicenseOut)
    @gives_version
    @blp.refuses(NotFound, e.LicenseVoid)
    @blp.called("voidLicense")
    def post(self, data: dict[str, str], license_id: UUID, seen: State) -> tuple[dict[str, Any], State]:
        """End a licence for good

        At once and for whoever has it. It cannot be taken back.
        """
        return _changed(desk.void(license_id, seen, data["reason"]))


@blp.route("/<uuid:license_id>/extend")
class Extend(MethodView):
    @allow(Permission.MANAGE_LICENSES)
    @blp.arguments(s.LicenseExtensionIn)
    @takes_version
    @blp.response(200, s.StaffLicenseOut)
    @gives_version
    @blp.refuses(NotFound, e.LicenseVoid, e.LicenseUnused, e.LicenseEndless, e.TermImpossible)
    @blp.called("extendLicense")
    def post(self, data: dict[str, Any], license_id: UUID, seen: State) -> tuple[dict[str, Any], State]:
        """Let a licence end later

        Without `expires_at`, by the length its policy says: counted from its end, or from now where even its grace is
        over.
        """
        return _changed(desk.extend(license_id, seen, data["expires_at"]))


@blp.route("/<uuid:license_id>/transfer")
class Transfer(MethodView):
    @allow(Permission.MANAGE_LICENSES)
    @fresh
    @blp.arguments(s.LicenseTransferIn)
    @takes_version
    @blp.response(200, s.HeldLicenseOut)
    @gives_version
    @blp.refuses(NotFound, e.HolderUnknown, e.LicenseVoid, e.LicenseNotForService, DataRestricted)
    @blp.called("transferLicense")
    def post(self, data: dict[str, desk.Target], license_id: UUID, seen: State) -> tuple[dict[str, Any], State]:
        """Give a licence to somebody else

        Whoever has it loses it, and its devices are released. Given to nobody it is free for whoever has its code.
        """
        found, holder = desk.transfer(license_id, seen, data["to"])
        return _shown(found) | {"holder": holder}, State.of(found)


def _changed(found: License) -> tuple[dict[str, Any], State]:
    return _shown(found), State.of(found)


def _shown(found: License) -> dict[str, Any]:
    return {
        "id": found.id,
        "batch_id": found.batch_id,
        "product": found.product,
        "title": catalogue().products[found.product].title,
        "policy": found.policy,
        "state": terms.state_of(found, clock.now()),
        "code_ends": found.code_tail,
        "seats": found.seats,
        "begins_at": found.begins_at,
        "expires_at": found.expires_at,
        "voided_at": found.voided_at,
        "void_reason": found.void_reason,
    }
