"""The catalogue: every declaration as one machine-readable document, read from the same objects as the sweeps."""

from typing import Any

from sqlalchemy import Table

from suite.declarations import (
    ByService,
    Keep,
    LeftOver,
    Period,
    Record,
    Service,
    Unlimited,
    WithParent,
    WithService,
    kind_of,
)
from suite.declarations.categories import in_words
from suite.declarations.services import Ask, Form, Reminders
from suite.privacy.register import Register, person_of, record_of


def facts(register: Register) -> dict[str, Any]:
    """Give services, tables, purposes, consents, recipients, cookies and stores with their retention."""
    return {
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
                "receives_says": [in_words(category) for category in one.receives],
                "purposes": [purpose.key for purpose in one.purposes],
                "country": one.country,
                "safeguard": one.safeguard,
                "reason": str(one.reason),
                "rules": one.rules,
                "keeps": one.keeps,
            }
            for one in _each(register, "recipients")
        ],
        "access": [
            {"role": one.role, "permission": one.permission, "purpose": one.purpose}
            for declaration in register.declarations
            for one in declaration.access
        ],
        "cookies": [
            {
                "name": one.name,
                "category": str(one.category),
                "says": one.says,
                "lasts": one.lasts.iso(),
                "lasts_says": str(one.lasts),
            }
            for one in _each(register, "cookies")
        ],
        "stores": [
            {"key": one.key, "says": one.says, "keep": one.keep.iso(), "keep_says": str(one.keep)}
            for one in _each(register, "stores")
        ],
    }


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
        "notice": f"/privacy#{service.key}",
        "has_accounts": service.has_accounts,
        "open": service.opens_with(register.parts),
        "asks": [_ask(ask, register) for ask in service.asks],
        "offers": [
            {
                "key": feature.key,
                "says": feature.says,
                "needs": [kind.category for kind in feature.needs],
                "needs_says": [kind.says for kind in feature.needs],
                "consent": feature.consent.key if feature.consent else None,
                "available": feature.part in register.parts,
            }
            for feature in service.offers
        ],
        "forms": [_form(form, register) for form in service.forms],
        "purposes": [purpose.key for purpose in service.purposes],
        "consents": [consent.key for consent in service.consents],
        "reminders": str(service.reminders),
        "remind_before": [period.iso() for period in service.remind] if service.reminders != Reminders.NONE else [],
        "keep_after_closure": service.keep.iso(),
        "keep_after_closure_says": str(service.keep),
        "grace": service.grace.iso() if service.grace != Period() else None,
        "grace_says": str(service.grace) if service.grace != Period() else None,
        "clocks": [
            {
                "event": clock.after.name,
                "period": clock.period.iso(),
                "after": clock.after.says,
                "says": f"{clock.period} after {clock.after.says}",
                "announced": register.clock_of(clock.after) is not None,
            }
            for clock in service.clocks
        ],
        "backups": service.backups.iso(),
        "backups_says": str(service.backups),
        "inactivity": service.inactivity.iso() if service.inactivity else None,
        "inactivity_says": str(service.inactivity) if service.inactivity else None,
        "inactivity_announced": service.inactivity is not None and service.has_accounts,
        "restorable": service.restorable,
        "measures": list(service.measures),
        "subject": service.subject,
        "links": list(service.links),
    }


def _ask(ask: Ask, register: Register) -> dict[str, Any]:
    return {
        "field": ask.field.name,
        "category": ask.field.kind.category,
        "says": ask.field.kind.says,
        "required": ask.required,
        "purpose": ask.purpose,
        "available": ask.field.part in register.parts,
    }


def _form(form: Form, register: Register) -> dict[str, Any]:
    return {
        "key": form.key,
        "says": form.says,
        "asks": [_ask(ask, register) for ask in form.asks],
        "takes": [{"category": kind.category, "says": kind.says} for kind in form.takes],
        "consent": form.consent.key if form.consent else None,
        "available": form.part in register.parts,
    }


def _record(table: Table, record: Record) -> dict[str, Any]:
    kinds = [kind for column in table.columns if (kind := kind_of(column)) and kind.personal]
    return {
        "table": str(table.name),
        "says": record.says,
        "about_people": person_of(table) is not None,
        "holds": [{"category": kind.category, "says": kind.says} for kind in dict.fromkeys(kinds)],
        "purposes": list(record.purposes),
        "retention": [_rule(rule, table) for rule in record.rules],
    }


def _rule(rule: object, table: Table) -> dict[str, str]:
    match rule:
        case Keep(after, period):
            says = f"{period} after {after.says}"
            return {"rule": "period", "period": period.iso(), "after": after.says, "says": says}
        case ByService(after):
            says = f"the period of the service after {after.says}"
            return {"rule": "by_service", "after": after.says, "says": says}
        case WithService(used):
            says = f"with the service, when its period after {used.says} or its last licence is over"
            return {"rule": "with_service", "after": used.says, "says": says}
        case WithParent(column):
            parent = _parent(table, column)
            return {"rule": "with_parent", "parent": parent, "says": f"together with {parent}"}
        case LeftOver(period):
            return {
                "rule": "left_over",
                "period": period.iso(),
                "says": "with the account or registration that made it, "
                f"at the latest {period} after it was made if nothing hangs on it any more",
            }
        case Unlimited(why):
            return {"rule": "unlimited", "says": why}
        case _:
            raise TypeError(rule)


def _parent(table: Table, column: str) -> str:
    """Give the words for the row that a row goes with."""
    parent = next(iter(table.c[column].foreign_keys)).column.table
    record = record_of(parent)
    return "everything else held about you" if parent.name == "people" or record is None else record.says
