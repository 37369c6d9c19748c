"""The licences of a person, added by their activation codes (MYK-45, BUS-21, SCC-20)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from suite.accounts import is_member, members_of
from suite.companies import SERVICE as COMPANY_SERVICE
from suite.kernel import audit, db
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page
from suite.licenses import files, finding, holdings, rights, terms
from suite.licenses.errors import NotInService, NotRenewable, OfTheCompany
from suite.licenses.holdings import Holder
from suite.licenses.models import License, LicenseHolding
from suite.licenses.telling import tell
from suite.privacy import may_be_changed


@dataclass(frozen=True)
class Held:
    """A licence and who has it."""

    license: License
    holding: LicenseHolding


def add(person_id: UUID, service: str, given: str, *, network: str) -> Held:
    """Add a licence to a service by its code or key file; adding it again changes nothing.

    Membership is asked before the code is looked at, so that this tells nothing about codes, and again when the
    licence is locked.
    """
    may_be_changed(person_id)
    if service == COMPANY_SERVICE:
        raise OfTheCompany
    if not is_member(person_id, service):
        raise NotInService
    found = finding.for_holder(given, Holder(service, person_id), network=network)
    mine = members_of(service, [person_id])
    if not mine:
        raise NotInService
    source = "key_file" if files.is_one(given) else "code"
    return Held(found, holdings.take(found.id, Holder(service, person_id, mine[0].membership_id), source=source))


def listed(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """List the licences of a person, the one added last first."""
    found = page(holdings.of_person(person_id), LicenseHolding.id, cursor=cursor, limit=limit)
    return Page(list(with_licenses(found.rows)), found.next_cursor)


def one(person_id: UUID, license_id: UUID) -> Held:
    """Give one licence of a person, who must be let manage it by its product."""
    found = db.session.scalar(holdings.of_person(person_id).where(LicenseHolding.license_id == license_id))
    if found is None:
        raise NotFound
    held = next(with_licenses([found]))
    rights.require_holder_manages(held.license, person_id)
    return held


def renew(person_id: UUID, license_id: UUID, *, wanted: bool) -> Held:
    """Choose that whoever sells a licence renews it at its end, or no longer (MYK-48); connected shops are told.

    Nothing is bought here: a shop that hears of it extends the licence once it is paid.
    """
    may_be_changed(person_id)
    found, held = _mine(person_id, license_id)
    if wanted and not _renewable(found):
        raise NotRenewable
    if held.renews is not wanted:
        held.renews = wanted
        db.session.flush()
        audit.write("license.renewal_chosen", subject=person_id, license=str(license_id), on=wanted)
        tell("license.renewal_wanted" if wanted else "license.renewal_unwanted", held)
    return Held(found, held)


def _renewable(found: License) -> bool:
    policy = terms.policy_of(found)
    return found.voided_at is None and policy.lasts is not None and not policy.trial


def _mine(person_id: UUID, license_id: UUID) -> tuple[License, LicenseHolding]:
    """Lock a licence of a person, who must be let manage it by its product."""
    found = holdings.lock(license_id)
    holdings.keep(person_id)
    mine = holdings.of_person(person_id).where(LicenseHolding.license_id == license_id)
    held = db.session.scalar(mine.execution_options(populate_existing=True))
    if found is None or held is None:
        raise NotFound
    rights.require_holder_manages(found, person_id)
    return found, held


def remove(person_id: UUID, license_id: UUID) -> None:
    """Remove a licence from the list: its devices are released, and whoever has the code may add it."""
    may_be_changed(person_id)
    _, held = _mine(person_id, license_id)
    holdings.end(held, why="holder")


def with_licenses(rows: Iterable[LicenseHolding]) -> Iterator[Held]:
    """Give holdings with their licences, in the same order."""
    rows = list(rows)
    asked = select(License).where(License.id.in_([row.license_id for row in rows]))
    known = {found.id: found for found in db.session.scalars(asked)} if rows else {}
    return (Held(known[row.license_id], row) for row in rows)
