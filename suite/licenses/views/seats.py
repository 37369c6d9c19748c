"""What products call: connecting a licence to a device, judging it, releasing it. Nobody signs in for it."""

from typing import Any

from flask import Response, jsonify
from flask.views import MethodView

from suite.kernel import db
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.http import client_network, outside_transaction
from suite.licenses import seats, signing, validation
from suite.licenses.errors import (
    CodeMistyped,
    LicenseOfOther,
    LicenseOver,
    LicenseUnknown,
    LicenseVoid,
    NoSeatLeft,
    TooManyActivations,
    TooManyCodesTried,
)
from suite.licenses.schemas import seats as s
from suite.licenses.seats import Connected
from suite.licenses.validation import Validation

blp = Blueprint(
    "licensing",
    __name__,
    url_prefix="/api/v1/licenses",
    description="Licences in products: connect a licence to a device, judge it, release it. Needs no account.",
)
_VALIDATION = s.ValidationIn()  # made once: making it for each question costs a tenth of the whole


@blp.route("/activations")
class Activations(MethodView):
    @public
    @blp.arguments(s.ActivationIn)
    @blp.response(201, s.ActivationOut)
    @blp.refuses(
        CodeMistyped,
        LicenseUnknown,
        TooManyCodesTried,
        LicenseOfOther,
        LicenseVoid,
        LicenseOver,
        NoSeatLeft,
        TooManyActivations,
    )
    @blp.called("activateLicense")
    def post(self, data: dict[str, Any]) -> Connected:
        """Connect a licence to a device

        The same device again is the same activation, with the same answer and a fresh file: a request whose answer was
        lost is sent again without an Idempotency-Key and costs nothing. The term of a licence that waits for its first
        use begins here.
        """
        return seats.activate(data.pop("license"), network=client_network(), **data)


@blp.route("/validations")
class Validations(MethodView):
    decorators = [outside_transaction]

    @public
    @blp.arguments(_VALIDATION)
    @blp.response(200, s.ValidationOut)
    @blp.refuses(TooManyCodesTried)
    @blp.called("validateLicense")
    def post(self, data: dict[str, Any]) -> Validation:
        """Say whether a licence is good on a device

        Always 200, with one code word for each outcome; nothing is changed. With a good licence comes a fresh file.
        """
        return validation.validate(seats.meaning(data), network=client_network(), **data)


@blp.route("/releases")
class Releases(MethodView):
    @public
    @blp.arguments(s.ReleaseIn)
    @blp.response(204)
    @blp.refuses(CodeMistyped, LicenseUnknown, TooManyCodesTried, LicenseOfOther)
    @blp.called("releaseLicense")
    def post(self, data: dict[str, Any]) -> None:
        """Release a licence from a device

        Its seat is free for another one. Releasing once more changes nothing.
        """
        seats.release(seats.meaning(data), network=client_network(), **data)


@blp.route("/keys")
class Keys(MethodView):
    decorators = [outside_transaction]

    @public
    @blp.response(200, s.KeysOut)
    @blp.called("getLicenseKeys")
    def get(self) -> Response:
        """Give the keys that licence files are signed with

        A key stays here as long as anything it signed may be in use. A file that names a key which is not here proves
        nothing.
        """
        answer = jsonify(keys=_keys())
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer


def _keys() -> list[dict[str, Any]]:
    """Read the keys; only the first question of all has to make one."""
    with db.transaction(reading=True):
        found = signing.published()
    if not found:
        with db.transaction():
            signing.signer()
            found = signing.published()
    return found
