"""Reading the audit trail."""

from typing import Any

from flask.views import MethodView

from suite.kernel.access import Permission, allow
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor
from suite.staff import looks
from suite.staff.schemas import desk as s

blp = Blueprint(
    "staff-audit",
    __name__,
    url_prefix="/api/v1/staff/audit",
    description="Internal tools: the audit trail.",
)


@blp.route("")
class Trail(MethodView):
    @allow(Permission.READ_AUDIT)
    @blp.arguments(s.TrailQuery, location="query")
    @blp.response(200, s.TrailOut)
    @blp.refuses(InvalidCursor)
    @blp.called("readAuditTrail")
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Read the audit trail

        Newest first. Who acted and whom it was about stand there under keyed hashes, never by name or address.
        """
        found = looks.trail(**query)
        return {"entries": found.rows, "next_cursor": found.next_cursor}
