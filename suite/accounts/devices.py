"""Devices of account holders: whoever has one is not locked out by the guesses of strangers."""

from uuid import UUID

from sqlalchemy import select

from suite.accounts.models import Account, KnownDevice
from suite.kernel import db, known_devices, secrets


def known(token: str | None, email_key: str) -> UUID | None:
    """Give the device of a token, if it signed in to the account of this address before."""
    if not token:
        return None
    return db.session.scalar(
        select(KnownDevice.id)
        .join(Account, Account.id == KnownDevice.account_id)
        .where(
            KnownDevice.token_hash == secrets.token_hash(token),
            Account.email_key == email_key,
            Account.closed_at.is_(None),
        )
    )


def remember(account_id: UUID, token: str | None, user_agent: str | None) -> tuple[str, bool]:
    """Note that a device signed in; give its token and whether it was known."""
    return known_devices.remember(KnownDevice.account_id, account_id, token, user_agent)


def forget_all(account_id: UUID) -> None:
    """Forget every device of an account."""
    known_devices.forget_all(KnownDevice.account_id, account_id)
