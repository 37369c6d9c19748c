"""Routes of the licences module."""

from suite.licenses.views import company

api = (company.blp,)

__all__ = ["api"]
