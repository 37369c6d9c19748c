"""Routes of the companies module."""

from suite.companies.views import addresses, colleagues, contracts, staff

api = (colleagues.blp, contracts.blp, addresses.blp, staff.blp)

__all__ = ["api"]
