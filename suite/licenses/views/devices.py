"""The devices of my licences."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidCursor
from suite.kernel.paging import PageQuery
from suite.licenses import devices
from suite.licenses.errors import LicenseOver, LicenseRightMissing, LicenseVoid, NoSeatLeft, TooManyActivations
from suite.licenses.schemas import seats as s
from suite.licenses.seats import Connected
from suite.privacy import DataRestricted

blp = Blueprint(
    "license-devices",
    __name__,
    url_prefix="/api/v1/me/licenses",
    description="The devices your licences are used on.",
)


@blp.route("/<uuid:license_id>/devices")
class Devices(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, s.DevicesOut)
    @blp.refuses(InvalidCursor, LicenseRightMissing)
    @blp.called("listLicenseDevices")
    def get(self, query: dict[str, Any], license_id: UUID) -> dict[str, Any]:
        """List the devices of a licence

        Newest first, with those that were released in the last six months.
        """
        found = devices.listed(license_id, person_id(), **query)
        return {"devices": found.rows, "next_cursor": found.next_cursor}

    @allow(Permission.OWN_LICENSES)
    @blp.arguments(s.DeviceIn)
    @blp.response(201, s.ActivationOut)
    @blp.refuses(DataRestricted, LicenseRightMissing, LicenseVoid, LicenseOver, NoSeatLeft, TooManyActivations)
    @blp.called("connectLicenseDevice")
    def post(self, data: dict[str, Any], license_id: UUID) -> Connected:
        """Connect a licence to a device

        The same device again is the same connection, with the same answer; no Idempotency-Key is needed.
        """
        return devices.connect(license_id, person_id(), **data)


@blp.route("/<uuid:license_id>/devices/<uuid:activation_id>")
class OneDevice(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.response(204)
    @blp.refuses(DataRestricted, LicenseRightMissing)
    @blp.called("releaseLicenseDevice")
    def delete(self, license_id: UUID, activation_id: UUID) -> None:
        """Release a device

        Its seat is free at once; what runs on it works until its licence file is no longer trusted.
        """
        devices.release(license_id, person_id(), activation_id)
