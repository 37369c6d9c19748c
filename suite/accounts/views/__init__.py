"""Routes of the accounts module."""

from suite.accounts.views import (
    consents,
    events,
    factors,
    memberships,
    questions,
    recovery,
    registrations,
    sessions,
    settings,
    undo,
)
from suite.accounts.views.pages import pages

api = (
    registrations.blp,
    sessions.blp,
    recovery.blp,
    undo.blp,
    memberships.blp,
    settings.blp,
    consents.blp,
    factors.blp,
    questions.blp,
    events.blp,
)

__all__ = ["api", "pages"]
