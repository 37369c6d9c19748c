"""Key files: handing one out, and recording the licence of one that somebody has."""

from typing import Any, Final
from uuid import UUID

from flask import request
from flask.views import MethodView

from suite.kernel import strictjson
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import TooLarge
from suite.kernel.http import client_network
from suite.licenses import keyfiles, own
from suite.licenses.errors import (
    KeyFileNeeded,
    LicenseNotAccepted,
    LicenseVoid,
    NoKeyFile,
    NotInService,
    OfTheCompany,
    TooManyCodesTried,
)
from suite.licenses.files import MOST
from suite.licenses.schemas import own as owners
from suite.licenses.schemas import seats as s
from suite.licenses.views.own import shown
from suite.privacy import DataRestricted

UPLOADED: Final = "application/octet-stream"
_FILE = {
    "type": "string",
    "format": "binary",
    "examples": ["-----BEGIN LICENSE FILE-----\neyJwYXlsb2FkIjoi...\n-----END LICENSE FILE-----\n"],
}
_BODY = {"required": True, "content": {UPLOADED: {"schema": _FILE}}}

blp = Blueprint(
    "license-key-files",
    __name__,
    url_prefix="/api/v1/me/licenses/key-file",
    description="Your licences: add them by their key files, of which nothing is kept.",
)

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
    @staff.refuses(LicenseVoid)
    @staff.called("makeKeyFile")
    def post(self, license_id: UUID) -> dict[str, str]:
        """Make a key file

        It stands for the activation code of the licence for 24 months; no copy of it is kept.
        """
        return {"key_file": keyfiles.make(license_id)}


@blp.route("")
class Upload(MethodView):
    @allow(Permission.OWN_LICENSES)
    @blp.arguments(s.KeyFileQuery, location="query")
    @blp.response(201, owners.LicenseOut)
    @blp.refuses(
        KeyFileNeeded,
        TooLarge,
        NoKeyFile,
        LicenseNotAccepted,
        TooManyCodesTried,
        NotInService,
        OfTheCompany,
        DataRestricted,
    )
    @blp.doc(requestBody=_BODY)
    @blp.called("addLicenseByKeyFile")
    def post(self, query: dict[str, str]) -> dict[str, Any]:
        """Add a licence by its key file

        The body is the file as it is, at most 16 KiB. It is read in memory and no byte of it is kept: what stays is the
        licence in your list, as if its code had been given. Adding it again changes nothing.
        """
        return shown(own.add(person_id(), query["service"], _uploaded(), network=client_network()))


def _uploaded() -> str:
    """Read the body in memory: it goes through no parser that would put it into a temporary file."""
    if request.mimetype != UPLOADED or request.content_encoding:
        raise KeyFileNeeded
    return keyfiles.text_of(strictjson.body(request, MOST))
