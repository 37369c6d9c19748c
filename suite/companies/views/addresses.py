"""Additional e-mail addresses of the signed-in member of a company."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.companies import addresses
from suite.companies.errors import (
    AddressCodeTooOld,
    AddressCodeUsedUp,
    AddressCodeWrong,
    AddressThereAlready,
    AddressVerified,
    CompanyBlocked,
    TooManyAddresses,
)
from suite.companies.models import MemberAddress
from suite.companies.notices import ADDRESS_CODE_LIVES
from suite.companies.schemas import addresses as s
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import NotFound, TooManyAttempts
from suite.kernel.idempotency import idempotent
from suite.privacy import DataRestricted

blp = Blueprint(
    "company-addresses",
    __name__,
    url_prefix="/api/v1/company/addresses",
    description="Additional e-mail addresses: notices about contracts go there too, once they are verified.",
)
_CLOSED = (NotFound, CompanyBlocked, DataRestricted)


@blp.route("")
class Addresses(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.AddressesOut)
    @blp.refuses(NotFound, CompanyBlocked)
    @blp.called("listMyAddresses")
    def get(self) -> dict[str, Any]:
        """List your additional e-mail addresses"""
        return {"addresses": [_shown(one) for one in addresses.mine(person_id())]}

    @allow(Permission.OWN_COMPANY)
    @idempotent
    @blp.arguments(s.AddressIn)
    @blp.response(201, s.AddressOut)
    @blp.refuses(*_CLOSED, TooManyAddresses, AddressThereAlready, TooManyAttempts)
    @blp.called("addAddress")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Add an e-mail address

        A code of six digits goes there; until it came back, the address is used for nothing else. At most ten.
        """
        return _shown(addresses.add(person_id(), data["email"]))


@blp.route("/<uuid:address_id>")
class OneAddress(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(204)
    @blp.refuses(*_CLOSED)
    @blp.called("removeAddress")
    def delete(self, address_id: UUID) -> None:
        """Remove an additional e-mail address"""
        addresses.remove(person_id(), address_id)


@blp.route("/<uuid:address_id>/code")
class AddressCode(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(202, s.AddressOut)
    @blp.refuses(*_CLOSED, AddressVerified, TooManyAttempts)
    @blp.called("sendAddressCode")
    def post(self, address_id: UUID) -> dict[str, Any]:
        """Have another code mailed

        The one before stops working.
        """
        return _shown(addresses.send_again(person_id(), address_id))


@blp.route("/<uuid:address_id>/confirmation")
class AddressConfirmation(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.arguments(s.AddressCodeIn)
    @blp.response(200, s.AddressOut)
    @blp.refuses(*_CLOSED, AddressVerified, AddressCodeWrong, AddressCodeUsedUp, AddressCodeTooOld, TooManyAttempts)
    @blp.called("confirmAddress")
    def post(self, data: dict[str, str], address_id: UUID) -> dict[str, Any]:
        """Verify an additional e-mail address with the mailed code

        There are five tries within 30 minutes.
        """
        return _shown(addresses.verify(person_id(), address_id, data["code"]))


def _shown(found: MemberAddress) -> dict[str, Any]:
    waits = found.verified_at is None
    return {
        "id": found.id,
        "email": found.address,
        "verified_at": found.verified_at,
        "code_expires_at": found.asked_at + ADDRESS_CODE_LIVES if waits else None,
    }
