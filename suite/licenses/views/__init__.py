"""Routes of the licences module."""

from suite.licenses.views import products, rights

api = (products.events, products.connections, rights.blp)

__all__ = ["api"]
