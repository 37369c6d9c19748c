"""Routes of the licences module."""

from suite.licenses.views import desk, entry, own, products

api = (products.blp, own.blp, entry.blp, desk.blp, desk.batches)

__all__ = ["api"]
