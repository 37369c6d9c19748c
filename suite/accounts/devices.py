"""Devices known from earlier sign-ins: whoever has one is not locked out by the guesses of strangers."""

import re
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, insert, select, update

from suite.accounts.models import Account, KnownDevice
from suite.kernel import clock, db, secrets
from suite.kernel.ids import new_id

MOST = 20
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
_SEEN = (
    update(_DEVICES)
    .where(_DEVICES.c.token_hash == bindparam("hash"), _DEVICES.c.account_id == bindparam("of"))
    .values(last_seen=bindparam("now"))
)
_MAKE = insert(_DEVICES)
_FORGET_BEYOND = delete(_DEVICES).where(
    _DEVICES.c.id.in_(
        select(_DEVICES.c.id)
        .where(_DEVICES.c.account_id == bindparam("of"))
        .order_by(_DEVICES.c.last_seen.desc(), _DEVICES.c.id.desc())
        .limit(1000)
        .offset(MOST)
        .scalar_subquery()
    )
)
_PROGRAM = re.compile(r"\b(?!Mozilla|AppleWebKit|Gecko)[A-Za-z]{2,20}/\d{1,4}\b")
_SYSTEM = re.compile(r"\b(Windows|Android|iPhone|iPad|Macintosh|CrOS|Linux)\b")


def known(token: str | None, email_key: str) -> UUID | None:
    """Give the device of a token, if it signed in to the account of this address before."""
    if not token:
        return None
    return db.session.execute(_KNOWN, {"hash": secrets.token_hash(token), "key": email_key}).scalar()


def remember(account_id: UUID, token: str | None, user_agent: str | None) -> tuple[str, bool]:
    """Note that a device signed in; give its token and whether it was known. The oldest beyond twenty is forgotten."""
    now = clock.now()
    if token:
        seen = db.session.execute(_SEEN, {"hash": secrets.token_hash(token), "of": account_id, "now": now})
        if seen.rowcount == 1:  # type: ignore[attr-defined]
            return token, True
    fresh = secrets.new_token()
    row = {"id": new_id(), "account_id": account_id, "user_agent": user_agent, "first_seen": now, "last_seen": now}
    db.session.execute(_MAKE, row | {"token_hash": secrets.token_hash(fresh)})
    db.session.execute(_FORGET_BEYOND, {"of": account_id})
    return fresh, False


def all_of(account_id: UUID) -> list[UUID]:
    """Give the devices known of an account, at most twenty."""
    return list(db.session.scalars(select(KnownDevice.id).where(KnownDevice.account_id == account_id)))


def described(user_agent: str | None) -> str:
    """Give what a letter may say of a browser or app: names and systems, never a sentence or an address of its own."""
    words = (user_agent or "")[:200]
    return ", ".join(dict.fromkeys([*_PROGRAM.findall(words)[:3], *_SYSTEM.findall(words)[:1]])) or "-"


def forget_all(account_id: UUID) -> None:
    """Forget every device of an account."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id))
