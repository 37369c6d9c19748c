"""What products say about the rights configured in them: each word once, none older than what is known already.

An event says the state of something, never a difference, so that one may be lost or come twice. Whom or what nobody
knows here is passed over without a word: an answer would tell who has an account and which licences there are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select

from suite.accounts import Member, members_of
from suite.kernel import audit, clock, db, system
from suite.kernel.errors import InvalidInput
from suite.kernel.ids import new_id
from suite.kernel.words import marked as _
from suite.licenses import holdings
from suite.licenses.models import License, LicenseHolding, LicenseRight, ProductEvent

CHANGED, REPLACED, ENDED = "rights.changed", "rights.replaced", "instance.ended"
KINDS: Final[Mapping[str, str]] = {
    CHANGED: "The rights of one account were changed.",
    REPLACED: "These are the rights of everybody in an instance: whoever is not named has none.",
    ENDED: "An instance is no longer there, and nobody has rights in it.",
}
OLDEST: Final = timedelta(days=6)
"""How long after it was said something is still believed; less than `product_events` keep what was heard."""
EARLY: Final = timedelta(minutes=5)
_TIME = _("This time lies more than six days ago or in the future.")


@dataclass(frozen=True)
class Voice:
    """Who speaks: a connection of a product, whose signature fitted, and the name it gave the event."""

    connection_id: UUID
    product: str
    event: str


@dataclass(frozen=True)
class Said:
    """What was said: of which kind, when, about which licence and instance, and the rights of accounts in it."""

    kind: str
    at: datetime
    license_id: UUID
    instance: str
    rights: Mapping[UUID, list[str]]

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Said":
        """Take an event apart, as it was sent."""
        data = event["data"]
        people = data.get("people") or ([data] if event["type"] == CHANGED else [])
        rights = {one["account"]: one["rights"] for one in people}
        return cls(event["type"], event["timestamp"], data["license"], data["instance"], rights)


def hear(voice: Voice, said: Said) -> None:
    """Take what a product says; heard before, outdated, or about what nobody knows, it changes nothing."""
    now = clock.now()
    if not now - OLDEST < said.at <= now + EARLY:
        raise InvalidInput(errors=[{"pointer": "/timestamp", "message": _TIME}])
    found = holdings.lock(said.license_id)
    if found is not None and found.product != voice.product:
        found = None
    if not _first_time(voice, said, found) or found is None:
        return
    held = holdings.live(found.id)
    if held is not None and said.at >= max(held.added_at, _settled_at(said)):
        _apply(voice, said, found, held)


def _first_time(voice: Voice, said: Said, found: License | None) -> bool:
    """Write down that an event came, if it did not come before. Of two at once the second waits for the first."""
    values = {
        "id": new_id(),
        "connection_id": voice.connection_id,
        "digest": hashlib.sha256(voice.event.encode()).hexdigest(),
        "kind": said.kind,
        "license_id": found.id if found is not None else None,
        "instance": said.instance,
        "said_at": said.at,
        "heard_at": clock.now(),
    }
    insert = system.current().database.insert(ProductEvent).values(values)
    return db.session.scalar(insert.on_conflict_do_nothing().returning(ProductEvent.id)) is not None


def _settled_at(said: Said) -> datetime:
    """Give when the whole state of an instance was last said; what is older than that is in it already."""
    last = db.session.scalar(
        select(func.max(ProductEvent.said_at)).where(
            ProductEvent.license_id == said.license_id,
            ProductEvent.instance == said.instance,
            ProductEvent.kind.in_((REPLACED, ENDED)),
        )
    )
    return last or said.at


def _apply(voice: Voice, said: Said, found: License, held: LicenseHolding) -> None:
    known = _known(said)
    members = members_of(held.service, said.rights) if said.rights else []
    wanted = {member: said.rights[member.person_id] for member in members}
    if said.kind == CHANGED and not wanted:
        return
    for member, rights in wanted.items():
        row = known.pop(member.person_id, None)
        if row is None or row.said_at <= said.at:
            _set(voice, said, member, rights, row)
    if said.kind != CHANGED:
        _clear(voice, said, known)
    left = said.kind != ENDED or db.session.scalar(_of_license(found.id).limit(1)) is not None
    found.rights_said_at = (found.rights_said_at or said.at) if left else None
    db.session.flush()


def _known(said: Said) -> dict[UUID, LicenseRight]:
    rows = _of_license(said.license_id).where(LicenseRight.instance == said.instance)
    if said.kind == CHANGED:
        rows = rows.where(LicenseRight.person_id.in_(said.rights))
    return {row.person_id: row for row in db.session.scalars(rows)}


def _of_license(license_id: UUID) -> Any:
    return select(LicenseRight).where(LicenseRight.license_id == license_id)


def _set(voice: Voice, said: Said, member: Member, given: list[str], row: LicenseRight | None) -> None:
    """Write the rights of somebody; while their data may only be stored, rights are taken and none is given."""
    before = row.rights if row is not None else []
    rights = sorted(set(given) & set(before) if member.frozen else set(given))
    if row is None:
        row = LicenseRight(
            license_id=said.license_id,
            person_id=member.person_id,
            membership_id=member.membership_id,
            instance=said.instance,
        )
        db.session.add(row)
    row.membership_id, row.rights, row.said_at = member.membership_id, rights, said.at
    if rights != before:
        _tell(voice, said, member.person_id, rights)


def _clear(voice: Voice, said: Said, others: Mapping[UUID, LicenseRight]) -> None:
    """Take every right from whoever was not named, but for what was said later."""
    gone = [row for row in others.values() if row.said_at <= said.at]
    if gone:
        db.session.execute(delete(LicenseRight).where(LicenseRight.id.in_([row.id for row in gone])))
    for row in gone:
        if row.rights:
            _tell(voice, said, row.person_id, [])


def _tell(voice: Voice, said: Said, person_id: UUID, rights: list[str]) -> None:
    audit.write(
        "license.rights_changed",
        subject=person_id,
        license=str(said.license_id),
        rights=" ".join(rights),
        connection=str(voice.connection_id),
    )
