"""Job entry points of the companies module."""

from suite.companies import mending
from suite.kernel import jobs


@jobs.job("companies.mend", lane=jobs.BULK, own_transactions=True)
def mend() -> None:
    """Give companies an Administrator that lack one, and note which have ended."""
    mending.mend_all()
