"""Job entry points of the exports module."""

from uuid import UUID

from suite.exports import making
from suite.kernel import jobs


@jobs.job("exports.make", lane=jobs.BULK, attempts=5, own_transactions=True)
def make(export_id: str) -> None:
    """Make a copy that was asked for."""
    making.make(UUID(export_id))
