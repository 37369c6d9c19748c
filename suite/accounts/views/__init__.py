"""Routes of the accounts module."""

from suite.accounts.views import factors, memberships, registrations, sessions, settings, undo
from suite.accounts.views.pages import pages

api = (registrations.blp, sessions.blp, memberships.blp, factors.blp, settings.blp, undo.blp)

__all__ = ["api", "pages"]
