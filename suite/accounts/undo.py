"""Mailed links that undo: told with every change that guards an account, spent by one click."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update

from suite.accounts import recovery_tickets, sessions
from suite.accounts.errors import ChangesFrozen, UndoGone
from suite.accounts.models import Account, AddressChange, KnownDevice, RecoveryWait, UndoLink
from suite.factors import enrolment
from suite.factors.errors import NoSuchFactor
from suite.kernel import audit, clock, db, limits, secrets
from suite.messages import Letter, post

NOT_ME, NOT_MY_CODES = "not_me", "not_my_codes"
FREEZE = timedelta(hours=24)
NOTICE_LIVES = timedelta(days=7)
PER_NETWORK = limits.Allowance("undo/network", times=60, seconds=900)


@dataclass(frozen=True)
class Undone:
    """What was undone, and until when changes are stopped, if they are."""

    kind: str
    frozen_until: datetime | None


def tell(account: Account, letter: Letter, *, kind: str = NOT_ME, factor_id: UUID | None = None, **facts: str) -> None:
    """Write to the owner what was done, with a link that says "this was not me"; a factor that was added goes then."""
    facts.setdefault("time", clock.written(clock.now()))
    token = make(account.id, kind, lives=NOTICE_LIVES, factor_id=factor_id)
    post(letter, person_id=account.id, to=account.address, language=account.language, facts=facts | {"undo": token})


def make(
    account_id: UUID,
    kind: str,
    *,
    lives: timedelta,
    address: str | None = None,
    email_key: str | None = None,
    factor_id: UUID | None = None,
) -> str:
    """Make a link that undoes one thing; its token is stored only as a hash."""
    now, token = clock.now(), secrets.new_token()
    db.session.add(
        UndoLink(
            account_id=account_id,
            kind=kind,
            token_hash=secrets.token_hash(token),
            address=address,
            email_key=email_key,
            factor_id=factor_id,
            made_at=now,
            expires_at=now + lives,
        )
    )
    db.session.flush()
    return token


def look(token: str, *, network: str) -> UndoLink:
    """Give the link of a token, without spending it: a page shows what it is about before it asks the person."""
    _count(network)
    return _find(token)


def use(token: str, *, network: str) -> Undone:
    """Undo what the link is about; of many at once exactly one does it."""
    _count(network)
    link = _find(token)
    account = db.session.get(Account, link.account_id, with_for_update={"key_share": True})
    spent = db.session.execute(
        update(UndoLink).where(UndoLink.id == link.id, UndoLink.used_at.is_(None)).values(used_at=clock.now())
    )
    if account is None or spent.rowcount != 1:  # type: ignore[attr-defined]
        raise UndoGone
    UNDOING[link.kind](account, link)
    audit.write("change.undone", subject=account.id, kind=link.kind)
    return Undone(link.kind, frozen_until(account))


def _count(network: str) -> None:
    """Count the attempt, whatever comes of it."""
    limits.take(PER_NETWORK, network)
    db.settle()


def _find(token: str) -> UndoLink:
    link = db.session.scalar(
        select(UndoLink).where(
            UndoLink.token_hash == secrets.token_hash(token),
            UndoLink.expires_at > clock.now(),
            UndoLink.used_at.is_(None),
        )
    )
    if link is None:
        raise UndoGone
    return link


def object_to(account: Account, link: UndoLink) -> None:
    """End every session, forget what was half done, and stop changes for a day.

    A factor the link is about goes too: whoever added it would otherwise be asked for it instead of the owner.
    """
    sessions.end_all(account.id)
    recovery_tickets.kill(account.id)
    if link.factor_id is not None:
        with suppress(NoSuchFactor):
            enrolment.remove(account.id, link.factor_id)
    for table in (KnownDevice, AddressChange, RecoveryWait):
        db.session.execute(delete(table).where(table.account_id == account.id))
    db.session.execute(update(Account).where(Account.id == account.id).values(frozen_until=clock.now() + FREEZE))


def object_to_codes(account: Account, link: UndoLink) -> None:
    """Do the same, and end the recovery codes: somebody else has read them."""
    object_to(account, link)
    enrolment.end_recovery_codes(account.id)


UNDOING: dict[str, Callable[[Account, UndoLink], None]] = {NOT_ME: object_to, NOT_MY_CODES: object_to_codes}
"""What each kind of link does; the stories that make links of other kinds add theirs."""


def may_change(account: Account) -> None:
    """Refuse changes of what guards an account while its owner said that somebody else is in it."""
    until = frozen_until(account)
    if until is not None:
        raise ChangesFrozen(retry_after=int((until - clock.now()).total_seconds()) + 1)


def frozen_until(account: Account) -> datetime | None:
    """Give the instant until which changes are stopped, None when they are not."""
    until = account.frozen_until
    return until if until is not None and until > clock.now() else None
