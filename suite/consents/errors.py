"""The refusals of the consents module."""

from suite.kernel.errors import Refusal
from suite.kernel.words import marked as _


class LinkDamaged(Refusal):
    status, code, title = (
        404,
        "unsubscribe_link_damaged",
        _("This link is damaged. Please open it from the letter again."),
    )
