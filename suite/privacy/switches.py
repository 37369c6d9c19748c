"""Off switches: notices that rest on a contract and that a person can stop all the same, and start again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from suite.kernel import db
from suite.privacy import standing, suppression, tombstones
from suite.privacy.models import Person

OFF, ON = "notice.off", "notice.on"


def switch_off(person_id: UUID, purpose: str, *, hashed: str) -> bool:
    """Stop the letters of a purpose, also for an address whose person is gone; say whether that changed anything."""
    new = suppression.suppress_hash(hashed, purpose)
    if db.session.get(Person, person_id, with_for_update={"key_share": True}) is None:
        if new:
            tombstones.write(suppression.SUPPRESSED, person_id, purpose=purpose, suppressed=hashed)
    elif not standing.objected(person_id, purpose):
        tombstones.write(OFF, person_id, purpose=purpose, suppressed=hashed)
        standing.object_to(person_id, purpose)
        return True
    return new


def switch_on(person_id: UUID, purpose: str, *, address: str) -> None:
    """Let the letters of a purpose go to a person again who asked for them, at their confirmed address."""
    suppression.lift(address, purpose)
    if standing.take_back_objection(person_id, purpose):
        tombstones.write(ON, person_id, purpose=purpose)


tombstones.replays_for_all(OFF, suppression.replay)


@tombstones.replays(OFF)
def switch_off_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    """Switch off once more after a restore."""
    if db.session.get(Person, person_id) is not None:
        standing.object_to(person_id, facts["purpose"])


@tombstones.replays(ON)
def switch_on_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    """Switch on once more after a restore."""
    standing.take_back_objection(person_id, facts["purpose"])
