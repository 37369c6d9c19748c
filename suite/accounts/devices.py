"""Devices of account holders: whoever has one is not locked out by the guesses of strangers."""

from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from suite.accounts.models import Account, KnownDevice
from suite.kernel import db, known_devices, secrets

_DEVICES, _ACCOUNTS = cast("Table", KnownDevice.__table__), cast("Table", Account.__table__)
_KNOWN = (
    select(_DEVICES.c.id)
    .join(_ACCOUNTS, _ACCOUNTS.c.id == _DEVICES.c.account_id)
    .where(
        _DEVICES.c.token_hash == bindparam("hash"),
        _ACCOUNTS.c.email_key == bindparam("key"),
        _ACCOUNTS.c.closed_at.is_(None),
    )
)


def known(token: str | None, email_key: str) -> UUID | None:
    """Give the device of a token, if it signed in to the account of this address before."""
    if not token:
        return None
    return db.session.execute(_KNOWN, {"hash": secrets.token_hash(token), "key": email_key}).scalar()


def remember(account_id: UUID, token: str | None, user_agent: str | None) -> tuple[str, bool]:
    """Note that a device signed in; give its token and whether it was known."""
    return known_devices.remember(KnownDevice.account_id, account_id, token, user_agent)


def all_of(account_id: UUID) -> list[UUID]:
    """Give the devices known of an account, at most twenty."""
    return list(db.session.scalars(select(KnownDevice.id).where(KnownDevice.account_id == account_id)))


def forget_all(account_id: UUID) -> None:
    """Forget every device of an account."""
    known_devices.forget_all(KnownDevice.account_id, account_id)
