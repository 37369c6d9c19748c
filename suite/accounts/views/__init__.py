"""Routes of the accounts module."""

from suite.accounts.views import events, factors, memberships, questions, recovery, registrations, sessions
from suite.accounts.views.pages import pages

api = (registrations.blp, sessions.blp, memberships.blp, factors.blp, recovery.blp, questions.blp, events.blp)

__all__ = ["api", "pages"]
