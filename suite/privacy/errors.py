"""The refusals of the privacy ground."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class DataRestricted(Refusal):
    status, code = 409, "data_restricted"
    title = _("Your data are only stored for now, as you asked. End the restriction first to change them.")
