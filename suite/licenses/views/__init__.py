"""Routes of the licences module."""

from suite.licenses.views import devices, key_files, product_events, rights, seats

api = (product_events.events, product_events.connections, rights.blp, seats.blp, devices.blp, key_files.staff)

__all__ = ["api"]
