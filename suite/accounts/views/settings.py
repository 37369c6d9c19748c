"""Settings of the signed-in person: language, preferences, password, e-mail address."""

from typing import Any

from flask.views import MethodView

from suite.accounts import address, letters, settings, undo
from suite.accounts.errors import (
    AddressChangeUsedUp,
    AddressNotFree,
    ChangesFrozen,
    CodeExpired,
    NoAddressChange,
    PasswordTooCommon,
    PasswordTooShort,
    SameAddress,
    SecondFactorNeeded,
    WrongCode,
    WrongPassword,
)
from suite.accounts.models import AddressChange
from suite.accounts.recognition import signed_in_account
from suite.accounts.schemas import AccountOut, CodeIn
from suite.accounts.schemas import settings as s
from suite.accounts.views.registrations import shown_account
from suite.kernel.access import Permission, actor, allow, confirmed_lately, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import Busy, SignInAgain, TooManyAttempts
from suite.kernel.versions import State, gives_version, takes_version

blp = Blueprint(
    "settings",
    __name__,
    url_prefix="/api/v1/me",
    description="Your settings: language, preferences, password, e-mail address.",
)
_PASSWORD_REFUSALS = (
    PasswordTooShort,
    PasswordTooCommon,
    WrongPassword,
    SecondFactorNeeded,
    SignInAgain,
    ChangesFrozen,
    TooManyAttempts,
    Busy,
)
_CODE_REFUSALS = (
    NoAddressChange,
    WrongCode,
    CodeExpired,
    AddressChangeUsedUp,
    AddressNotFree,
    ChangesFrozen,
    TooManyAttempts,
)


@blp.route("/settings")
class Settings(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.SettingsOut)
    @gives_version
    @blp.called("getSettings")
    def get(self) -> tuple[dict[str, Any], State]:
        """Get your settings"""
        return _shown(settings.look(person_id()))

    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(s.SettingsPatch)
    @takes_version
    @blp.response(200, s.SettingsOut)
    @gives_version
    @blp.called("changeSettings")
    def patch(self, data: dict[str, Any], seen: State) -> tuple[dict[str, Any], State]:
        """Change your settings

        Field by field: what is not named stays, a preference of null is taken back. The e-mail address and the
        password have routes of their own.
        """
        account = signed_in_account()
        settings.change(account, seen, data)
        return _shown(settings.look(account.id))


@blp.route("/password")
class Password(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(s.PasswordChangeIn)
    @blp.response(204)
    @blp.refuses(*_PASSWORD_REFUSALS)
    @blp.called("changePassword")
    def put(self, data: dict[str, Any]) -> None:
        """Change the password

        With the present password, or within five minutes of a confirmation; else `sign_in_again`. An account with a
        second factor confirms with a code of it. A mail tells the owner.
        """
        current = actor().session_id
        assert current is not None
        settings.change_password(
            signed_in_account(),
            current,
            password=data["password"],
            current=data.get("current"),
            fresh=confirmed_lately(),
            end_others=data["end_other_sessions"],
        )


@blp.route("/email")
class Email(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @fresh
    @blp.arguments(s.EmailIn)
    @blp.response(202, s.PendingEmailOut)
    @blp.refuses(SameAddress, ChangesFrozen, TooManyAttempts)
    @blp.called("changeEmail")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Ask for another e-mail address

        Step 1: a code of six digits goes to the new address. The answer is the same whether or not that address has
        an account: its owner is told by mail, the caller never. Asking again replaces what waits.
        """
        return _pending(address.ask(signed_in_account(), data["email"]))

    @allow(Permission.OWN_ACCOUNT)
    @blp.response(204)
    @blp.refuses(NoAddressChange)
    @blp.called("cancelEmailChange")
    def delete(self) -> None:
        """Give up the change of e-mail address that waits"""
        address.cancel(signed_in_account())


@blp.route("/email/confirmation")
class EmailConfirmation(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(CodeIn)
    @blp.response(200, AccountOut)
    @blp.refuses(*_CODE_REFUSALS)
    @blp.called("confirmEmail")
    def post(self, data: dict[str, str]) -> dict[str, Any]:
        """Prove the new e-mail address with the mailed code

        Step 2. There are five tries. The account has the new address afterwards; the earlier one gets a letter with
        a link that takes the change back for 72 hours.
        """
        return shown_account(address.confirm(signed_in_account(), data["code"]))


def _shown(found: settings.Overview) -> tuple[dict[str, Any], State]:
    account = found.account
    shown = {
        "email": account.address,
        "pending_email": _pending(found.pending) if found.pending else None,
        "language": account.language,
        "preferences": account.preferences,
        "created_at": account.created_at,
        "frozen_until": undo.frozen_until(account),
        "security_question": found.question,
        "second_factors": found.factors,
    }
    return shown, State.of(account)


def _pending(change: AddressChange) -> dict[str, Any]:
    return {"email": change.address, "expires_at": change.asked_at + letters.CODE_LIVES}
