"""What the signed-in person may do with a licence."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.licenses import rights
from suite.licenses.schemas import product_events as s

blp = Blueprint(
    "license-rights",
    __name__,
    url_prefix="/api/v1/me/licenses",
    description="What you may do with a licence of yours or of your company, as configured in its product.",
)


@blp.route("/<uuid:license_id>/rights")
class Rights(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.arguments(s.InstanceQuery, location="query")
    @blp.response(200, s.LicenseRightsOut)
    @blp.called("getLicenseRights")
    def get(self, query: dict[str, Any], license_id: UUID) -> rights.Standing:
        """Show what you may do with a licence

        Until its product says something about it, whoever holds it manages and uses it; in a company the Administrators
        manage it and everybody uses it.
        """
        return rights.shown(license_id, person_id(), **query)
