"""Closing the account: access ends at once, the rest is erasure time; where every service has a grace, the owner can
take it back with the link in the farewell letter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import joints, letters, memberships, sessions, undo
from suite.accounts.contacts import open_account
from suite.accounts.errors import AddressNotFree, UndoGone
from suite.accounts.models import Account, Membership, UndoLink
from suite.kernel import audit, clock, db, jobs, system
from suite.kernel.errors import SignInNeeded
from suite.kernel.ids import new_id
from suite.messages import post
from suite.privacy import Person, declared, erase, leave_tombstone, replays, sweep_job, withdraw_consents
from suite.webhooks import emit

CLOSED = "closed"


@dataclass(frozen=True)
class Closure:
    """What a person is told when the account is closed."""

    closed_at: datetime
    erased_by: datetime
    undo_until: datetime | None
    services: dict[str, datetime]


def close(account: Account, *, erase_now: bool = False) -> Closure:
    """Close the account; the shortest deadline among the services not left yet holds for everything.

    With `erase_now` nothing waits: neither for the period of a service nor for a grace (Amb-14).
    """
    undo.may_change(account)
    joints.say_farewell(account.id, None, joints.Leaving.FORCED if erase_now else joints.Leaving.WANTED)
    if open_account(account.id) is None:
        raise SignInNeeded
    now = clock.now()
    closed = db.session.execute(
        update(Account).where(Account.id == account.id, Account.closed_at.is_(None)).values(closed_at=now)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInNeeded
    joined = _joined(account.id)
    # Memberships stay as they are and go with the account: its own deadline is read from them until then.
    sessions.end_all(account.id)
    services = declared().services
    # A service left before keeps its earlier promise; its row goes first and cannot hasten the end of the rest.
    live = [services[key] for key, ended_at in joined if ended_at is None]
    withdraw_consents(account.id, live, language=account.language, method="closed", address=account.address)
    erased_by = min(memberships.promised(service, now) for service in live)
    if erase_now:
        erased_by = now + timedelta(minutes=system.current().settings.sweep_minutes)
        _defer_erasure(account.id)
    else:
        jobs.defer(sweep_job, due_at=min(service.keep.after(now) for service in live))
    deadlines = {
        key: min(erased_by, memberships.promised(services[key], ended_at or now))
        for key, ended_at in sorted(joined, key=lambda one: one[1] or now)
    }
    leave_tombstone("account.closed", account.id)
    audit.write("account.closed", subject=account.id, services=sorted(deadlines))
    emit("account.closed", person_id=account.id, farewell=True)
    undo_until = None if erase_now else memberships.undoable_until(live, now)
    done = Closure(now, erased_by, undo_until, dict(sorted(deadlines.items())))
    _say_farewell(account, done)
    return done


def _defer_erasure(account_id: UUID) -> None:
    from suite.accounts.jobs import erase_account  # jobs import stories

    jobs.defer(erase_account, account_id=account_id)


def erase_closed(account_id: UUID) -> None:
    """Delete everything that hangs on the number of a closed account; runs as a job, any number of times."""
    closed = select(Account.id).where(Account.id == account_id, Account.closed_at.is_not(None))
    if db.session.scalar(closed) is not None:
        erase([account_id])


def undoable(account: Account) -> bool:
    """Say whether a closed account can still be opened again: every service it had has a grace that runs."""
    services = declared().services
    live = [services[key] for key, ended_at in _joined(account.id) if ended_at is None]
    until = memberships.undoable_until(live, account.closed_at) if account.closed_at is not None else None
    return until is not None and clock.now() < until


def restore(account: Account, _link: UndoLink) -> None:
    """Open a closed account again; nobody is signed in by it, and consents stay withdrawn."""
    if not undoable(account):
        raise UndoGone
    with db.translated({"uq_accounts_email_key": AddressNotFree}):
        opened = db.session.execute(
            update(Account)
            .where(Account.id == account.id, Account.closed_at.is_not(None))
            .values(closed_at=None, version=Account.version + 1)
        )
    if opened.rowcount != 1:  # type: ignore[attr-defined]
        raise UndoGone
    leave_tombstone("account.restored", account.id)
    audit.write("account.restored", subject=account.id)
    emit("account.restored", person_id=account.id)
    post(
        letters.changes.account_restored,
        person_id=account.id,
        to=account.address,
        language=account.language,
        facts={},
    )


@replays("account.closed")
def _close_again(person_id: UUID, at: datetime, _facts: dict[str, Any]) -> None:
    db.session.execute(update(Account).where(Account.id == person_id, Account.closed_at.is_(None)).values(closed_at=at))
    sessions.end_all(person_id)


@replays("account.restored")
def _open_again(person_id: UUID, _at: datetime, _facts: dict[str, Any]) -> None:
    db.session.execute(update(Account).where(Account.id == person_id).values(closed_at=None))


def _joined(account_id: UUID) -> list[tuple[str, datetime | None]]:
    """Give the services of a person with the instant each was left, None for those that were not."""
    found = select(Membership.service, Membership.ended_at).where(Membership.account_id == account_id)
    return [(key, ended_at) for key, ended_at in db.session.execute(found)]


def _say_farewell(account: Account, done: Closure) -> None:
    """Write the last letter under a number of its own: it must leave even when the data go at once."""
    addressee = Person(id=new_id())
    db.session.add(addressee)
    db.session.flush()
    letter, facts = letters.account_closed, {"deadline": clock.written(done.erased_by)}
    if done.undo_until is not None:
        letter = letters.account_closed_for_now
        facts["until"] = clock.written(done.undo_until)
        facts["undo"] = undo.make(account.id, CLOSED, lives=done.undo_until - done.closed_at)
    post(letter, person_id=addressee.id, to=account.address, language=account.language, facts=facts)


undo.UNDOING[CLOSED] = restore
