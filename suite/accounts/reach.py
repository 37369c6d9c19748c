"""Where the owner of an account can be written to."""

from uuid import UUID

from sqlalchemy import select

from suite.accounts.models import Account
from suite.accounts.signup import PER_ADDRESS
from suite.kernel import db, limits
from suite.kernel.fields import mailbox as box


def mailbox(person_id: UUID) -> tuple[str, str] | None:
    """Give address and language of an open account; None for everybody else."""
    found = db.session.execute(
        select(Account.address, Account.language).where(Account.id == person_id, Account.closed_at.is_(None))
    ).first()
    return (found.address, found.language) if found else None


def count_mail_to(email_key: str) -> None:
    """Count a message to an address nobody has proven: whoever asks, its owner gets so many an hour."""
    limits.take(PER_ADDRESS, box(email_key))
