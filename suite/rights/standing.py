"""Restriction and objection: begun and ended, told to recipients, and repeated after a restore."""

from datetime import datetime
from typing import Any
from uuid import UUID

from suite.accounts import contact_of
from suite.declarations import Basis, Purpose
from suite.declarations.purposes import PURPOSES
from suite.kernel import audit, clock
from suite.kernel.errors import NotFound
from suite.messages import post
from suite.privacy import (
    address_hash,
    can_be_suppressed,
    leave_tombstone,
    object_to,
    release,
    replays,
    restrict,
    switch_off,
    switch_on,
    take_back_objection,
)
from suite.rights import letters, telling
from suite.rights.errors import NoLegitimateInterest

GUARDS = "guards_the_person"
"""The overriding reason under which what guards the person goes on until an officer has weighed an objection."""


def begin_restriction(person_id: UUID, reason: str) -> None:
    """Let data only be stored; recipients are told first, because afterwards nothing else leaves."""
    telling.tell("privacy.restricted", person_id)
    restrict(person_id, reason)
    leave_tombstone("restriction", person_id, reason=reason)
    audit.write("restriction.begun", subject=person_id, reason=reason)


def end_restriction(person_id: UUID) -> None:
    """Let data be used again; the person is told, because somebody else in the account could have done it."""
    if not release(person_id):
        return
    leave_tombstone("restriction.ended", person_id)
    audit.write("restriction.ended", subject=person_id)
    telling.tell("privacy.restriction_ended", person_id)
    to = contact_of(person_id)
    if to is not None:
        facts = {"time": clock.written(clock.now())}
        post(letters.restriction_ended, person_id=person_id, to=to.address, language=to.language, facts=facts)


def can_be_objected_to(purpose: Purpose) -> bool:
    """Say whether a purpose rests on a legitimate interest, or can be switched off anyway."""
    return purpose.basis is Basis.LEGITIMATE_INTEREST or purpose.off_switch


def interest(key: str | None) -> Purpose:
    """Give the purpose somebody objects to."""
    purpose = PURPOSES.get(key or "")
    if purpose is None or not can_be_objected_to(purpose):
        raise NoLegitimateInterest
    return purpose


def begin_objection(person_id: UUID, purpose: str, *, overridden: str | None = None) -> None:
    """Stop a processing, or record the reason that outweighs the objection.

    Letters that can be stopped stop for the mailbox as well, whichever way its address comes in again (GEN-25).
    """
    to = contact_of(person_id) if overridden is None and can_be_suppressed(purpose) else None
    if to is not None:
        switch_off(person_id, purpose, hashed=address_hash(to.address, purpose))
    else:
        object_to(person_id, purpose, overridden=overridden)
        leave_tombstone("objection", person_id, purpose=purpose, overridden=overridden)
    audit.write("objection.made", subject=person_id, purpose=purpose, overridden=overridden)


def end_objection(person_id: UUID, purpose: str) -> None:
    """Take an objection back."""
    if not take_back_objection(person_id, purpose):
        raise NotFound
    to = contact_of(person_id) if can_be_suppressed(purpose) else None
    if to is not None:
        switch_on(person_id, purpose, address=to.address)
    leave_tombstone("objection.ended", person_id, purpose=purpose)
    audit.write("objection.ended", subject=person_id, purpose=purpose)


@replays("restriction")
def _restrict_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    restrict(person_id, facts["reason"])


@replays("restriction.ended")
def _release_again(person_id: UUID, _at: datetime, _facts: dict[str, Any]) -> None:
    release(person_id)


@replays("objection")
def _object_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    object_to(person_id, facts["purpose"], overridden=facts["overridden"])


@replays("objection.ended")
def _take_back_again(person_id: UUID, _at: datetime, facts: dict[str, Any]) -> None:
    take_back_objection(person_id, facts["purpose"])
