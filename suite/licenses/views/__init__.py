"""Routes of the licences module."""

from suite.licenses.views import devices, key_files, products, rights, seats

api = (products.events, products.connections, rights.blp, seats.blp, devices.blp, key_files.staff)

__all__ = ["api"]
