"""How long a licence runs: the only writer of `expires_at`, in the licence and in what repeats it."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import update

from suite.kernel import clock, db
from suite.licenses.errors import LicenseEndless, LicenseUnused, LicenseVoid, TermImpossible
from suite.licenses.models import License, LicenseHolding
from suite.licenses.products import Policy, catalogue

_FAR = timedelta(days=36525)
"""A hundred years: nobody sells longer than that, and every period can still be counted from there."""


class State(StrEnum):
    """What a licence is good for just now."""

    UNUSED = "unused"
    VALID = "valid"
    GRACE = "grace"
    EXPIRED = "expired"
    VOID = "void"


def policy_of(found: License) -> Policy:
    """Give the policy a licence was issued under."""
    return catalogue().policies[found.policy]


def state_of(found: License, now: datetime) -> State:
    """Give the state of a licence; a voided one is void whatever else it is."""
    if found.voided_at is not None:
        return State.VOID
    if found.begins_at is None:
        return State.UNUSED
    if found.expires_at is None or now < found.expires_at:
        return State.VALID
    return State.GRACE if now < policy_of(found).grace.after(found.expires_at) else State.EXPIRED


def usable(found: License, service: str) -> bool:
    """Say whether a licence may be added to a service now: neither voided nor over, and of a product used there."""
    product = catalogue().products.get(found.product)
    over = found.expires_at is not None and found.expires_at <= clock.now()
    return product is not None and service in product.services and found.voided_at is None and not over


def must_be_near(moment: datetime, *, after: datetime | None = None) -> None:
    """Refuse the beginning or end of a term that nobody can mean."""
    if abs(moment - clock.now()) > _FAR or (after is not None and moment <= after):
        raise TermImpossible


def renew(found: License, until: datetime | None) -> None:
    """Let a licence, locked, end later: at a moment, or by the length its policy says.

    That length is counted from its end, and from now where even its grace is over.
    """
    now, lasts = clock.now(), policy_of(found).lasts
    if found.voided_at is not None:
        raise LicenseVoid
    if found.begins_at is None:
        raise LicenseUnused
    if found.expires_at is None:
        raise LicenseEndless
    if until is None:
        if lasts is None:
            raise LicenseEndless
        until = lasts.after(now if state_of(found, now) is State.EXPIRED else found.expires_at)
    must_be_near(until, after=max(found.expires_at, now))
    set_term(found, begins_at=found.begins_at, expires_at=until)


def begin(found: License) -> None:
    """Begin the term of a licence at its first use; one that has begun stays as it is."""
    if found.begins_at is None:
        now, lasts = clock.now(), policy_of(found).lasts
        set_term(found, begins_at=now, expires_at=lasts.after(now) if lasts else None)


def set_term(found: License, *, begins_at: datetime, expires_at: datetime | None) -> None:
    """Set the term, in the licence and for whoever holds it; the licence must be locked."""
    found.begins_at, found.expires_at = begins_at, expires_at
    found.version += 1
    db.session.flush()
    holding = update(LicenseHolding).where(LicenseHolding.license_id == found.id, LicenseHolding.ended_at.is_(None))
    db.session.execute(holding.values(expires_at=expires_at))
