"""What the signed-in person can read about what happened to the account."""

from typing import Any

from flask.views import MethodView

from suite.accounts import events
from suite.accounts.schemas import events as s
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor
from suite.kernel.paging import PageQuery

blp = Blueprint(
    "events",
    __name__,
    url_prefix="/api/v1/me",
    description="What happened to your account, and who of our staff looked at it.",
)


@blp.route("/events")
class Events(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.EventsOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listMyEvents")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List what happened to your account

        Sign-ins, wrong passwords, changes of what guards the account; kept for twelve months.
        """
        found = events.happened(person_id(), **query)
        return {
            "events": [
                {"at": one.at, "action": one.action, "by": one.actor_kind, "facts": events.facts_of(one)}
                for one in found.rows
            ],
            "next_cursor": found.next_cursor,
        }


@blp.route("/accesses")
class Accesses(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.AccessesOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listStaffAccesses")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List what our staff looked at or did

        Every look and act of a person who works for us, with the reason where one is asked; without names.
        """
        found = events.accesses(person_id(), **query)
        return {
            "accesses": [
                {"at": one.at, "action": one.action, "role": one.actor_kind, "reason": one.facts.get("reason")}
                for one in found.rows
            ],
            "next_cursor": found.next_cursor,
        }
