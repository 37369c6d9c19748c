"""Routes of the companies module."""

from suite.companies.views import addresses, colleagues, company, contracts, domains, invitations, members, staff

api = (
    company.blp,
    members.blp,
    colleagues.blp,
    invitations.blp,
    domains.blp,
    contracts.blp,
    addresses.blp,
    staff.blp,
)

__all__ = ["api"]
