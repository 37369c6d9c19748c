"""Routes of the rights module."""

from suite.rights.views import desk, outside, own
from suite.rights.views.pages import pages

api = (own.blp, outside.blp, desk.blp)

__all__ = ["api", "pages"]
