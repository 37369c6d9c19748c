"""Coming into a company with a licence."""

from typing import Any

from flask.views import MethodView

from suite.companies import AlreadyInCompany, AskedTooOften, CompanyAccountNeeded, InvitationUnusable
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import TooManyAttempts
from suite.kernel.http import client_network
from suite.kernel.idempotency import idempotent
from suite.licenses import joining
from suite.licenses.errors import CodeMistyped, LicenseNotAccepted, TooManyCodesTried
from suite.licenses.schemas.entry import EntryIn
from suite.privacy import DataRestricted

blp = Blueprint(
    "company-entry",
    __name__,
    url_prefix="/api/v1/company/entry",
    description="Founding or joining a company with a licence, for members of Company Account who are in none.",
)


@blp.route("")
class Entry(MethodView):
    @allow(Permission.OWN_COMPANY)
    @idempotent
    @blp.arguments(EntryIn)
    @blp.response(204)
    @blp.refuses(
        CompanyAccountNeeded,
        AlreadyInCompany,
        CodeMistyped,
        LicenseNotAccepted,
        TooManyCodesTried,
        InvitationUnusable,
        AskedTooOften,
        TooManyAttempts,
        DataRestricted,
    )
    @blp.called("enterCompany")
    def post(self, data: dict[str, Any]) -> None:
        """Found or join a company with a licence

        As at registration: a licence nobody has founds a company, and you are its Administrator; the licence of a
        company asks its Administrators to let you in. The answer does not tell which of both it was.
        """
        joining.enter(person_id(), **data, network=client_network())
