"""Companies: who belongs to them and with which role, their domains and contracts."""

from suite.companies import models as _models  # noqa: F401 - makes the tables known
from suite.companies.models import ADMINISTRATOR
from suite.companies.privacy import declaration
from suite.companies.standing import role_in
from suite.kernel.module import Module

module = Module(name="companies", declaration=declaration)

__all__ = ["ADMINISTRATOR", "module", "role_in"]
