"""Who has a licence: taking it and letting it go. Of many who take one licence at once, one gets it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from suite.kernel import audit, clock, db
from suite.licenses import terms
from suite.licenses.errors import LicenseNotAccepted
from suite.licenses.models import License, LicenseHolding


@dataclass(frozen=True)
class Holder:
    """A member of a service, or a company."""

    service: str
    person_id: UUID | None = None
    membership_id: UUID | None = None
    company_id: UUID | None = None


def take(license_id: UUID, holder: Holder, *, source: str) -> LicenseHolding:
    """Give a licence to a holder; a licence somebody else has is refused like a wrong one."""
    found = lock(license_id)
    if found is None or found.voided_at is not None:
        raise LicenseNotAccepted
    terms.begin(found)
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
    with db.translated({"uq_license_holdings_license_id": LicenseNotAccepted}):
        db.session.flush()
    audit.write("license.added", subject=holder.person_id, license=str(found.id), source=source)
    return holding


def lock(license_id: UUID) -> License | None:
    """Load a licence for a change; whoever else changes it waits (SQLite has one writer at a time anyway)."""
    return db.session.scalar(
        select(License).where(License.id == license_id).with_for_update().execution_options(populate_existing=True)
    )
