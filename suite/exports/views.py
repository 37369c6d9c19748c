"""The routes of the exports module."""

from importlib.resources import files as package
from itertools import chain
from typing import Any
from uuid import UUID

from flask import Blueprint as Pages
from flask import Response
from flask.views import MethodView

from suite.exports import asking, handover
from suite.exports import schemas as s
from suite.exports.errors import ExportNotReady, ExportRunning, LinkUsed, TooManyExports
from suite.exports.models import STAYS, Export
from suite.exports.overview import overview
from suite.kernel import limits, system
from suite.kernel.access import Permission, allow, fresh, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import NotFound, TooManyAttempts
from suite.kernel.http import client_network, language
from suite.kernel.limits import Allowance
from suite.kernel.pages import page

api = Blueprint(
    "exports",
    __name__,
    url_prefix="/api/v1",
    description="What is held about you, when it vanishes, and a copy of it to take away.",
)
pages = Pages("export_pages", __name__)
_TRIES = Allowance("export-links", 20, 60)
_ZIP = {200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}}


@api.route("/me/data")
class Data(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @api.response(200, s.DataOut)
    @api.called("getMyData")
    def get(self) -> dict[str, Any]:
        """See what is held about you and when it vanishes

        One group per kind of entry, summed up: with purposes, recipients and the day the first of them vanishes, or
        the rule in words while its clock stands still.
        """
        return {"groups": overview(person_id(), language())}


@api.route("/me/exports")
class Exports(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @api.response(200, s.ExportsOut)
    @api.called("listExports")
    def get(self) -> dict[str, Any]:
        """List the copies of your data"""
        return {"exports": [_shown(export) for export in asking.listed(person_id())]}

    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @api.arguments(s.ExportIn)
    @api.response(202, s.ExportOut)
    @api.refuses(ExportRunning, TooManyExports)
    @api.called("askForExport")
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Ask for a copy of your data

        It is made in the background: a zip with a document for programs, a page for people, and your files. A mail
        tells when it is ready; it can be fetched for 24 hours. One is made at a time.
        """
        tongue = data["language"] or language()
        return _shown(asking.ask(person_id(), language=tongue, recipient=data["recipient"]))


@api.route("/me/exports/<uuid:export_id>")
class OneExport(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @api.response(200, s.ExportOut)
    @api.refuses(NotFound)
    @api.called("getExport")
    def get(self, export_id: UUID) -> dict[str, Any]:
        """See how far a copy is"""
        return _shown(asking.one(person_id(), export_id))


@api.route("/me/exports/<uuid:export_id>/download")
class Download(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @api.response(200, description="The zip.")
    @api.doc(responses=_ZIP)
    @api.refuses(NotFound, ExportNotReady)
    @api.called("downloadExport")
    def get(self, export_id: UUID) -> Response:
        """Fetch a copy of your data"""
        return _sent(asking.ready(person_id(), export_id))


@api.route("/me/exports/<uuid:export_id>/link")
class Link(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @api.response(201, s.ExportLinkOut)
    @api.refuses(NotFound, ExportNotReady)
    @api.called("makeExportLink")
    def post(self, export_id: UUID) -> dict[str, Any]:
        """Make a link for somebody you hand your data to

        Whoever has it fetches the copy, once, as long as the copy is there. It is shown this once; a new one replaces
        it. Nothing is sent from here: you pass it on.
        """
        export, token = handover.link(person_id(), export_id)
        address = f"{system.current().settings.public_url.rstrip('/')}/export#{token}"
        return {"url": address, "token": token, "until": STAYS.after(export.made_at)}


@api.route("/exports/handover")
class Handover(MethodView):
    @public
    @api.arguments(s.HandoverIn)
    @api.response(200, description="The zip.")
    @api.doc(responses=_ZIP)
    @api.refuses(LinkUsed, TooManyAttempts)
    @api.called("redeemExportLink")
    def post(self, data: dict[str, str]) -> Response:
        """Fetch a copy somebody handed you a link to

        Once: the link is used up with this request.
        """
        limits.take(_TRIES, client_network())
        return _sent(handover.redeem(data["token"]))


@pages.get("/export")
@public
def export_page() -> Response:
    """Show the page behind a link; the token stands behind the # and leaves the browser only with the button."""
    source = package("suite.exports").joinpath("templates/handover.html").read_text(encoding="utf-8")
    response = page(source, language=language())
    response.headers.add("Vary", "Accept-Language")
    return response


def _sent(export: Export) -> Response:
    """Stream a copy; one whose file went already is not there."""
    pieces = system.current().files.open(export.file or "")
    try:
        beginning = next(pieces, b"")
    except FileNotFoundError:
        raise NotFound from None
    response = Response(chain([beginning], pieces), content_type="application/zip")
    response.headers["Content-Length"] = str(export.size)
    response.headers["Content-Disposition"] = f'attachment; filename="your-data-{export.made_at:%Y-%m-%d}.zip"'
    return response


def _shown(export: Export) -> dict[str, Any]:
    names = ("id", "state", "done", "of", "recipient", "language", "size", "sha256", "asked_at")
    return {name: getattr(export, name) for name in names} | {"until": STAYS.after(export.made_at)}
