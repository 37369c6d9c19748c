"""Job entry points of the licences module."""

from uuid import UUID

from suite.kernel import jobs
from suite.licenses import connections


@jobs.job("licenses.forget_old_secret", lane=jobs.BULK)
def forget_old_secret(connection_id: str) -> None:
    """Erase a secret that counts no more."""
    connections.forget_old_secret(UUID(connection_id))
