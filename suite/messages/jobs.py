"""Job entry points of the outbox."""

from datetime import timedelta
from uuid import UUID

from suite.kernel import jobs
from suite.messages import delivery

A_DAY_OF_TRIES = 36
"""With waits of 2, 4, 8 … seconds and at last an hour, this many tries take a day."""


@jobs.job("messages.deliver", attempts=A_DAY_OF_TRIES, lease=timedelta(seconds=60), own_transactions=True)
def deliver(message_id: str) -> None:
    """Send one message."""
    delivery.deliver(UUID(message_id))
