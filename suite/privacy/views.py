"""The catalogue for programs and the notice for people."""

from importlib.resources import files
from typing import Any

from flask import Blueprint as Pages
from flask import Response
from flask.views import MethodView

from suite.kernel.access import Permission, allow, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.pages import page
from suite.kernel.paging import PageQuery
from suite.privacy import disclosures
from suite.privacy.catalogue import catalogue
from suite.privacy.notice import notice
from suite.privacy.schemas import CatalogueOut, DisclosuresOut, ServiceOut, ServicesOut

api = Blueprint(
    "privacy",
    __name__,
    url_prefix="/api/v1",
    description="What is asked, kept, why, for how long and who gets it.",
)
pages = Pages("privacy_pages", __name__)


@api.route("/privacy/catalogue")
class Catalogue(MethodView):
    @public
    @api.response(200, CatalogueOut)
    @api.called("getCatalogue")
    def get(self) -> dict[str, Any]:
        """Get the catalogue of the privacy declarations

        The same objects that refuse to start, print the notice and run the sweeps.
        """
        return catalogue()


@api.route("/services")
class Services(MethodView):
    @public
    @api.response(200, ServicesOut)
    @api.called("listServices")
    def get(self) -> dict[str, Any]:
        """List the services and what each asks at registration"""
        return {"services": catalogue()["services"]}


@api.route("/services/<key>")
class OneService(MethodView):
    @public
    @api.response(200, ServiceOut)
    @api.refuses(NotFound)
    @api.called("getService")
    def get(self, key: str) -> dict[str, Any]:
        """Get one service and what it asks at registration"""
        for service in catalogue()["services"]:
            if service["key"] == key:
                return dict(service)
        raise NotFound


@api.route("/me/disclosures")
class Disclosures(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @api.arguments(PageQuery, location="query")
    @api.response(200, DisclosuresOut)
    @api.refuses(InvalidCursor)
    @api.called("listMyDisclosures")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List who received data about you

        Which recipient got which kinds of data for which purpose, since when and how often; kept as long as the
        account. What a law forbids us to tell stands here when the ban has ended.
        """
        found = disclosures.listed(person_id(), **query)
        return {"disclosures": [disclosures.shown(one) for one in found.rows], "next_cursor": found.next_cursor}


@pages.get("/privacy")
@public
def privacy_page() -> Response:
    """Show the privacy notice, written from the declarations."""
    source = files("suite.privacy").joinpath("templates/notice.html").read_text(encoding="utf-8")
    response = page(source, **notice())
    response.headers["Cache-Control"] = "public, max-age=300"
    return response
