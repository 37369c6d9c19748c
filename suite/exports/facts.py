"""What stands beside the data of a copy: purposes with their legal bases, recipients, rules, the controller."""

from typing import Any

from sqlalchemy import Table

from suite.declarations import Kind, Purpose, Reason, Recipient, Record
from suite.declarations.purposes import PURPOSES
from suite.exports import wording
from suite.exports.content import columns
from suite.kernel.words import in_language
from suite.kernel.words import marked as _
from suite.privacy import declared

BASES = {
    "contract": _("to perform the contract with you"),
    "consent": _("because you said yes to it"),
    "legitimate_interest": _("for a legitimate interest that outweighs the intrusion"),
    "legal_obligation": _("to obey the law"),
}
WITHHELD = _("It opens something or proves who you are, and tells you nothing: it never leaves our systems.")


def purposes(record: Record, language: str) -> list[dict[str, Any]]:
    """Give why rows of a table are processed and on which legal bases."""
    return [_purpose(PURPOSES[key], language) for key in record.purposes]


def holdings(table: Table, record: Record, language: str) -> list[dict[str, Any]]:
    """Give what the columns of a table hold about a person, who may get it, and what is never shown."""
    return [
        {
            "column": column.name,
            "says": in_language(kind.says, language),
            "category": kind.category,
            "recipients": [one.key for one in recipients(kind, record)],
            "withheld": in_language(WITHHELD, language) if kind.secret else None,
        }
        for column, kind in columns(table)
    ]


def rules(service: str | None, table: Table, record: Record, language: str) -> list[str]:
    """Give the rules by which rows of a table go, in words; the first that says so lets a row go."""
    return [wording.rule(rule, table, service, language) for rule in record.rules]


def recipients(kind: Kind, record: Record) -> list[Recipient]:
    """Give who may get such a datum: who receives this category, or a part of it, for a purpose it is held for."""
    return [
        one
        for declaration in declared().declarations
        for one in declaration.recipients
        if one.reason is not Reason.OWN_REQUEST
        and any(f"{received}.".startswith(f"{kind.category}.") for received in one.receives)
        and not {purpose.key for purpose in one.purposes}.isdisjoint(record.purposes)
    ]


def all_recipients(language: str) -> list[dict[str, Any]]:
    """Give everybody who may get data, with country, safeguard and reason."""
    return [
        {
            "key": one.key,
            "says": in_language(one.says, language),
            "country": one.country,
            "safeguard": in_language(one.safeguard, language),
            "reason": str(one.reason),
        }
        for declaration in declared().declarations
        for one in declaration.recipients
    ]


def controller() -> dict[str, str]:
    """Say who holds the data."""
    found = declared().vendor["controller"]
    return {name: found[name] for name in ("name", "address", "email")}


def _purpose(purpose: Purpose, language: str) -> dict[str, Any]:
    basis = str(purpose.basis)
    return {
        "key": purpose.key,
        "says": in_language(purpose.says, language),
        "basis": basis,
        "basis_says": in_language(BASES[basis], language),
    }
