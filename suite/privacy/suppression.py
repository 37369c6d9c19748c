"""The suppression list: who asked not to be written to stays unwritten to, whichever way the address comes in again.

A line is a keyed hash of address and purpose, the purpose and a date. Nothing leads from it to a person, and the
address cannot be read from it without a key that is never in the database (GEN-25, DEC-12).
"""

from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import delete, select

from suite.declarations import Basis
from suite.declarations.purposes import PURPOSES
from suite.kernel import clock, db, system
from suite.kernel.fields import canonical_email
from suite.kernel.ids import new_id
from suite.privacy import tombstones
from suite.privacy.models import Suppression
from suite.privacy.stones import Stone

SUPPRESSED, LIFTED = "address.suppressed", "address.lifted"
_USE = "suppression"
_BATCH, _LINES = 200, 1000


def can_be_suppressed(purpose: str) -> bool:
    """Say whether a person can stop letters for a purpose: those that rest on consent or have an off switch."""
    declared = PURPOSES[purpose]
    return declared.basis is Basis.CONSENT or declared.off_switch


def address_hash(address: str, purpose: str) -> str:
    """Give the line under which an address stands for a purpose."""
    return system.current().keys.keyed_hash(_line(address, purpose), _USE)


def suppress(address: str, purpose: str) -> None:
    """Let no letter for this purpose go to the address any more; doing it again changes nothing."""
    suppress_all([address], purpose)


def suppress_all(addresses: Iterable[str], purpose: str) -> None:
    """Let no letter for this purpose go to any of these addresses, whose people may be unknown."""
    hashes = {address_hash(address, purpose) for address in addresses}
    new = [hashed for hashed in sorted(hashes) if suppress_hash(hashed, purpose)]
    if new:
        tombstones.write_of_nobody(SUPPRESSED, purpose=purpose, suppressed=new)


def suppress_hash(hashed: str, purpose: str) -> bool:
    """Write a line that was computed while the address was known; say whether it is new."""
    written = db.session.scalar(
        system.current()
        .database.insert(Suppression)
        .values(address_hash=hashed, purpose=purpose, since=clock.now())
        .on_conflict_do_nothing()
        .returning(Suppression.address_hash)
    )
    return written is not None


def lift(address: str, purpose: str) -> None:
    """Forget a line: only for the owner of a confirmed address, who has just said yes again."""
    mine = delete(Suppression).where(Suppression.address_hash.in_(_hashes(address, purpose)))
    lifted = [*db.session.scalars(mine.returning(Suppression.address_hash))]
    if lifted:
        tombstones.write_of_nobody(LIFTED, purpose=purpose, suppressed=lifted)


def suppressed(address: str, purpose: str) -> bool:
    """Say whether an address is on the list for a purpose, under whichever key it was written."""
    found = select(Suppression.purpose).where(Suppression.address_hash.in_(_hashes(address, purpose))).limit(1)
    return db.session.scalar(found) is not None


def filter_allowed(addresses: Iterable[str], purpose: str) -> Iterator[str]:
    """Give the addresses of a list that may be used for a purpose, in order; every import asks this (GEN-26)."""
    waiting = iter(addresses)
    while batch := list(islice(waiting, _BATCH)):
        hashes = [(address, _hashes(address, purpose)) for address in batch]
        asked = {one for _, own in hashes for one in own}
        stopped = set(db.session.scalars(select(Suppression.address_hash).where(Suppression.address_hash.in_(asked))))
        yield from (address for address, own in hashes if stopped.isdisjoint(own))


def _hashes(address: str, purpose: str) -> tuple[str, ...]:
    return system.current().keys.keyed_hashes(_line(address, purpose), _USE)


def _line(address: str, purpose: str) -> str:
    """Write address and purpose as they are hashed: however an address is spelt, it is one."""
    stripped = address.strip()
    try:
        return f"{purpose}\n{canonical_email(stripped)}"
    except ValidationError:
        return f"{purpose}\n{stripped.lower()}"


# --- after a restore: whoever is in the restored database, the list is as it was


def replay(facts: dict[str, Any]) -> None:
    """Write the lines a tombstone names."""
    for hashed in _named(facts):
        suppress_hash(hashed, facts["purpose"])


def replay_lift(facts: dict[str, Any]) -> None:
    """Forget the lines a tombstone names."""
    db.session.execute(delete(Suppression).where(Suppression.address_hash.in_(_named(facts))))


def _named(facts: dict[str, Any]) -> list[str]:
    found: str | list[str] = facts["suppressed"]
    return [one for one in ([found] if isinstance(found, str) else found) if one]


tombstones.replays_for_all(SUPPRESSED, replay)
tombstones.replays_for_all(LIFTED, replay_lift)


def as_stones() -> Iterator[Stone]:
    """Give the whole list as tombstones of now, for the database that takes the place of this one."""
    now = clock.now()
    with db.reading() as connection:
        every = connection.execute(select(Suppression.purpose, Suppression.address_hash).order_by(Suppression.purpose))
        for purpose, lines in groupby(every, key=lambda line: str(line.purpose)):
            while some := [line.address_hash for line in islice(lines, _LINES)]:
                number = new_id()
                facts = {"purpose": purpose, "suppressed": some}
                yield Stone(number, SUPPRESSED, tombstones.subject_of(number), facts, now)
