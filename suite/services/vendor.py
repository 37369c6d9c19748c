"""The vendor's names, addresses and documents, read from a file so that no service holds them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar

from suite.services.facts import Authority, Contact, Country, Group, Link
from suite.services.listing import SERVICES

DEFAULT_FILE: Final = Path(__file__).with_name("vendor.toml")

# What the notice itself links to, besides the documents of the services.
NOTICE_LINKS: Final = ("privacy_contact", "complaints", "ccpa_notice", "standard_contractual_clauses")

# Where data stand, and the one country outside the EEA in which those of EU users may.
PLACES: Final = ("database", "files", "backups")
STORES_OUTSIDE_EEA: Final = "RU"


class VendorFileUnusable(ValueError):
    """The vendor file cannot be used; the sentence says why."""


_Entry = TypeVar("_Entry", Contact, Link, Authority, Group, Country)


@dataclass(frozen=True)
class Vendor:
    """Who runs the product and what its services are called.

    `links` and `titles` are by key, `authorities` and `countries` by ISO 3166 code, `recipients` by category,
    `partners` are companies our sites lead to, `storage` says in which country each place with data stands.
    """

    controller: Contact
    data_protection_officer: Contact
    eu_representative: Contact
    links: Mapping[str, Link]
    titles: Mapping[str, str]
    recipients: Mapping[str, str]
    countries: Mapping[str, Country]
    authorities: Mapping[str, Authority]
    partners: Mapping[str, Link]
    group: Group
    storage: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> "Vendor":
        """Read a vendor file; VendorFileUnusable says in one sentence everything that is wrong with it."""
        wrong: list[str] = []
        vendor = _vendor(_read(path), wrong)
        if wrong:
            raise VendorFileUnusable(f"The vendor file {path.name} cannot be used: {'; '.join(wrong)}.")
        return vendor

    def title(self, key: str) -> str:
        """Give the display title of a service or sibling; an unknown key is a KeyError."""
        return self.titles[key]

    def unset(self) -> tuple[str, ...]:
        """Name the entries that may be empty while developing but must be set for real people."""
        contacts = {
            "data_protection_officer.email": self.data_protection_officer.email,  # GEN-2
            "data_protection_officer.web": self.data_protection_officer.web,
            "eu_representative.email": self.eu_representative.email,  # GEN-3
            "eu_representative.phone": self.eu_representative.phone,
        }
        documents = {f"links.{key}.web": link.web for key, link in self.links.items()}
        clauses = {"group.on_record": self.group.on_record}  # LOC-8
        return tuple(place for place, value in (contacts | documents | clauses).items() if not value)

    def check_for_people(self) -> None:
        """Refuse to serve real people with a notice that lacks what they must find in it."""
        if missing := self.unset():
            raise VendorFileUnusable(
                f"The notice lacks what the law wants people to find in it: write {', '.join(missing)} into a copy of "
                "suite/services/vendor.toml and name the copy in SUITE_VENDOR_FILE."
            )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise VendorFileUnusable(f"The vendor file {path.name} cannot be read: {problem.strerror}.") from problem
    except ValueError as problem:
        raise VendorFileUnusable(f"The vendor file {path.name} is not TOML: {problem}.") from problem


def _vendor(given: dict[str, Any], wrong: list[str]) -> Vendor:
    services = SERVICES.values()
    links = [*NOTICE_LINKS, *(key for service in services for key in service.links)]
    titles = [key for service in services for key in (service.key, *service.siblings)]
    wrong += [f"{name} is unknown" for name in given if name not in {field.name for field in fields(Vendor)}]
    return Vendor(
        controller=_entry(Contact, given.get("controller"), "controller", wrong),
        data_protection_officer=_entry(Contact, given.get("data_protection_officer"), "data_protection_officer", wrong),
        eu_representative=_entry(Contact, given.get("eu_representative"), "eu_representative", wrong),
        links=_entries(Link, given, "links", links, wrong),
        titles=_texts(given, "titles", titles, wrong),
        recipients=_texts(given, "recipients", (), wrong),
        countries=(countries := _by_country(Country, given, "countries", wrong)),
        authorities=_by_country(Authority, given, "authorities", wrong),
        partners=_entries(Link, given, "partners", (), wrong),
        group=_entry(Group, given.get("group"), "group", wrong),
        storage=_storage(given, countries, wrong),
    )


def _storage(given: dict[str, Any], countries: Mapping[str, Country], wrong: list[str]) -> dict[str, str]:
    """Read where data stand; data of EU users may stand in the EEA and in Russia only (LOC-3, Amb-26)."""
    storage = _texts(given, "storage", PLACES, wrong)
    storing = {code for code, country in countries.items() if country.stores_eu_users}
    wrong += [
        f"countries.{code} must not store data of EU users: only the EEA and {STORES_OUTSIDE_EEA} may"
        for code in sorted(storing)
        if not countries[code].eea and code != STORES_OUTSIDE_EEA
    ]
    wrong += [
        f"storage.{place} is {code}, which is no country of [countries] with stores_eu_users = true"
        for place, code in storage.items()
        if code not in storing
    ]
    return storage


def _entry(kind: type[_Entry], given: object, place: str, wrong: list[str]) -> _Entry:
    table: dict[str, Any] = given if isinstance(given, dict) else {}
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = table.get(field.name, field.default)
        if value is MISSING or (value == "" and field.default is MISSING):
            wrong.append(f"{place}.{field.name} is missing")
        elif type(value) is not field.type:
            wrong.append(f"{place}.{field.name} must be {'text' if field.type is str else 'true or false'}")
        values[field.name] = value
    wrong += [f"{place}.{name} is unknown" for name in table if name not in values]
    return kind(**values)


def _entries(
    kind: type[_Entry], given: dict[str, Any], place: str, needed: Iterable[str], wrong: list[str]
) -> dict[str, _Entry]:
    table: dict[str, Any] = _table(given, place, wrong)
    keys = dict.fromkeys((*needed, *table))
    return {key: _entry(kind, table.get(key), f"{place}.{key}", wrong) for key in keys}


def _by_country(kind: type[_Entry], given: dict[str, Any], place: str, wrong: list[str]) -> dict[str, _Entry]:
    codes = files("suite.declarations").joinpath("countries.txt").read_text(encoding="ascii").split()
    found = _entries(kind, given, place, (), wrong)
    wrong += [f"{place}.{code} is no ISO 3166 country code" for code in found if code not in codes]
    return found


def _texts(given: dict[str, Any], place: str, needed: Iterable[str], wrong: list[str]) -> dict[str, str]:
    table = _table(given, place, wrong)
    wrong += [f"{place}.{key} is missing" for key in needed if not table.get(key)]
    wrong += [f"{place}.{key} must be text" for key, value in table.items() if not isinstance(value, str)]
    return table


def _table(given: dict[str, Any], place: str, wrong: list[str]) -> dict[str, Any]:
    table: object = given.get(place)
    if isinstance(table, dict) and table:
        return table
    wrong.append(f"{place} is missing")
    return {}
