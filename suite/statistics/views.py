"""Routes of the statistics: what front ends send, what a visitor may ask, and what staff read."""

import base64
import csv
import io
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Response, request
from flask.views import MethodView

from suite.consents import cookie_refused
from suite.declarations import COOKIE_CONSENTS, CookieCategory
from suite.kernel import access, db, system
from suite.kernel.access import Permission, allow, public
from suite.kernel.api import BeaconBlueprint, Blueprint
from suite.kernel.errors import NotFound, TooManyRequests
from suite.kernel.http import outside_transaction
from suite.kernel.traffic import in_memory
from suite.statistics import campaigns, grounds, plot, reports, visits
from suite.statistics import schemas as s
from suite.statistics.clients import client
from suite.statistics.reports import Report

visiting = BeaconBlueprint(
    "statistics",
    __name__,
    url_prefix="/api/v1",
    description="Statistics of visits, which lead to nobody.",
)
reading = Blueprint(
    "staff-statistics",
    __name__,
    url_prefix="/api/v1/staff/statistics",
    description="Internal tools: how much the sites are used.",
)
api = (visiting, reading)

_GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_SHOWN = 100
_VISITS, _BEACONS = COOKIE_CONSENTS[CookieCategory.ANALYTICS], "campaign_statistics"
"""What the cookie choices of a browser are asked about."""
_VISIT = s.VisitIn()  # made once: making it for each visit costs a tenth of the whole

_limit: Callable[[str], Callable[[], None]] = cache(in_memory)
"""Counts visits by network in the memory of this process; what was counted is never stored."""


@visiting.route("/visits")
class Visits(MethodView):
    @public
    @visiting.arguments(_VISIT)
    @visiting.response(204)
    @visiting.called("noteVisit")
    def post(self, data: dict[str, Any]) -> None:
        """Note a visit

        For `navigator.sendBeacon`, whose text/plain is taken for JSON here. Whoever calls is not looked up: a token
        or session that comes along changes nothing. Each property is counted for itself, by the hour; after the day
        the hours are added up and deleted. A browser whose cookie choices leave out statistics is not counted.
        """
        _limit(system.current().settings.visit_limit)()
        if cookie_refused(_VISITS):
            return
        caller = client(request.headers.get("User-Agent", ""), request.remote_addr or "")
        visits.note(data["service"], data["events"], caller, consent=data["consent"])


@visiting.route("/me/visits/<service>")
class MyVisits(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @visiting.response(200, s.CountedOut)
    @visiting.refuses(NotFound)
    @visiting.called("mayMyVisitsBeCounted")
    def get(self, service: str) -> dict[str, Any]:
        """Ask whether your visits to a service may be counted

        A front end asks before it sends visits of somebody signed in, and sends none when the answer is no. So an
        objection is honoured without anything in a visit that says whose it is.
        """
        if service not in grounds.GROUNDS:
            raise NotFound
        return {"service": service, "counted": grounds.wanted_by(access.person_id(), service)}


@visiting.route("/beacons/<campaign>.gif")
class Beacons(MethodView):
    decorators = [outside_transaction]

    @public
    @visiting.file("image/gif", "A picture of one transparent point.")
    @visiting.called("fetchBeacon")
    def get(self, campaign: str) -> Response:
        """Fetch the beacon of a campaign

        Counts that a page or mail with it was opened, by nothing but the code word of the campaign; an unknown one
        gets the same picture. Pages and mails carry one only for people who said yes.
        """
        if request.method == "GET" and not cookie_refused(_BEACONS):
            _count_beacon(campaign)
        # Mails and pages of other origins show it, and it is never kept: each opening asks again.
        headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "no-store"}
        return Response(_GIF, content_type="image/gif", headers=headers)


def _count_beacon(campaign: str) -> None:
    try:
        _limit(system.current().settings.visit_limit)()
    except TooManyRequests:
        return
    with db.transaction():
        campaigns.seen(campaign)


@reading.route("")
class Statistics(MethodView):
    @allow(Permission.READ_STATISTICS)
    @reading.arguments(s.ReportQuery, location="query")
    @reading.response(200, s.ReportOut)
    @reading.called("readStatistics")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Read the statistics of a service"""
        found = _report(query)
        return {
            "service": found.service,
            "dimension": found.dimension,
            "since": found.since,
            "until": found.until,
            "total": found.total,
            "values": [{"value": value, "times": times} for value, times in found.values[:_SHOWN]],
            "days": [{"day": day, "times": times} for day, times in found.days],
        }


@reading.route("/plot.svg")
class Plot(MethodView):
    @allow(Permission.READ_STATISTICS)
    @reading.arguments(s.ReportQuery, location="query")
    @reading.file("image/svg+xml", "A bar for each day, divided by the most frequent values.")
    @reading.called("plotStatistics")
    def get(self, query: dict[str, Any]) -> Response:
        """Plot the statistics of a service"""
        response = Response(plot.svg(_report(query)), content_type="image/svg+xml; charset=utf-8")
        response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
        return response


@reading.route("/figures.csv")
class Figures(MethodView):
    @allow(Permission.READ_STATISTICS)
    @reading.arguments(s.ReportQuery, location="query")
    @reading.file("text/csv", "A line for each day and value.")
    @reading.called("downloadStatistics")
    def get(self, query: dict[str, Any]) -> Response:
        """Download the statistics of a service"""
        found, text = _report(query), io.StringIO()
        lines = csv.writer(text)
        lines.writerow(("day", "service", "dimension", "value", "times"))
        lines.writerows((day, found.service, found.dimension, value, times) for day, value, times in found.rows)
        response = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{found.service}-{found.dimension}.csv"'
        return response


def _report(query: dict[str, Any]) -> Report:
    return reports.report(query["service"], query["dimension"], since=query["since"], until=query["until"])
