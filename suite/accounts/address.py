"""Changing the e-mail address: the new one is proven by a code, the old one can take the change back for 72 hours.

Free and taken addresses are treated alike in the request; the difference is made by a job afterwards.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update

from suite.accounts import closure, letters, recovery_tickets, signup, undo
from suite.accounts.errors import (
    AddressChangeUsedUp,
    AddressNotFree,
    CodeExpired,
    NoAddressChange,
    OldAddressTaken,
    SameAddress,
    UndoGone,
    WrongCode,
)
from suite.accounts.models import Account, AddressChange, UndoLink
from suite.kernel import audit, clock, db, jobs, limits, secrets, system
from suite.kernel.errors import SignInNeeded
from suite.kernel.fields import canonical_email, mailbox
from suite.messages import post
from suite.privacy import leave_tombstone, may_be_changed, replays, restrict

ADDRESS, STONE = "address", "address.changed"
MAX_TRIES = 5
PER_ACCOUNT = limits.Allowance("address/account", times=8, seconds=24 * 3600)
CODES_PER_ADDRESS = limits.Allowance("address/code", times=20, seconds=24 * 3600)
"""Over all accounts that want an address, so that its code cannot be guessed with many of them."""


def ask(account: Account, email: str) -> AddressChange:
    """Let a new address wait for its code; it replaces an older one that waits."""
    undo.may_change(account)
    may_be_changed(account.id)
    key = canonical_email(email)
    if key == account.email_key:
        raise SameAddress
    limits.take(PER_ACCOUNT, str(account.id))
    limits.take(signup.PER_ADDRESS, mailbox(key))  # whoever asks: the owner of an address gets so many messages an hour
    cancel_all(account.id)
    change = AddressChange(account_id=account.id, address=email, email_key=key, asked_at=clock.now())
    db.session.add(change)
    db.session.flush()
    _answer_later(change.id)
    audit.write("address_change.asked", subject=account.id)
    return change


def waiting(account_id: UUID) -> AddressChange | None:
    """Give the change that still waits for its code."""
    since = clock.now() - letters.CODE_LIVES
    return db.session.scalar(
        select(AddressChange).where(AddressChange.account_id == account_id, AddressChange.asked_at > since)
    )


def cancel(account: Account) -> None:
    """Give up the change that waits."""
    if not cancel_all(account.id):
        raise NoAddressChange
    audit.write("address_change.cancelled", subject=account.id)


def cancel_all(account_id: UUID) -> bool:
    """Delete what waits, if something does."""
    found = db.session.execute(delete(AddressChange).where(AddressChange.account_id == account_id))
    return bool(found.rowcount)  # type: ignore[attr-defined]


def answer(change_id: UUID) -> None:
    """Behind the answer: send the code, or tell the owner of a taken address; runs as a job."""
    change = db.session.get(AddressChange, change_id)
    account = db.session.get(Account, change.account_id) if change is not None else None
    if change is None or account is None or account.closed_at is not None:
        return
    owner = db.session.scalar(select(Account).where(Account.email_key == change.email_key, Account.closed_at.is_(None)))
    if owner is not None:
        post(
            letters.changes.address_wanted,
            person_id=owner.id,
            to=owner.address,
            language=owner.language,
            facts={},
        )
        return
    code = secrets.new_code()
    change.code_hash = _code_hashes(change.id, code)[0]
    post(
        letters.changes.confirm_new_address,
        person_id=account.id,
        to=change.address,
        language=account.language,
        facts={"code": code, "change": str(change.id)},
    )


def confirm(account: Account, code: str) -> Account:
    """Prove the new address with the mailed code; the try is counted before the code is judged."""
    undo.may_change(account)
    may_be_changed(account.id)
    change = _try(account.id)
    limits.take(CODES_PER_ADDRESS, change.email_key)
    known = change.code_hash or ""
    if not any(secrets.same(one, known) for one in _code_hashes(change.id, code)):
        raise WrongCode(left=MAX_TRIES - change.tries)
    old, old_key = account.address, account.email_key
    db.session.execute(delete(AddressChange).where(AddressChange.id == change.id))
    with db.translated({"uq_accounts_email_key": AddressNotFree}):
        swapped = db.session.execute(
            update(Account)
            .where(Account.id == account.id, Account.email_key == old_key, Account.closed_at.is_(None))
            .values(address=change.address, email_key=change.email_key, version=Account.version + 1)
        )
    if swapped.rowcount != 1:  # type: ignore[attr-defined]
        raise SignInNeeded
    db.session.refresh(account)
    _leave_tombstone(account)
    recovery_tickets.kill(account.id)  # their mails went to the old address
    audit.write("address.changed", subject=account.id)
    _tell_both(account, old, old_key)
    return account


def _try(account_id: UUID) -> AddressChange:
    counted = db.session.execute(
        update(AddressChange)
        .where(AddressChange.account_id == account_id, AddressChange.tries < MAX_TRIES)
        .values(tries=AddressChange.tries + 1)
    )
    change = db.session.scalar(
        select(AddressChange).where(AddressChange.account_id == account_id).execution_options(populate_existing=True)
    )
    if change is None:
        raise NoAddressChange
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        raise AddressChangeUsedUp
    if clock.now() - change.asked_at >= letters.CODE_LIVES:
        raise CodeExpired
    return change


def _tell_both(account: Account, old: str, old_key: str) -> None:
    token = undo.make(account.id, ADDRESS, lives=letters.changes.UNDO_LIVES, address=old, email_key=old_key)
    post(
        letters.changes.address_changed,
        person_id=account.id,
        to=old,
        language=account.language,
        facts={"time": clock.written(clock.now()), "undo": token},
    )
    post(
        letters.changes.address_confirmed,
        person_id=account.id,
        to=account.address,
        language=account.language,
        facts={},
    )


def take_back(account: Account, link: UndoLink) -> None:
    """Give an account its earlier address again, and do all that "this was not me" does.

    Whoever got in may have closed the account after changing its address: within the grace it is opened again.
    """
    if account.closed_at is not None and not closure.undoable(account):
        raise UndoGone
    undo.object_to(account, link)
    _spend_younger(link)
    since = account.address
    _bring_back(account, link)
    for address in (account.address, since):
        post(
            letters.changes.address_restored,
            person_id=account.id,
            to=address,
            language=account.language,
            facts={"time": clock.written(clock.now())},
        )


def _bring_back(account: Account, link: UndoLink) -> None:
    """Swap the addresses again; where the old one has another account, all that was done besides stays done."""
    was_closed = account.closed_at is not None
    try:
        with db.session.begin_nested(), db.translated({"uq_accounts_email_key": OldAddressTaken}):
            db.session.execute(
                update(Account)
                .where(Account.id == account.id)
                .values(address=link.address, email_key=link.email_key, closed_at=None, version=Account.version + 1)
            )
    except OldAddressTaken:
        audit.write("address.not_restored", subject=account.id)
        raise
    db.session.refresh(account)
    _leave_tombstone(account)
    if was_closed:
        leave_tombstone("account.restored", account.id)
    audit.write("address.restored", subject=account.id)


def _spend_younger(link: UndoLink) -> None:
    """Make every link worthless that was mailed since: it went to an address that was not the owner's."""
    db.session.execute(
        update(UndoLink)
        .where(
            UndoLink.account_id == link.account_id,
            UndoLink.used_at.is_(None),
            or_(UndoLink.made_at > link.made_at, UndoLink.id > link.id),
        )
        .values(used_at=clock.now())
    )


def _answer_later(change_id: UUID) -> None:
    from suite.accounts.jobs import answer_address_change

    jobs.defer(answer_address_change, change_id=change_id)


def _code_hashes(change_id: UUID, code: str) -> tuple[str, ...]:
    """Give the hash under every key, newest first: a code mailed before a rotation still works."""
    return system.current().keys.keyed_hashes(f"{change_id}/{code}", "address_change")


def _leave_tombstone(account: Account) -> None:
    """Leave what tells, after a restore, that an address is no longer right; the right one cannot be read from it."""
    key = system.current().keys.keyed_hash(account.email_key, STONE)
    leave_tombstone(STONE, account.id, address=key)


@replays(STONE)
def _distrust_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    """Store only, until the owner has said which address is right: the restored one is known to be wrong (RIG-7)."""
    account = db.session.get(Account, person_id, populate_existing=True)
    right = account is None or facts["address"] in system.current().keys.keyed_hashes(account.email_key, STONE)
    if not right:
        restrict(person_id, "accuracy")


undo.UNDOING[ADDRESS] = take_back
