"""Facts of the vendor: contacts, documents, authorities, countries, the group."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Contact:
    """Somebody people can turn to; what stays empty is not published."""

    name: str
    address: str
    email: str = ""
    phone: str = ""
    web: str = ""


@dataclass(frozen=True)
class Link:
    """A document; a web address that begins with # is a section of the notice."""

    title: str
    web: str = ""


@dataclass(frozen=True)
class Authority:
    """A supervisory authority (RIG-17)."""

    name: str
    web: str


@dataclass(frozen=True)
class Group:
    """The group of companies; `on_record` says where the signed clauses between them are kept (LOC-8)."""

    name: str
    clauses: str
    on_record: str = ""


@dataclass(frozen=True)
class Country:
    """A country in which data may be processed (LOC-1, LOC-4)."""

    name: str
    eea: bool
    adequate: bool
    stores_eu_users: bool
    limits: str = ""

    @property
    def needs_clauses(self) -> bool:
        """Whether a transfer there may need Standard Contractual Clauses (LOC-5)."""
        return not self.eea and (not self.adequate or bool(self.limits))
