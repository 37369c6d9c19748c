"""Routes of the licences module."""

from suite.licenses.views import products

api = (products.events, products.connections)

__all__ = ["api"]
