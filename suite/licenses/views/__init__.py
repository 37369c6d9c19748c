"""Routes of the licences module."""

from suite.licenses.views import entry

api = (entry.blp,)

__all__ = ["api"]
