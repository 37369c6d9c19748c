"""What staff do with a licence: look at it, void it, give it to somebody else, extend it. Every act leaves an entry."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from suite.accounts import members_of
from suite.companies import SERVICE as COMPANY_SERVICE
from suite.companies import lock_company
from suite.kernel import audit, clock, db, versions
from suite.kernel.errors import NotFound
from suite.licenses import finding, holdings, terms
from suite.licenses.errors import HolderUnknown, LicenseNotForService, LicenseVoid
from suite.licenses.holdings import Holder
from suite.licenses.models import License, LicenseHolding
from suite.licenses.telling import tell
from suite.privacy import DataRestricted

VOID_REASONS: Final = ("issued_by_mistake", "refunded", "code_stolen", "misused", "replaced")


@dataclass(frozen=True)
class Target:
    """Who gets a licence: an account or a company in a service; nobody without a service."""

    service: str = ""
    account_id: UUID | None = None
    company_id: UUID | None = None


def one(license_id: UUID) -> License:
    """Give a licence."""
    found = db.session.get(License, license_id)
    if found is None:
        raise NotFound
    return found


def by_code(given: str) -> License:
    """Give the licence of a code."""
    found = finding.of_code(finding.readable(given))
    audit.write("license.searched", license=str(found.id) if found else None)
    if found is None:
        raise NotFound
    return found


def look(license_id: UUID) -> tuple[License, LicenseHolding | None]:
    """Look at a licence and who has it; the holder can read that somebody looked."""
    found, held = one(license_id), holdings.live(license_id)
    audit.write("license.viewed", subject=held.person_id if held else None, license=str(license_id))
    return found, held


def void(license_id: UUID, seen: versions.State, reason: str) -> License:
    """End a licence for good, at once and for whoever has it."""
    found = _locked(license_id)
    if found.voided_at is not None:
        raise LicenseVoid
    now = clock.now()
    versions.change(found, seen, voided_at=now, void_reason=reason)
    if found.begins_at is not None and (found.expires_at is None or found.expires_at > now):
        terms.set_term(found, begins_at=found.begins_at, expires_at=now)
    held = holdings.live(found.id)
    audit.write("license.voided", subject=_holder(held), license=str(found.id), reason=reason)
    tell("license.voided", held)
    return found


def extend(license_id: UUID, seen: versions.State, until: datetime | None) -> License:
    """Let a licence end later, for whoever has it: at a moment, or by the length its policy says."""
    found = _locked(license_id)
    versions.change(found, seen)
    terms.renew(found, until)
    held = holdings.live(found.id)
    audit.write("license.extended", subject=_holder(held), license=str(found.id))
    tell("license.renewed", held)
    return found


def transfer(license_id: UUID, seen: versions.State, to: Target) -> tuple[License, LicenseHolding | None]:
    """Take a licence from whoever has it, and give it to an account, a company, or nobody."""
    if to.company_id is not None:
        _must_go_on(to.company_id, to.service)
    found = _locked(license_id)
    versions.change(found, seen)
    held = holdings.owned(license_id)
    if held is not None:
        holdings.end(held, why="transferred")
    if not to.service:
        return found, None
    if found.voided_at is not None:
        raise LicenseVoid
    if not terms.usable(found, to.service):
        raise LicenseNotForService
    return found, holdings.give(found, _member(to), source="transfer")


def _must_go_on(company_id: UUID, service: str) -> None:
    """Lock the company that gets a licence; one that is blocked or over, or in another service, is refused."""
    company = lock_company(company_id)
    if company is None or service != COMPANY_SERVICE or company.blocked_at or company.ended_at:
        raise HolderUnknown


def _member(to: Target) -> Holder:
    if to.account_id is None:
        return Holder(to.service, company_id=to.company_id)
    mine = members_of(to.service, [to.account_id])
    if not mine or to.service == COMPANY_SERVICE:
        raise HolderUnknown
    if mine[0].frozen:
        raise DataRestricted
    return Holder(to.service, to.account_id, mine[0].membership_id)


def _locked(license_id: UUID) -> License:
    found = holdings.lock(license_id)
    if found is None:
        raise NotFound
    return found


def _holder(held: LicenseHolding | None) -> UUID | None:
    return held.person_id if held is not None else None
