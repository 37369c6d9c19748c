"""Routes of the licences module."""

from suite.licenses.views import company, desk, devices, entry, key_files, own, product_events, products, rights, seats

api = (
    products.blp,
    own.blp,
    company.blp,
    entry.blp,
    devices.blp,
    rights.blp,
    seats.blp,
    product_events.events,
    product_events.connections,
    desk.blp,
    desk.batches,
    key_files.blp,
    key_files.staff,
)

__all__ = ["api"]
