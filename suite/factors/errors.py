"""The refusals of the second factors."""

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class ChallengeGone(Refusal):
    status, code = 404, "challenge_gone"
    title = _("This question does not exist or is over. Please begin again.")


class ChallengeUsedUp(Refusal):
    status, code = 409, "challenge_used_up"
    title = _("There were too many wrong codes. Please begin again.")


class WrongFactorCode(Refusal):
    status, code, title = 422, "wrong_code", _("This code is not right.")
    keeps_work = True


class TooManyWrongCodes(Later):
    status, code = 429, "too_many_wrong_codes"
    title = _("Too many wrong codes were typed for this account. Please wait.")
    keeps_work = True


class NoSuchFactor(Refusal):
    status, code, title = 404, "no_such_factor", _("There is no such second factor.")


class FactorConfirmed(Refusal):
    status, code, title = 409, "factor_confirmed", _("This second factor is confirmed already.")


class TooManyFactors(Refusal):
    status, code, title = 409, "too_many_factors", _("There are ten second factors already. Remove one first.")


class PhoneNotUsable(Refusal):
    status, code = 422, "phone_not_usable"
    title = _("This is no mobile phone number in international form, such as +4915112345678.")


class CountryNotServed(Refusal):
    status, code = 422, "country_not_served"
    title = _("Text messages are not sent to this country. Please use an authenticator app.")
    keeps_work = True


class TextTooSoon(Later):
    status, code, title = 429, "text_too_soon", _("A text message was just sent. Please wait a little.")
    keeps_work = True


class TooManyTexts(Later):
    status, code = 429, "too_many_texts"
    title = _("Too many text messages were asked for. Please wait, or use another second factor.")
    keeps_work = True


class TextsPaused(Later):
    status, code = 429, "texts_paused"
    title = _("Text messages are paused to stop misuse. Please use another second factor, or try later.")
    keeps_work = True


class TextsOff(Refusal):
    status, code = 409, "texts_off"
    title = _("Text messages are switched off here. Please use an authenticator app.")
    keeps_work = True


class PhoneKnown(Refusal):
    status, code, title = 409, "phone_known", _("This phone is one of your second factors already.")
