"""Routes of the licences module."""

from suite.licenses.views import company, desk, entry, own, products

api = (products.blp, own.blp, company.blp, desk.blp, desk.batches, entry.blp)

__all__ = ["api"]
