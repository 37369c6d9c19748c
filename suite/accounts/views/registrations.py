"""Registering and proving the address."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import joints, letters, signup
from suite.accounts import schemas as s
from suite.accounts.errors import (
    AddressTaken,
    CodeExpired,
    CodeUsedUp,
    NoMoreMessages,
    PasswordTooCommon,
    PasswordTooShort,
    RegistrationGone,
    ResendTooSoon,
    ServiceNotOpen,
    TooManyCodes,
    UnknownConsent,
    WrongCode,
)
from suite.accounts.models import REGISTRATION_LIVES, Account, Registration
from suite.kernel.access import public
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, TooManyAttempts
from suite.kernel.http import client_network, language
from suite.kernel.idempotency import idempotent

blp = Blueprint(
    "registrations",
    __name__,
    url_prefix="/api/v1/registrations",
    description="Register for a service and prove the e-mail address.",
)


def shown(registration: Registration) -> dict[str, Any]:
    """Give what everybody who registers sees, whether or not the address is known."""
    return {
        "id": registration.id,
        "expires_at": REGISTRATION_LIVES.after(registration.started_at),
        "code_expires_at": registration.asked_at + letters.CODE_LIVES,
        "resend_after": registration.asked_at + signup.RESEND_GAP,
    }


def shown_account(account: Account) -> dict[str, Any]:
    """Give what a person sees of the account."""
    return {
        "id": account.id,
        "email": account.address,
        "language": account.language,
        "created_at": account.created_at,
    }


@blp.route("")
class Registrations(MethodView):
    @public
    @idempotent
    @blp.arguments(s.RegistrationIn)
    @blp.response(202, s.RegistrationOut)
    @blp.refuses(
        ServiceNotOpen,
        PasswordTooShort,
        PasswordTooCommon,
        UnknownConsent,
        TooManyAttempts,
        Busy,
        joints.refused_to_joiners,
    )
    def post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Register for a service

        Step 1 of signing up. `GET /api/v1/services` says which profile fields the service needs and which
        consents may be ticked. A mail with a code of six digits and a link follows; keep the
        `id` of the answer and go on with `POST /api/v1/registrations/{registration_id}/confirmation`.

        The answer is the same whether or not the address has an account: the owner of a known address is told
        by mail, the caller never. There is no account before the address is proven.
        """
        consents, tongue = data.pop("consents"), data.pop("language", None)
        registration = signup.start(**data, chosen=consents, language=tongue or language(), network=client_network())
        return shown(registration)


@blp.route("/<uuid:registration_id>/confirmation")
class Confirmation(MethodView):
    @public
    @blp.arguments(s.CodeIn)
    @blp.response(201, s.AccountOut)
    @blp.refuses(
        RegistrationGone, WrongCode, CodeExpired, CodeUsedUp, TooManyCodes, AddressTaken, joints.refused_to_joiners
    )
    @blp.called("confirmRegistration")
    def post(self, data: dict[str, str], registration_id: UUID) -> dict[str, Any]:
        """Prove the address with the mailed code

        Step 2 of signing up. There are five tries per registration: `wrong_code` leaves the rest of them,
        `code_used_up` means registering again, `code_expired` means asking for another code. The account is
        open afterwards (after twenty wrong codes for one address in a day, `too_many_codes`, only by the mailed link);
        nobody is signed in yet: `POST /api/v1/sessions` is next.
        """
        return shown_account(signup.confirm(registration_id, data["code"]))


@blp.route("/<uuid:registration_id>/resend")
class Resend(MethodView):
    @public
    @blp.response(202, s.RegistrationOut)
    @blp.refuses(RegistrationGone, ResendTooSoon, NoMoreMessages, CodeUsedUp)
    @blp.called("resendCode")
    def post(self, registration_id: UUID) -> dict[str, Any]:
        """Ask for another code

        The older code stops working; wrong tries stay counted. At most once a minute (`resend_too_soon` says in
        `Retry-After` how long to wait; `resend_after` of the registration is the same instant) and five
        messages in all.
        """
        return shown(signup.resend(registration_id))


@blp.route("/confirmation")
class LinkConfirmation(MethodView):
    @public
    @blp.arguments(s.LinkIn)
    @blp.response(201, s.AccountOut)
    @blp.refuses(RegistrationGone, WrongCode, CodeExpired, CodeUsedUp, AddressTaken, Busy, joints.refused_to_joiners)
    @blp.called("confirmRegistrationByLink")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Prove the address with the mailed link

        The other way of step 2. The link in the mail carries the token behind a `#`, so that it reaches no
        server log; the page behind it asks for the password chosen at registration and sends both. Opening
        the page consumes nothing. A wrong password counts as a wrong code.
        """
        return shown_account(signup.confirm_by_link(data["token"], data["password"]))
