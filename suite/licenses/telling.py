"""Telling connected systems, products among them, what happens to the licence of a person; never of a company."""

from suite.licenses.models import LicenseHolding
from suite.webhooks import emit


def tell(event: str, held: LicenseHolding | None) -> None:
    """Tell what happened to a licence, where a person holds it."""
    if held is not None and held.person_id is not None:
        emit(event, person_id=held.person_id, service=held.service, license_id=held.license_id)
