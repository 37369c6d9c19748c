"""Job entry points of the webhooks module."""

from datetime import timedelta
from uuid import UUID

from suite.kernel import jobs
from suite.webhooks import delivery, endpoints

A_DAY_OF_TRIES = 36
"""With waits of 2, 4, 8 … seconds and at last an hour, this many tries take a day."""


@jobs.job(
    "webhooks.deliver", lane=jobs.BULK, attempts=A_DAY_OF_TRIES, lease=timedelta(seconds=60), own_transactions=True
)
def deliver(delivery_id: str) -> None:
    """Send one event to its endpoint."""
    delivery.deliver(UUID(delivery_id))


@jobs.job("webhooks.forget_old_secret", lane=jobs.BULK)
def forget_old_secret(endpoint_id: str) -> None:
    """Erase a secret that has ended."""
    endpoints.forget_old_secret(UUID(endpoint_id))
