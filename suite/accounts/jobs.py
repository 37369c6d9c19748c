"""Job entry points of the accounts module."""

from uuid import UUID

from suite.accounts import address, signup
from suite.kernel import jobs


@jobs.job("accounts.answer_registration", lane=jobs.URGENT)
def answer_registration(registration_id: str) -> None:
    """Send the code, or tell the owner of a known address."""
    signup.answer(UUID(registration_id))


@jobs.job("accounts.answer_address_change", lane=jobs.URGENT)
def answer_address_change(change_id: str) -> None:
    """Send the code, or tell the owner of a taken address."""
    address.answer(UUID(change_id))
