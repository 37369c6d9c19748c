"""Routes of the licences module."""

from suite.licenses.views import devices, key_files, seats

api = (seats.blp, devices.blp, key_files.staff)

__all__ = ["api"]
