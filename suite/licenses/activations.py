"""A licence in use on a device: which device it is, which seat it takes, and letting it go."""

from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select, union_all, update
from sqlalchemy.orm import aliased

from suite.kernel import audit, clock, db, system
from suite.licenses.errors import NoSeatLeft
from suite.licenses.models import Activation, License, LicenseHolding

BY_PRODUCT: Final = "product"
BY_OWNER: Final = "owner"
_USE: Final = "license_device"


def device_hashes(product: str, device: str) -> tuple[str, ...]:
    """Give the hash of a device under every key, newest first; the same device is another one for each product."""
    return system.current().keys.keyed_hashes(f"{product}\0{device}", _USE)


def live(license_id: UUID) -> ColumnElement[bool]:
    """Give the condition that an activation takes a seat of this licence now."""
    return and_(Activation.license_id == license_id, Activation.released_at.is_(None))


def in_use(license_id: UUID) -> int:
    """Count the seats that are taken."""
    return db.session.scalar(select(func.count()).select_from(Activation).where(live(license_id))) or 0


def of_device(license_id: UUID, product: str, device: str) -> Activation | None:
    """Give the live activation of a device; one that stands under an older key moves to the newest."""
    hashes = device_hashes(product, device)
    found = db.session.scalar(
        select(Activation)
        .where(live(license_id), Activation.device_hash.in_(hashes))
        .execution_options(populate_existing=True)
    )
    if found is not None and found.device_hash != hashes[0]:
        found.device_hash = hashes[0]
    return found


def lowest_free_seat(license_id: UUID) -> int:
    """Give the lowest seat nobody takes; the licence must be locked, so that nobody takes it meanwhile."""
    other = aliased(Activation)
    taken = select(Activation.seat).where(live(license_id))
    before = union_all(select(literal(0).label("seat")), taken).subquery()
    next_is_taken = (
        select(other.id)
        .where(other.license_id == license_id, other.released_at.is_(None), other.seat == before.c.seat + 1)
        .exists()
    )
    return db.session.scalar(select(func.min(before.c.seat) + 1).where(~next_is_taken)) or 1


def add(found: License, held: LicenseHolding | None, *, seat: int, device: str, device_name: str | None) -> Activation:
    """Let a device take a seat of a locked licence; it belongs to whoever holds the licence, or to nobody yet."""
    activation = Activation(
        license_id=found.id,
        holding_id=held.id if held is not None else None,
        person_id=held.person_id if held is not None else None,
        device_hash=device_hashes(found.product, device)[0],
        device_name=device_name,
        seat=seat,
        activated_at=clock.now(),
    )
    db.session.add(activation)
    with db.translated({"uq_license_activations_seat": NoSeatLeft, "uq_license_activations_device": NoSeatLeft}):
        db.session.flush()
    audit.write("license.activated", subject=activation.person_id, license=str(found.id))
    return activation


def release(found: Activation, *, by: str) -> None:
    """Let a device go; its seat is free again. Releasing once more changes nothing."""
    still = update(Activation).where(Activation.id == found.id, Activation.released_at.is_(None))
    done = db.session.execute(still.values(released_at=clock.now(), released_by=by))
    if done.rowcount == 1:  # type: ignore[attr-defined]
        audit.write("license.released", subject=found.person_id, license=str(found.license_id), why=by)
