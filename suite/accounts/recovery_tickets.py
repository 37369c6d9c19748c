"""The ticket of somebody who proved the mailbox: what it opens, how long, and how it ends."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts.errors import RecoveryGone
from suite.accounts.letters.recovery import LIVES
from suite.accounts.models import Account, Recovery, RecoveryWait
from suite.kernel import clock, db, secrets

LEAST = timedelta(minutes=10)
"""A ticket lives as long as the mail would have, but at least so long."""
OPEN_FOR = timedelta(hours=72)
"""How long after a wait a recovery may leave out what was lost."""


def expires_at(recovery: Recovery) -> datetime:
    """Give the instant at which the ticket of a proven recovery ends."""
    assert recovery.proven_at is not None
    return max(recovery.asked_at + LIVES, recovery.proven_at + LEAST)


def find(ticket: str) -> tuple[Recovery, Account]:
    """Give the recovery and the account of a ticket, as they are now; the account is held until the commit."""
    found = db.session.execute(
        select(Recovery, Account)
        .join(Account, Account.id == Recovery.account_id)
        .where(
            Recovery.ticket_hash == secrets.token_hash(ticket),
            Account.closed_at.is_(None),
            Account.blocked_at.is_(None),
        )
        .with_for_update(key_share=True, of=Account)
        .execution_options(populate_existing=True)
    ).first()
    if found is None or clock.now() >= expires_at(found.Recovery):
        raise RecoveryGone
    return found.Recovery, found.Account


def note(recovery: Recovery, **values: Any) -> None:
    """Change a recovery whose ticket is still the same; of many at once exactly one spends it."""
    noted = db.session.execute(
        update(Recovery)
        .where(Recovery.id == recovery.id, Recovery.ticket_hash == recovery.ticket_hash)
        .values(**values)
    )
    if noted.rowcount != 1:  # type: ignore[attr-defined]
        raise RecoveryGone


def kill(account_id: UUID) -> None:
    """End every recovery of an account: codes, links and tickets.

    The rows stay, so that whoever only asked for one goes on hearing that the code is wrong.
    """
    db.session.execute(
        update(Recovery)
        .where(Recovery.account_id == account_id)
        .values(code_hash=None, link_hash=None, ticket_hash=None)
    )


def waived(recovery: Recovery) -> bool:
    """Say whether the wait of who lost everything was over when this was asked for, and was not stopped since."""
    opened = db.session.scalar(select(RecoveryWait.opens_at).where(RecoveryWait.account_id == recovery.account_id))
    return opened is not None and opened <= recovery.asked_at < opened + OPEN_FOR
