"""Devices known from earlier sign-ins: whoever has one is not locked out by the guesses of strangers."""

import re
from uuid import UUID

from sqlalchemy import delete, select, update

from suite.accounts.models import Account, KnownDevice
from suite.kernel import clock, db, secrets

MOST = 20
_PROGRAM = re.compile(r"\b(?!Mozilla|AppleWebKit|Gecko)[A-Za-z]{2,20}/\d{1,4}\b")
_SYSTEM = re.compile(r"\b(Windows|Android|iPhone|iPad|Macintosh|CrOS|Linux)\b")


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
    """Note that a device signed in; give its token and whether it was known. The oldest beyond twenty is forgotten."""
    now = clock.now()
    if token:
        seen = db.session.execute(
            update(KnownDevice)
            .where(KnownDevice.token_hash == secrets.token_hash(token), KnownDevice.account_id == account_id)
            .values(last_seen=now)
        )
        if seen.rowcount == 1:  # type: ignore[attr-defined]
            return token, True
    fresh = secrets.new_token()
    db.session.add(
        KnownDevice(
            account_id=account_id,
            token_hash=secrets.token_hash(fresh),
            user_agent=user_agent,
            first_seen=now,
            last_seen=now,
        )
    )
    db.session.flush()
    beyond = (
        select(KnownDevice.id)
        .where(KnownDevice.account_id == account_id)
        .order_by(KnownDevice.last_seen.desc(), KnownDevice.id.desc())
        .offset(MOST)
        .scalar_subquery()
    )
    db.session.execute(delete(KnownDevice).where(KnownDevice.id.in_(beyond)))
    return fresh, False


def described(user_agent: str | None) -> str:
    """Give what a letter may say of a browser or app: names and systems, never a sentence or an address of its own."""
    words = (user_agent or "")[:200]
    return ", ".join(dict.fromkeys([*_PROGRAM.findall(words)[:3], *_SYSTEM.findall(words)[:1]])) or "-"


def forget_all(account_id: UUID) -> None:
    """Forget every device of an account."""
    db.session.execute(delete(KnownDevice).where(KnownDevice.account_id == account_id))
