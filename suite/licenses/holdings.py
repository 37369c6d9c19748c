"""Who has a licence: taking it and letting it go. Of many who take one licence at once, one gets it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select, update

from suite.accounts import present_members
from suite.kernel import audit, clock, db
from suite.licenses import rights, terms
from suite.licenses.errors import LicenseNotAccepted
from suite.licenses.models import Activation, License, LicenseHolding
from suite.licenses.telling import tell
from suite.privacy import Person


@dataclass(frozen=True)
class Holder:
    """A member of a service, or a company."""

    service: str
    person_id: UUID | None = None
    membership_id: UUID | None = None
    company_id: UUID | None = None

    def has(self, holding: LicenseHolding) -> bool:
        """Say whether a holding is this holder's."""
        mine = (self.service, self.person_id, self.company_id)
        return (holding.service, holding.person_id, holding.company_id) == mine


def take(license_id: UUID, holder: Holder, *, source: str) -> LicenseHolding:
    """Give a licence to a holder, who may have it already; one somebody else has is refused like a wrong one.

    A company must be locked before, an account not before this: company, licence, account is the order of the house.
    """
    found = lock(license_id)
    if found is None or not terms.usable(found, holder.service):
        raise LicenseNotAccepted
    held = live(license_id)
    if held is None:
        return give(found, holder, source=source)
    if not holder.has(held):
        raise LicenseNotAccepted
    held.membership_id = holder.membership_id  # who left the service and joined it anew has another one
    return held


def give(found: License, holder: Holder, *, source: str) -> LicenseHolding:
    """Give a licence that is locked and that nobody has; its term begins where that waits for the first use.

    The devices it is in use on are the holder's from now on.
    """
    terms.begin(found)
    rights.forget(found)
    holding = LicenseHolding(
        license_id=found.id,
        person_id=holder.person_id,
        membership_id=holder.membership_id,
        company_id=holder.company_id,
        service=holder.service,
        number=found.code_tail,
        source=source,
        added_at=clock.now(),
        expires_at=found.expires_at,
    )
    db.session.add(holding)
    db.session.flush()
    in_use = (Activation.license_id == found.id, Activation.released_at.is_(None))
    owner = {"holding_id": holding.id, "person_id": holding.person_id}
    db.session.execute(update(Activation).where(*in_use).values(**owner))
    audit.write("license.added", subject=holder.person_id, license=str(found.id), source=source)
    tell("license.added", holding)
    return holding


def let_go(license_id: UUID, *, why: str) -> LicenseHolding | None:
    """Take a licence from whoever has it; give what ended."""
    lock(license_id)
    held = owned(license_id)
    return end(held, why=why) if held is not None else None


def end(held: LicenseHolding, *, why: str) -> LicenseHolding:
    """End a holding of a licence that is locked: its devices are released, and the licence is free again.

    `why` is a code word; it stands in the trail, and for seven months in the history. For this holder the licence has
    expired now at the latest: from then on the time runs after which a service ends with its last licence (O365-37).
    """
    rights.forget(db.session.get_one(License, held.license_id))
    now = clock.now()
    held.ended_at, held.expires_at = now, min(held.expires_at or now, now)
    in_use = (Activation.license_id == held.license_id, Activation.released_at.is_(None))
    db.session.execute(update(Activation).where(*in_use).values(released_at=now, released_by=why))
    db.session.flush()
    audit.write("license.removed", subject=held.person_id, license=str(held.license_id), why=why)
    tell("license.removed", held)
    return held


def live(license_id: UUID | None) -> LicenseHolding | None:
    """Give the present holding of a licence."""
    return db.session.scalar(
        select(LicenseHolding)
        .where(LicenseHolding.license_id == license_id, LicenseHolding.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )


def owned(license_id: UUID) -> LicenseHolding | None:
    """Give the present holding of a licence that is locked; whoever has it is not erased before the commit."""
    held = live(license_id)
    if held is None or held.person_id is None or keep(held.person_id):
        return held
    return live(license_id)


def keep(person_id: UUID) -> bool:
    """Keep a person from being erased until the commit; say whether there still is one.

    An erasure takes the person first: whoever changes what a person has without this finds it gone halfway.
    """
    there = select(Person.id).where(Person.id == person_id).with_for_update(read=True, key_share=True)
    return db.session.scalar(there) is not None


def of_person(person_id: UUID) -> Select[LicenseHolding]:
    """Select the licences a person has in the services they belong to; after a return into one they are there again."""
    there = present_members.c
    return (
        select(LicenseHolding)
        .join(present_members, there.membership_id == LicenseHolding.membership_id)
        .where(LicenseHolding.person_id == person_id, LicenseHolding.ended_at.is_(None))
    )


def of_company(company_id: UUID) -> Select[LicenseHolding]:
    """Select the licences a company has."""
    return select(LicenseHolding).where(LicenseHolding.company_id == company_id, LicenseHolding.ended_at.is_(None))


def lock(license_id: UUID) -> License | None:
    """Load a licence for a change; whoever else changes it waits (SQLite has one writer at a time anyway)."""
    return db.session.scalar(
        select(License).where(License.id == license_id).with_for_update().execution_options(populate_existing=True)
    )
