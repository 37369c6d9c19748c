"""The refusals of the exports module."""

from suite.kernel.errors import Later, Refusal
from suite.kernel.words import marked as _


class ExportRunning(Refusal):
    status, code = 409, "export_running"
    title = _("A copy of your data is being made already. Please wait until it is ready.")


class ExportNotReady(Refusal):
    status, code, title = 409, "export_not_ready", _("This copy is not ready.")


class TooManyExports(Later):
    status, code = 429, "too_many_exports"
    title = _("You asked for many copies of your data today. Please try again tomorrow.")


class LinkUsed(Refusal):
    status, code, title = 404, "link_used", _("This link was used already, or it is too old.")
