"""The devices of a licence, for whoever manages it: seeing them, connecting one, and letting one go without asking."""

from uuid import UUID

from sqlalchemy import Select, select

from suite.kernel import db
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page
from suite.licenses import activations, holdings, rights, seats
from suite.licenses.errors import LicenseRightMissing
from suite.licenses.models import Activation, LicenseHolding
from suite.licenses.seats import Connected
from suite.privacy import may_be_changed


def listed(license_id: UUID, person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the devices a licence is in use on, and those that were released in the last six months, newest first."""
    held = _managed(license_id, person_id)
    return page(_of(held), Activation.id, cursor=cursor, limit=limit)


def connect(license_id: UUID, person_id: UUID, *, device: str, device_name: str | None) -> Connected:
    """Connect a licence to the device it is used on (MYK-46)."""
    may_be_changed(person_id)
    found = holdings.lock(license_id)
    if found is None:
        raise NotFound
    _managed(license_id, person_id)
    return seats.connect(found, device=device, device_name=device_name)


def release(license_id: UUID, person_id: UUID, activation_id: UUID) -> None:
    """Let a device go, lost and broken ones too; once more changes nothing."""
    may_be_changed(person_id)
    held = _managed(license_id, person_id)
    found = db.session.scalar(_of(held).where(Activation.id == activation_id))
    if found is None:
        raise NotFound
    activations.release(found, by=activations.BY_OWNER)


def _of(held: LicenseHolding) -> Select[Activation]:
    """Select what happened since the present holder has it: devices of the one before are nobody's business."""
    return select(Activation).where(Activation.license_id == held.license_id, Activation.holding_id == held.id)


def _managed(license_id: UUID, person_id: UUID) -> LicenseHolding:
    """Give the present holding of a licence that somebody may manage; to a stranger there is no such licence."""
    if not rights.shown(license_id, person_id).manage:
        raise LicenseRightMissing
    held = holdings.live(license_id)
    if held is None:
        raise NotFound
    return held
