"""Fides: datasets, systems and their privacy declarations as fideslang 3.x reads them; retention stands in `meta`."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from suite.declarations import kind_of
from suite.privacy.content import content
from suite.privacy.formats.processing import Processing, processings
from suite.privacy.register import Register, current

BASES = {
    "contract": "Contract",
    "consent": "Consent",
    "legitimate_interest": "Legitimate interests",
    "legal_obligation": "Legal obligations",
}


def document(register: Register | None = None) -> str:
    """Give the declarations as Fides YAML."""
    register = register or current()
    shown = content(register)
    found = {
        "organization": [_organization(shown["vendor"])],
        "data_category": _own_categories(shown["catalogue"], register),
        "dataset": [_dataset(shown["catalogue"], register)],
        "system": [_system(service, shown) for service in shown["catalogue"]["services"]],
    }
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=120)


def _organization(vendor: Mapping[str, Any]) -> dict[str, Any]:
    contacts = {
        "controller": vendor["controller"],
        "data_protection_officer": vendor["data_protection_officer"],
        "representative": vendor["eu_representative"],
    }
    told = ("name", "address", "email", "phone")
    people = {who: {part: one[part] for part in told if one[part]} for who, one in contacts.items()}
    return {"fides_key": "controller", "name": vendor["controller"]["name"], **people}


def _own_categories(found: Mapping[str, Any], register: Register) -> list[dict[str, str]]:
    """Give the categories that are ours: children of those fideslang knows."""
    known = set(files("suite.declarations").joinpath("fideslang_categories.txt").read_text(encoding="ascii").split())
    used = {
        kind.category: kind.says
        for table, _record in register.tables()
        for column in table.columns
        if (kind := kind_of(column))
    }
    for service in found["services"]:
        for ask in (*service["asks"], *(ask for form in service["forms"] for ask in form["asks"])):
            used.setdefault(ask["category"], ask["says"])
    return [
        {"fides_key": key, "name": says, "parent_key": key.rpartition(".")[0]}
        for key, says in used.items()
        if key not in known
    ]


def _dataset(found: Mapping[str, Any], register: Register) -> dict[str, Any]:
    records = {record["table"]: record for record in found["records"]}
    return {
        "fides_key": "database",
        "organization_fides_key": "controller",
        "name": "Database",
        "description": "Every table, from the declarations that the program runs by.",
        "meta": {
            "retention": {name: record["retention"] for name, record in records.items()},
            "purposes": {name: record["purposes"] for name, record in records.items() if record["purposes"]},
        },
        "collections": [
            {
                "name": str(table.name),
                "description": record.says,
                "fields": [
                    {"name": str(column.name), "description": kind.says, "data_categories": [kind.category]}
                    for column in table.columns
                    if (kind := kind_of(column))
                ],
            }
            for table, record in register.tables()
        ],
    }


def _system(service: Mapping[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    rows = [row for row in processings(shown) if row.service["key"] == service["key"]]
    countries = shown["vendor"]["countries"]
    abroad = any(not countries[one["country"]]["eea"] for row in rows for one in row.recipients)
    return {
        "fides_key": service["key"],
        "organization_fides_key": "controller",
        "name": service["title"],
        "description": service["says"],
        "system_type": "Service",
        "meta": {"retention": {"after_closure": service["keep_after_closure"], "backups": service["backups"]}},
        "processes_personal_data": True,
        "uses_profiling": False,
        "does_international_transfers": abroad,
        "legal_basis_for_transfers": ["SCCs"] if abroad else [],
        "dataset_references": ["database"],
        "data_security_practices": "; ".join(service["measures"]),
        "privacy_declarations": [_declaration(row) for row in rows],
    }


def _declaration(row: Processing) -> dict[str, Any]:
    shared = sorted({category for one in row.recipients for category in one["receives"]})
    return {
        "name": row.purpose["key"],
        "data_use": row.purpose["use"],
        "data_categories": sorted(row.data),
        "data_subjects": [row.service["subject"]],
        "legal_basis_for_processing": BASES[row.purpose["basis"]],
        "retention_period": "; ".join(row.deadlines),
        "data_shared_with_third_parties": bool(row.recipients),
        "third_parties": "; ".join(one["says"] for one in row.recipients) or None,
        "shared_categories": shared,
    }
