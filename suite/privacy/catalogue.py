"""The catalogue: every declaration as one machine-readable document, read from the same objects as the sweeps."""

import hashlib
from typing import Any

import orjson
from sqlalchemy import Table

from suite.declarations import ByService, Keep, Record, Service, Unlimited, WithParent, kind_of
from suite.privacy.register import Register, current, person_of


def catalogue(register: Register | None = None) -> dict[str, Any]:
    """Give services, tables, purposes, consents, recipients, cookies and stores with their retention."""
    register = register or current()
    content: dict[str, Any] = {
        "services": [_service(service, register) for service in register.services.values()],
        "records": [_record(table, record) for table, record in register.tables()],
        "purposes": [
            {
                "key": one.key,
                "says": one.says,
                "use": one.use,
                "basis": str(one.basis),
                "balance": one.balance,
            }
            for one in _each(register, "purposes")
        ],
        "consents": [
            {
                "purpose": one.key,
                "text": one.text,
                "version": str(one.version),
                "text_sha256": one.text_hash,
                "stops": one.stops,
            }
            for one in _each(register, "consents")
        ],
        "recipients": [
            {
                "key": one.key,
                "says": one.says,
                "category": one.category,
                "receives": list(one.receives),
                "purpose": one.purpose.key,
                "country": one.country,
                "safeguard": one.safeguard,
            }
            for one in _each(register, "recipients")
        ],
        "cookies": [
            {"name": one.name, "category": str(one.category), "says": one.says, "lasts": one.lasts.iso()}
            for one in _each(register, "cookies")
        ],
        "stores": [{"key": one.key, "says": one.says, "keep": one.keep.iso()} for one in _each(register, "stores")],
    }
    content["version"] = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    return content


def _each(register: Register, what: str) -> list[Any]:
    """Give what the modules declare under one name, each thing once."""
    found: dict[Any, Any] = {}
    for declaration in register.declarations:
        for one in getattr(declaration, what):
            found.setdefault(getattr(one, "key", None) or one.name, one)
    return list(found.values())


def _service(service: Service, register: Register) -> dict[str, Any]:
    return {
        "key": service.key,
        "title": service.title,
        "siblings": list(service.siblings),
        "says": service.says,
        "policy": service.policy,
        "open": service.opens_with(register.parts),
        "asks": [
            {
                "field": ask.field.name,
                "category": ask.field.kind.category,
                "says": ask.field.kind.says,
                "required": ask.required,
                "purpose": ask.purpose,
                "available": ask.field.part in register.parts,
            }
            for ask in service.asks
        ],
        "offers": [
            {
                "key": feature.key,
                "says": feature.says,
                "needs": [kind.category for kind in feature.needs],
                "consent": feature.consent.key if feature.consent else None,
                "available": feature.part in register.parts,
            }
            for feature in service.offers
        ],
        "purposes": [purpose.key for purpose in service.purposes],
        "consents": [consent.key for consent in service.consents],
        "reminders": str(service.reminders),
        "keep_after_closure": service.keep.iso(),
        "keep_after_closure_says": str(service.keep),
        "backups": service.backups.iso(),
        "inactivity": service.inactivity.iso() if service.inactivity else None,
        "restorable": service.restorable,
        "links": list(service.links),
    }


def _record(table: Table, record: Record) -> dict[str, Any]:
    kinds = [kind for column in table.columns if (kind := kind_of(column)) and kind.personal]
    return {
        "table": table.name,
        "says": record.says,
        "about_people": person_of(table) is not None,
        "holds": [{"category": kind.category, "says": kind.says} for kind in dict.fromkeys(kinds)],
        "purposes": list(record.purposes),
        "retention": [_rule(rule) for rule in record.rules],
    }


def _rule(rule: object) -> dict[str, str]:
    match rule:
        case Keep(after, period):
            return {"rule": "period", "period": period.iso(), "says": f"{period} after {after.says}"}
        case ByService(after):
            return {"rule": "by_service", "says": f"the period of the service after {after.says}"}
        case WithParent(column):
            return {"rule": "with_parent", "says": f"together with what {column} refers to"}
        case Unlimited(why):
            return {"rule": "unlimited", "says": why}
        case _:
            raise TypeError(rule)
