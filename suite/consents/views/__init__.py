"""Routes of the consents module."""

from suite.consents.views import cookies, ledger, unsubscribe
from suite.consents.views.pages import pages

api = (ledger.blp, unsubscribe.blp, cookies.blp)

__all__ = ["api", "pages"]
