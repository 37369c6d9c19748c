"""Routes of the licences module."""

from suite.licenses.views import desk, own, products

api = (products.blp, own.blp, desk.blp, desk.batches)

__all__ = ["api"]
