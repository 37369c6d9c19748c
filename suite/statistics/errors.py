"""Refusals about campaigns."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class NotACodeWord(Refusal):
    status, code = 422, "not_a_code_word"
    title = _("A campaign is named by a few words such as spring-offer-2027, for a service that counts visits.")


class NoCampaign(Refusal):
    status, code, title = 404, "no_campaign", _("There is no such campaign.")
