"""What staff look at that is not the accounts module's: messages and the audit trail, each look with its entry."""

from uuid import UUID

from sqlalchemy import select

from suite.accounts import desk
from suite.kernel import audit, limits
from suite.kernel.access import person_id
from suite.kernel.errors import NotFound
from suite.kernel.models import AuditEntry
from suite.kernel.paging import Page, page
from suite.messages import addressee, messages_of, retry
from suite.staff.errors import NothingToRetry

SEARCHES = limits.Allowance("staff_search/member", times=200, seconds=3600)
"""Who helps people one by one needs no more; who tries a list of addresses gets no further."""


def count_search() -> None:
    """Count a search before it is made."""
    limits.take(SEARCHES, str(person_id()))


def messages(account_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Look at the messages of an account, without addresses and contents."""
    desk.one(account_id)
    audit.write("account.messages_viewed", subject=account_id)
    return messages_of(account_id, cursor=cursor, limit=limit)


def retry_message(message_id: UUID) -> None:
    """Send a message again that failed or hangs."""
    person = addressee(message_id)
    if person is None:
        raise NotFound
    if retry(message_id) == 0:
        raise NothingToRetry
    audit.write("message.retried", subject=person, message=str(message_id))


def trail(*, action: str | None, cursor: str | None, limit: int) -> Page:
    """Read the audit trail; people stand in it under keyed hashes."""
    entries = select(AuditEntry) if action is None else select(AuditEntry).where(AuditEntry.action == action)
    return page(entries, AuditEntry.id, cursor=cursor, limit=limit)


def trail_of(account_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Look at what the audit trail says about one account."""
    desk.one(account_id)
    found = page(select(AuditEntry).where(audit.about(account_id)), AuditEntry.id, cursor=cursor, limit=limit)
    audit.write("account.trail_viewed", subject=account_id)
    return found
