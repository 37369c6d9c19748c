"""Job entry points of the accounts module."""

from uuid import UUID

from suite.accounts import address, idle, recovery, recovery_wait, signup
from suite.kernel import jobs


@jobs.job("accounts.answer_registration", lane=jobs.URGENT)
def answer_registration(registration_id: str) -> None:
    """Send the code, or tell the owner of a known address."""
    signup.answer(UUID(registration_id))


@jobs.job("accounts.answer_recovery", lane=jobs.URGENT)
def answer_recovery(recovery_id: str) -> None:
    """Mail code and link for a new password, if there is such an account."""
    recovery.answer(UUID(recovery_id))


@jobs.job("accounts.open_wait")
def open_wait(account_id: str) -> None:
    """Tell the owner that the wait of who lost everything is over."""
    recovery_wait.tell_open(UUID(account_id))


@jobs.job("accounts.answer_address_change", lane=jobs.URGENT)
def answer_address_change(change_id: str) -> None:
    """Send the code, or tell the owner of a taken address."""
    address.answer(UUID(change_id))


@jobs.job("accounts.tell_idle", lane=jobs.BULK, own_transactions=True)
def tell_idle() -> None:
    """Write to who has not used a service for long, a month before its data go."""
    idle.tell()
