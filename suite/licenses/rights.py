"""Who may manage and use a licence (BUS-23, BUS-24): what its product configured, and until it did, its holder.

For a product that configures no rights, and until one that does has said something about a licence, its holder manages
and uses it; for a company that is the Administrator, and every employee uses it. From then on only what is configured
counts. A right is worth something only to the holder and the people of the company that holds the licence.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, exists, or_, select

from suite.accounts import present_members
from suite.companies import ADMINISTRATOR, role_in
from suite.kernel import db
from suite.kernel.errors import NotFound
from suite.licenses.errors import LicenseRightMissing
from suite.licenses.models import License, LicenseHolding, LicenseRight
from suite.licenses.products import catalogue


class Right(StrEnum):
    """What a product lets somebody do with a licence."""

    MANAGE = "manage"
    USE = "use"


class _Link(StrEnum):
    """What somebody is to a licence: who holds it, or who runs or works for the company that does."""

    HOLDER = "holder"
    ADMINISTRATOR = "administrator"
    EMPLOYEE = "employee"


@dataclass(frozen=True)
class Standing:
    """What somebody is to a licence, what they may do with it, and whether its product said so."""

    link: _Link | None
    configured: bool
    manage: bool
    use: bool
    rights: tuple[LicenseRight, ...] = ()

    def uses(self, instance: str) -> bool:
        """Say whether one instance may be used.

        What is configured for it counts before what is configured for all of them, which has the name "".
        """
        if not self.configured:
            return self.use
        said = {row.instance: row.rights for row in self.rights}
        return Right.USE in said.get(instance, said.get("", []))


def configured_by_product(found: License) -> bool:
    """Say whether the product decides about this licence: it configures rights, and has said something about it."""
    product = catalogue().products.get(found.product)
    return product is not None and product.rights and found.rights_said_at is not None


def may_manage(found: License, person_id: UUID) -> bool:
    """Say whether somebody may see a licence in detail and connect and release its devices (BUS-23)."""
    return standing(found, person_id).manage


def may_use(found: License, person_id: UUID, instance: str = "") -> bool:
    """Say whether somebody may use an instance of the product under a licence (BUS-24)."""
    return standing(found, person_id).uses(instance)


def may_remove(found: License, person_id: UUID) -> bool:
    """Say whether somebody may take a licence off the list: who manages it, and an Administrator always (COM-35)."""
    own = standing(found, person_id)
    return own.manage or own.link is _Link.ADMINISTRATOR


def require_manage(found: License, person_id: UUID) -> None:
    """Refuse who may not manage a licence. Ask this only for somebody who may see that it is there."""
    if not may_manage(found, person_id):
        raise LicenseRightMissing


def require_holder_manages(found: License, holder_id: UUID) -> None:
    """Refuse the person who holds a licence to manage it where its product does not let them."""
    if configured_by_product(found) and not any(Right.MANAGE in row.rights for row in _rows(found.id, holder_id)):
        raise LicenseRightMissing


def require_use(found: License, person_id: UUID, instance: str = "") -> None:
    """Refuse who may not use an instance under a licence. Ask this only for somebody who may see that it is there."""
    if not may_use(found, person_id, instance):
        raise LicenseRightMissing


def require_removal(found: License, person_id: UUID) -> None:
    """Refuse who may not take a licence off the list. Ask this only for somebody who may see that it is there."""
    if not may_remove(found, person_id):
        raise LicenseRightMissing


def standing(found: License, person_id: UUID) -> Standing:
    """Give what somebody may do with a licence."""
    link, configured = _link(found.id, person_id), configured_by_product(found)
    if link is None:
        return Standing(None, configured, manage=False, use=False)
    if not configured:
        return Standing(link, configured, manage=link is not _Link.EMPLOYEE, use=True)
    rows = _rows(found.id, person_id)
    manage, use = (any(right in row.rights for row in rows) for right in (Right.MANAGE, Right.USE))
    return Standing(link, configured, manage, use, rows)


def shown(license_id: UUID, person_id: UUID, *, instance: str | None = None) -> Standing:
    """Give what somebody may do with a licence, and with this instance of its product.

    To whoever neither holds it nor works for the company that does, there is no such licence.
    """
    found = db.session.get(License, license_id)
    own = standing(found, person_id) if found is not None else None
    if own is None or own.link is None:
        raise NotFound
    return own if instance is None else replace(own, use=own.uses(instance))


def forget(found: License) -> None:
    """Forget what was configured for a licence that is locked: whoever has it next begins anew."""
    if found.rights_said_at is not None:
        db.session.execute(delete(LicenseRight).where(LicenseRight.license_id == found.id))
        found.rights_said_at = None
        db.session.flush()


def _rows(license_id: UUID, person_id: UUID) -> tuple[LicenseRight, ...]:
    own = select(LicenseRight).where(LicenseRight.license_id == license_id, LicenseRight.person_id == person_id)
    return tuple(db.session.scalars(own.order_by(LicenseRight.instance)))


def _link(license_id: UUID, person_id: UUID) -> _Link | None:
    """Give what somebody is to a licence; an outsider is nothing to it, and who left the service it is used in."""
    belongs = exists().where(present_members.c.membership_id == LicenseHolding.membership_id)
    holding = db.session.execute(
        select(LicenseHolding.person_id, LicenseHolding.company_id).where(
            LicenseHolding.license_id == license_id,
            LicenseHolding.ended_at.is_(None),
            or_(LicenseHolding.company_id.is_not(None), belongs),
        )
    ).first()
    if holding is None:
        return None
    if holding.company_id is None:
        return _Link.HOLDER if holding.person_id == person_id else None
    role = role_in(holding.company_id, person_id)
    return None if role is None else _Link.ADMINISTRATOR if role == ADMINISTRATOR else _Link.EMPLOYEE
