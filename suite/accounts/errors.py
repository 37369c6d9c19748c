"""The refusals of the accounts module."""

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class UnknownService(Refusal):
    status, code, title = 404, "unknown_service", _("There is no such service.")


class ServiceNotOpen(Refusal):
    status, code, title = 409, "service_not_open", _("This service does not take registrations yet.")


class PasswordTooShort(Refusal):
    status, code, title = 422, "password_too_short", _("The password is too short.")


class PasswordTooCommon(Refusal):
    status, code = 422, "password_too_common"
    title = _("This password is on lists of known passwords or is easy to guess. Please choose another one.")


class RegistrationGone(Refusal):
    status, code = 404, "registration_gone"
    title = _("This registration does not exist or is over. Please register again.")


class WrongCode(Refusal):
    status, code, title = 422, "wrong_code", _("This code is not right.")
    keeps_work = True


class CodeExpired(Refusal):
    status, code = 409, "code_expired"
    title = _("This code is too old. Please ask for a new one.")


class CodeUsedUp(Refusal):
    status, code = 409, "code_used_up"
    title = _("There were too many wrong codes. Please register again.")


class TooManyCodes(Later):
    status, code = 429, "too_many_codes"
    title = _("Too many wrong codes were typed for this address. Please open the link in the mail instead.")


class ResendTooSoon(Later):
    status, code, title = 429, "resend_too_soon", _("A message was just sent. Please wait a little.")


class NoMoreMessages(Refusal):
    status, code = 409, "no_more_messages"
    title = _("No more messages are sent for this registration. Please register again.")


class AddressTaken(Refusal):
    status, code = 409, "address_taken"
    title = _("There is an account for this address already. Please sign in and join the service there.")


class WrongCredentials(Refusal):
    status, code = 401, "wrong_credentials"
    title = _("The e-mail address or the password is not right.")
    keeps_work = True

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": 'Bearer realm="suite"'})


class WrongPassword(Refusal):
    status, code, title = 422, "wrong_password", _("The password is not right.")
    keeps_work = True


class AlreadyMember(Refusal):
    status, code, title = 409, "already_member", _("You joined this service already.")


class LastService(Refusal):
    status, code = 409, "last_service"
    title = _("This is your last service. Close the account to leave it.")


class UnknownConsent(Refusal):
    status, code = 422, "unknown_consent"
    title = _("This service does not ask for such a consent.")


class AccountBlocked(Refusal):
    status, code = 403, "account_blocked"
    title = _("This account is blocked. Please write to us.")


class AlreadyBlocked(Refusal):
    status, code, title = 409, "already_blocked", _("This account is blocked already.")


class NotBlocked(Refusal):
    status, code, title = 409, "not_blocked", _("This account is not blocked.")


class AccountIsClosed(Refusal):
    status, code = 409, "account_is_closed"
    title = _("This account is closed, and its data are about to be deleted.")


class NotChangeableNow(Refusal):
    status, code = 409, "not_changeable_now"
    title = _("This cannot be changed for this person just now.")


class ChangesFrozen(Later):
    status, code = 409, "changes_frozen"
    title = _("Changes are stopped for a day, because somebody said that it was not you who made the last one.")


class UndoGone(Refusal):
    status, code, title = 404, "undo_gone", _("This link does not exist, was used or is too old.")


class SecondFactorNeeded(Refusal):
    status, code = 409, "second_factor_needed"
    title = _("This account has a second factor: confirm with a code of it instead of the password.")


class NoSecondFactor(Refusal):
    status, code = 409, "no_second_factor"
    title = _("This account has no second factor: confirm with the password.")


class RecoveryGone(Refusal):
    status, code = 404, "recovery_gone"
    title = _("This request for a new password does not exist, was used or is over. Please ask again.")


class RecoveryCodeUsedUp(Refusal):
    status, code = 409, "code_used_up"
    title = _("There were too many wrong codes. Please open the link in the mail, or ask again.")


class NotThisStep(Refusal):
    status, code = 409, "not_this_step"
    title = _("Something else is asked at this step.")


class WrongAnswer(Refusal):
    status, code, title = 422, "wrong_answer", _("This answer is not right.")
    keeps_work = True


class QuestionClosed(Later):
    status, code = 409, "question_closed"
    title = _("There were too many wrong answers. The security question is closed for a day.")


class QuestionNotOffered(Refusal):
    status, code = 409, "question_not_offered"
    title = _("None of your services offers a security question.")


class NoQuestion(Refusal):
    status, code, title = 404, "no_question", _("This account has no security question.")


class AnswerTooShort(Refusal):
    status, code, title = 422, "answer_too_short", _("The answer is too short.")


class AnswerTooEasy(Refusal):
    status, code = 422, "answer_too_easy"
    title = _("This answer is easy to guess. Please choose another one.")


class SameAddress(Refusal):
    status, code = 409, "same_address"
    title = _("This is the address of your account already.")


class NoAddressChange(Refusal):
    status, code = 404, "no_address_change"
    title = _("No change of address is waiting. Please ask for it again.")


class AddressChangeUsedUp(Refusal):
    status, code = 409, "tries_used_up"
    title = _("There were too many wrong codes. Please ask for another one.")


class AddressNotFree(AddressTaken):
    title = _("There is an account with this address by now. Nothing was changed.")


class OldAddressTaken(AddressTaken):
    title = _("The earlier address has another account by now. Sessions were ended and changes are stopped for a day.")
    keeps_work = True


class NoWayBack(Refusal):
    status, code = 409, "no_way_back"
    title = _("This service cannot be taken back: what it knew is deleted or about to be. You can join it again.")
