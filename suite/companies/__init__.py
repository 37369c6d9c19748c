"""Companies: who belongs to them and with which role, their domains and contracts."""

from suite.accounts import hear_leaving
from suite.companies import mending as _mending
from suite.companies import models as _models  # noqa: F401 - makes the tables known
from suite.companies import reminding as _reminding  # noqa: F401 - says what there is to remind of
from suite.companies.contracts import record as record_contract
from suite.companies.errors import (
    AlreadyInCompany,
    AskedTooOften,
    CompanyAccountNeeded,
    CompanyBlocked,
    InvitationUnusable,
    LastAdministrator,
    NotAdministrator,
)
from suite.companies.invitations import of_token as invitation_of
from suite.companies.jobs import mend
from suite.companies.joining import found, goes_on, newcomer_of, receive, receive_invited
from suite.companies.membership import (
    SERVICE,
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
from suite.companies.models import ADMINISTRATOR
from suite.companies.privacy import declaration
from suite.companies.standing import role_in
from suite.companies.views import api
from suite.declarations import Part
from suite.kernel.module import Module

module = Module(name="companies", declaration=declaration, api=api, provides=(Part.COMPANIES,))
hear_leaving(_mending.say_farewell, refuses=(LastAdministrator,))

__all__ = [
    "ADMINISTRATOR",
    "SERVICE",
    "AlreadyInCompany",
    "AskedTooOften",
    "Colleague",
    "CompanyAccountNeeded",
    "CompanyBlocked",
    "InvitationUnusable",
    "LastAdministrator",
    "NotAdministrator",
    "acting_administrator",
    "company_in_use",
    "company_of",
    "found",
    "goes_on",
    "invitation_of",
    "lock_company",
    "mend",
    "module",
    "my_company",
    "newcomer_of",
    "one_member",
    "receive",
    "receive_invited",
    "record_contract",
    "require_administrator",
    "role_in",
    "visible_to",
]
