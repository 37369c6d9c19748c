"""The refusals of the privacy module."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class TwoPeopleNeeded(Refusal):
    status, code, title = 409, "two_people_needed", _("Somebody else than who proposed it has to approve.")


class DisclosureDecided(Refusal):
    status, code, title = 409, "disclosure_decided", _("This has been approved or refused already.")


class DisclosureNotApproved(Refusal):
    status, code, title = 409, "disclosure_not_approved", _("This is not approved, or was carried out already.")
