"""Key files: handing one out, and recording the licence of one that somebody has."""

from uuid import UUID

from flask.views import MethodView

from suite.kernel.access import Permission, allow, fresh
from suite.kernel.api import Blueprint
from suite.licenses import keyfiles
from suite.licenses.errors import LicenseIsVoid
from suite.licenses.schemas import seats as s

staff = Blueprint(
    "staff-license-key-files",
    __name__,
    url_prefix="/api/v1/staff/licenses",
    description="Internal tools: key files, which stand for activation codes.",
)


@staff.route("/<uuid:license_id>/key-file")
class KeyFile(MethodView):
    @allow(Permission.MANAGE_LICENSES)
    @fresh
    @staff.response(200, s.KeyFileOut)
    @staff.refuses(LicenseIsVoid)
    @staff.called("makeKeyFile")
    def post(self, license_id: UUID) -> dict[str, str]:
        """Make a key file

        It stands for the activation code of the licence for 24 months; no copy of it is kept.
        """
        return {"key_file": keyfiles.make(license_id)}
