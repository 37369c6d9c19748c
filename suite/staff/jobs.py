"""Job entry points of the staff module."""

from uuid import UUID

from suite.kernel import jobs
from suite.staff import disclosures


@jobs.job("staff.tell_of_disclosure")
def tell_of_disclosure(disclosure_id: str) -> None:
    """Tell a person what was handed over by law, now that telling is allowed."""
    disclosures.tell(UUID(disclosure_id))
