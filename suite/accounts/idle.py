"""Services nobody uses any more: the owner is written to a month before what the service holds is deleted."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update

from suite.accounts import letters
from suite.accounts.models import Account, Membership
from suite.declarations import Service
from suite.kernel import clock, db
from suite.messages import post
from suite.privacy import declared

NOTICE = timedelta(days=30)
_BATCH = 200


def tell() -> None:
    """Write to every owner who will have used a service too long ago in a month, once for each time it was used."""
    for service in declared().services.values():
        while service.inactivity is not None and _tell_some(service, service.inactivity.over_at(clock.now() + NOTICE)):
            pass


def _tell_some(service: Service, unused_since: tuple[tuple[datetime, datetime], ...]) -> bool:
    with db.transaction() as session:
        found = session.execute(_waiting(service.key, unused_since)).all()
        for membership_id, account in found:
            told = session.execute(_told(membership_id, account))
            if told.rowcount == 1:  # type: ignore[attr-defined]
                _write(service, account)
    return bool(found)


def _waiting(key: str, unused_since: tuple[tuple[datetime, datetime], ...]) -> Any:
    return (
        select(Membership.id, Account)
        .join(Account, Account.id == Membership.account_id)
        .where(
            or_(*(and_(Account.seen_at >= first, Account.seen_at < last) for first, last in unused_since)),
            Account.closed_at.is_(None),
            Membership.service == key,
            Membership.ended_at.is_(None),
            or_(Membership.idle_told_at.is_(None), Membership.idle_told_at < Account.seen_at),
        )
        .order_by(Account.seen_at)
        .limit(_BATCH)
    )


def _told(membership_id: object, account: Account) -> Any:
    """Note it once, whoever else does the same just now."""
    not_yet = or_(Membership.idle_told_at.is_(None), Membership.idle_told_at < account.seen_at)
    return update(Membership).where(Membership.id == membership_id, not_yet).values(idle_told_at=clock.now())


def _write(service: Service, account: Account) -> None:
    assert service.inactivity is not None
    facts = {
        "service": service.title,
        "since": clock.written(account.seen_at),
        "deadline": clock.written(service.inactivity.after(account.seen_at)),
    }
    post(
        letters.service_idle,
        person_id=account.id,
        to=account.address,
        language=account.language,
        facts=facts,
        service=service.key,
    )
