"""Routes of the staff module.

Looking at a person is a POST, although nothing of the person changes: each look writes an entry into the audit
trail, in the transaction of the look. A GET here has no transaction, may be sent again or beforehand by browsers
and proxies, and needs no CSRF token, so a foreign page could make a member look.
"""

from suite.staff.views import accounts, entry, invitations, members, messages, own, trail
from suite.staff.views.pages import pages

api = (invitations.blp, entry.blp, own.blp, accounts.blp, messages.blp, trail.blp, members.blp)

__all__ = ["api", "pages"]
