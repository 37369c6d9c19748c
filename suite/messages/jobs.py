"""Job entry points of the outbox."""

from datetime import timedelta
from uuid import UUID

from suite.kernel import jobs
from suite.messages import delivery


@jobs.job("messages.deliver", attempts=10, lease=timedelta(seconds=60), own_transactions=True)
def deliver(message_id: str) -> None:
    """Send one message."""
    delivery.deliver(UUID(message_id))
