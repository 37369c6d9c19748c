"""Reminders of the signed-in person."""

from typing import Any

from flask.views import MethodView

from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor
from suite.kernel.http import language
from suite.kernel.paging import PageQuery
from suite.reminders import listing
from suite.reminders.schemas import RemindersOut

blp = Blueprint(
    "own_reminders",
    __name__,
    url_prefix="/api/v1/me",
    description="Reminders of what is about to end: planned, sent, or dropped with a reason.",
)


@blp.route("/reminders")
class Reminders(MethodView):
    @allow(Permission.OWN_SERVICES)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, RemindersOut)
    @blp.refuses(InvalidCursor)
    @blp.called("listReminders")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """List your reminders

        The last planned first. Each is planned a day before it is due, and says what became of it and why. They are
        kept for six months. Whether you are reminded at all is a consent (`/me/consents`) or a notice (`/me/notices`)
        of the service.
        """
        found = listing.of_person(person_id(), **query)
        rows = [listing.shown(row, language()) for row in found.rows]
        return {"reminders": rows, "next_cursor": found.next_cursor}
