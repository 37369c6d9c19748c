"""Routes of the licences module."""

from suite.licenses.views import company, entry

api = (entry.blp, company.blp)

__all__ = ["api"]
