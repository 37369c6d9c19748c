"""The refusals of the staff module."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class StaffExists(Refusal):
    status, code, title = 409, "staff_exists", _("There is a staff member with this address already.")


class StaffUnknown(Refusal):
    status, code, title = 404, "staff_unknown", _("There is no staff member with this address.")


class RoleNeeded(Refusal):
    status, code, title = 422, "role_needed", _("A staff member needs at least one role.")


class LastAdministrator(Refusal):
    status, code = 409, "last_administrator"
    title = _("This is the last administrator. Make somebody else one first.")


class OwnAccess(Refusal):
    status, code = 409, "own_access"
    title = _("Nobody changes his own access. Ask another administrator.")


class InvitationGone(Refusal):
    status, code = 404, "invitation_gone"
    title = _("This invitation does not exist, was used or is too old. Ask for a new one.")


class LastFactor(Refusal):
    status, code = 409, "last_factor"
    title = _("This is your last second factor. Add another one first.")


class NothingToRetry(Refusal):
    status, code = 409, "nothing_to_retry"
    title = _("This message neither failed nor hangs; there is nothing to send again.")
