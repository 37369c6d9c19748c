"""The catalogue for programs and the notice for people."""

from datetime import datetime
from typing import Any

from flask import Blueprint as Pages
from flask import Response, request
from flask.views import MethodView

from suite.kernel import words
from suite.kernel.access import Permission, allow, person_id, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor, NotFound
from suite.kernel.http import language
from suite.kernel.pages import Rendered, rendered
from suite.kernel.paging import PageQuery
from suite.privacy import disclosures, versions
from suite.privacy import schemas as s
from suite.privacy.content import catalogue, content, template, version_of
from suite.privacy.models import NoticeVersion
from suite.privacy.notice import notice
from suite.privacy.phrases import Tongue
from suite.privacy.register import current

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
    @api.response(200, s.CatalogueOut)
    @api.called("getCatalogue")
    def get(self) -> dict[str, Any]:
        """Get the catalogue of the privacy declarations

        The same objects that refuse to start, print the notice and run the sweeps.
        """
        return catalogue()


@api.route("/services")
class Services(MethodView):
    @public
    @api.response(200, s.ServicesOut)
    @api.called("listServices")
    def get(self) -> dict[str, Any]:
        """List the services and what each asks at registration"""
        return {"services": catalogue()["services"]}


@api.route("/services/<key>")
class OneService(MethodView):
    @public
    @api.response(200, s.ServiceOut)
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
    @api.response(200, s.DisclosuresOut)
    @api.refuses(InvalidCursor)
    @api.called("listMyDisclosures")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List who received data about you

        Which recipient got which kinds of data for which purpose, since when and how often; kept as long as the
        account. What a law forbids us to tell stands here when the ban has ended.
        """
        found = disclosures.listed(person_id(), **query)
        return {"disclosures": [disclosures.shown(one) for one in found.rows], "next_cursor": found.next_cursor}


@api.route("/privacy/versions")
class Versions(MethodView):
    @public
    @api.arguments(PageQuery, location="query")
    @api.response(200, s.VersionsOut)
    @api.refuses(InvalidCursor)
    @api.called("listNoticeVersions")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List the versions of the privacy notice, newest first"""
        found = versions.listed(**query)
        return {"versions": found.rows, "next_cursor": found.next_cursor}


@api.route("/privacy/versions/<version>")
class OneVersion(MethodView):
    @public
    @api.response(200, s.VersionContentOut)
    @api.refuses(NotFound)
    @api.called("getNoticeVersion")
    def get(self, version: str) -> NoticeVersion:
        """Get everything a version of the privacy notice showed"""
        return versions.one(version)


@api.route("/privacy/authority")
class Authority(MethodView):
    @public
    @api.arguments(s.AuthorityQuery, location="query")
    @api.response(200, s.AuthorityOut)
    @api.refuses(NotFound)
    @api.called("getAuthority")
    def get(self, query: dict[str, str]) -> dict[str, str]:
        """Get the supervisory authority for people in a country"""
        found = current().vendor["authorities"].get(query["country"])
        if found is None:
            raise NotFound
        return {**found, **query}


@pages.get("/privacy")
@public
def privacy_page() -> Response:
    """Show the privacy notice, written from the declarations."""
    shown = content()
    return _page(shown, version_of(shown), old=False)


@pages.get("/privacy/versions/<version>")
@public
def privacy_version_page(version: str) -> Response:
    """Show a version of the privacy notice as it was."""
    return _page(versions.one(version).content, version, old=version != catalogue()["version"])


def _page(shown: dict[str, Any], version: str, *, old: bool) -> Response:
    """Render a version in the language of the address or of the browser."""
    asked = request.args.get("language", "")
    tongue = Tongue(asked if asked in words.LANGUAGES else language())
    history = tuple(versions.history(version))
    key = (version, old, tongue.language, history)
    if key not in _RENDERED:
        if len(_RENDERED) >= _MOST_RENDERED:
            _RENDERED.clear()
        _RENDERED[key] = _rendered(shown, version, tongue, history, old=old)
    response = _RENDERED[key].answer()
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers.add("Vary", "Accept-Language")
    return response


_MOST_RENDERED = 32
_RENDERED: dict[tuple[Any, ...], Rendered] = {}
"""A hash names one content for ever, so a page made once stays right."""


def _rendered(
    shown: dict[str, Any], version: str, tongue: Tongue, history: tuple[tuple[str, datetime], ...], *, old: bool
) -> Rendered:
    facts = notice(shown, tongue) | {
        "version": version,
        "old": old,
        "since": tongue.day(history[0][1]) if history else "",
        "before": {"id": history[1][0], "since": tongue.day(history[1][1])} if len(history) == 2 else None,
        "news": versions.difference(history[1][0], version, tongue.language) if len(history) == 2 else (),
    }
    return rendered(template(), language=tongue.language, **facts)
