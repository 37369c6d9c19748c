"""The refusals of the rights module."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class RequestNotOpen(Refusal):
    status, code = 409, "request_not_open"
    title = _("This request is closed, or somebody else just moved it on. Please look at it again.")


class NothingAsked(Refusal):
    status, code, title = 409, "nothing_asked", _("We asked nothing about this request.")


class NoLegitimateInterest(Refusal):
    status, code = 422, "no_legitimate_interest"
    title = _("An objection names a purpose that rests on a legitimate interest; the notice lists them.")


class NoConsentGiven(Refusal):
    status, code, title = 409, "no_consent_given", _("There is no such consent that could be withdrawn.")


class ExtensionTooLate(Refusal):
    status, code = 409, "extension_too_late"
    title = _("More time is announced once, and before the first month is over.")


class WithdrawalIsFree(Refusal):
    status, code = 409, "withdrawal_is_free"
    title = _("The withdrawal of a consent is neither refused nor charged.")


class RequestGone(Refusal):
    status, code = 404, "request_gone"
    title = _("This link does not work any more. Please ask again.")


class OverridingReasonNeeded(Refusal):
    status, code = 422, "overriding_reason_needed"
    title = _("An objection is refused only for compelling reasons that outweigh it.")
