"""Job entry points of the exports module."""

from uuid import UUID

from suite.exports import making
from suite.kernel import jobs, system


@jobs.job("exports.make", lane=jobs.BULK, attempts=5, own_transactions=True)
def make(export_id: str) -> None:
    """Make a copy that was asked for."""
    making.make(UUID(export_id))


@jobs.job("exports.forget_file", lane=jobs.BULK, own_transactions=True)
def forget_file(key: str) -> None:
    """Delete the file of a copy whose time is over."""
    system.current().files.delete(key)
