"""Where the owner of an account can be written to."""

from uuid import UUID

from sqlalchemy import select

from suite.accounts.models import Account
from suite.kernel import db


def mailbox(person_id: UUID) -> tuple[str, str] | None:
    """Give address and language of an open account; None for everybody else."""
    found = db.session.execute(
        select(Account.address, Account.language).where(Account.id == person_id, Account.closed_at.is_(None))
    ).first()
    return (found.address, found.language) if found else None
