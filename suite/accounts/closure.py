"""Closing the account: access ends at once, the rest is erasure time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from suite.accounts import letters, memberships, sessions
from suite.accounts.models import Account, Membership
from suite.kernel import audit, clock, db, jobs
from suite.kernel.errors import SignInNeeded
from suite.kernel.ids import new_id
from suite.messages import post
from suite.privacy import Person, declared, sweep_job, withdraw_consents
from suite.webhooks import emit


@dataclass(frozen=True)
class Closure:
    """What a person is told when the account is closed."""

    closed_at: datetime
    erased_by: datetime
    services: dict[str, datetime]


def close(account: Account) -> Closure:
    """Close the account; the shortest deadline among the services not left yet holds for everything."""
    now = clock.now()
    closed = db.session.execute(
        update(Account).where(Account.id == account.id, Account.closed_at.is_(None)).values(closed_at=now)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInNeeded
    joined = db.session.execute(
        select(Membership.service, Membership.ended_at).where(Membership.account_id == account.id)
    ).all()
    # Memberships stay as they are and go with the account: its own deadline is read from them until then.
    sessions.end_all(account.id)
    services = declared().services
    # A service left before keeps its earlier promise; its row goes first and cannot hasten the end of the rest.
    live = [services[key] for key, ended_at in joined if ended_at is None]
    withdraw_consents(account.id, live, language=account.language, method="closed")
    jobs.defer(sweep_job, due_at=min(service.keep.after(now) for service in live))
    erased_by = min(memberships.promised(service, now) for service in live)
    deadlines = {
        key: min(erased_by, memberships.promised(services[key], ended_at or now))
        for key, ended_at in sorted(joined, key=lambda one: one.ended_at or now)
    }
    audit.write("account.closed", subject=account.id, services=sorted(deadlines))
    emit("account.closed", person_id=account.id, farewell=True)
    _say_farewell(account, erased_by)
    return Closure(now, erased_by, dict(sorted(deadlines.items())))


def _say_farewell(account: Account, erased_by: datetime) -> None:
    """Write the last letter under a number of its own: it must leave even when the data go at once."""
    addressee = Person(id=new_id())
    db.session.add(addressee)
    db.session.flush()
    post(
        letters.account_closed,
        person_id=addressee.id,
        to=account.address,
        language=account.language,
        facts={"deadline": memberships.written(erased_by)},
    )
