"""Companies: who belongs to them and with which role, their domains and contracts."""

from suite.companies import models as _models  # noqa: F401 - makes the tables known
from suite.companies.errors import CompanyBlocked, LastAdministrator, NotAdministrator
from suite.companies.membership import (
    Colleague,
    acting_administrator,
    company_in_use,
    company_of,
    my_company,
    one_member,
    require_administrator,
    visible_to,
)
from suite.companies.membership import lock as lock_company
from suite.companies.privacy import declaration
from suite.kernel.module import Module

module = Module(name="companies", declaration=declaration)

__all__ = [
    "Colleague",
    "CompanyBlocked",
    "LastAdministrator",
    "NotAdministrator",
    "acting_administrator",
    "company_in_use",
    "company_of",
    "lock_company",
    "module",
    "my_company",
    "one_member",
    "require_administrator",
    "visible_to",
]
