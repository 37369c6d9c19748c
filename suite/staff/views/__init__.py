"""Routes of the staff module.

Looking at a person is a POST: each look writes an entry into the audit trail, in its transaction
(docs/decisions/0017-looks-of-staff-are-posts.md).
"""

from suite.staff.views import accounts, disclosures, entry, invitations, members, messages, own, trail
from suite.staff.views.pages import pages

api = (invitations.blp, entry.blp, own.blp, accounts.blp, messages.blp, trail.blp, members.blp, disclosures.blp)

__all__ = ["api", "pages"]
