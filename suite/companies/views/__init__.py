"""Routes of the companies module."""

from suite.companies.views import company, domains, invitations, members

api = (company.blp, members.blp, invitations.blp, domains.blp)

__all__ = ["api"]
