"""Licences that people hold, as a source of reminders; those of companies are nobody's here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select

from suite.declarations import Service
from suite.declarations.services import Reminders
from suite.kernel import db, system
from suite.licenses import letters
from suite.licenses.models import License, LicenseHolding
from suite.licenses.products import catalogue
from suite.messages import Letter
from suite.privacy import declared
from suite.reminders import Asked, Ending, Source, remind_of

RENEWAL = "license_renewal"
_LETTERS = {Reminders.OPT_IN: letters.license_reminder, Reminders.SERVICE_MESSAGE: letters.license_notice}


def _rows(service: str) -> Select[Any]:
    """Select the holdings of people that may end; the index on service and end leads there."""
    rows: Any = select(
        LicenseHolding.person_id.label("person_id"),
        LicenseHolding.license_id.label("item"),
        LicenseHolding.expires_at.label("ends_at"),
    )
    theirs = (LicenseHolding.person_id.is_not(None), LicenseHolding.ended_at.is_(None))
    found: Select[Any] = rows.where(LicenseHolding.service == service, *theirs)
    return found


def _letter(service: Service) -> Letter | None:
    return _LETTERS.get(service.reminders)


def _now(asked: Sequence[Asked]) -> Mapping[Asked, Ending]:
    """Give the licences as they are: one that was voided, or that the person has no more, is left out."""
    found: Any = db.session.execute(
        select(LicenseHolding.person_id, License.id, License.expires_at, License.product, License.code_tail)
        .join(License, License.id == LicenseHolding.license_id)
        .where(
            LicenseHolding.license_id.in_({one.item for one in asked}),
            LicenseHolding.person_id.is_not(None),
            LicenseHolding.ended_at.is_(None),
            License.voided_at.is_(None),
        )
    )
    renew = _renewal()
    return {
        Asked(person, item): Ending(ends_at, {"license": _title(product), "tail": tail, "renew": renew})
        for person, item, ends_at, product, tail in found
    }


def _title(product: str) -> str:
    found = catalogue().products.get(product)
    return found.title if found else product


def _renewal() -> str:
    """Give the address where licences are renewed: the vendor's, or the product itself where the vendor names none."""
    links = declared().vendor.get("links", {})
    return str(links.get(RENEWAL, {}).get("web") or system.current().settings.public_url)


remind_of(Source("license", _rows, _letter, _now))
