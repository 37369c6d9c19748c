"""Accounts: registration, sign-in, sessions, memberships, closure."""

from suite.accounts import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.accounts.belonging import present_members
from suite.accounts.closure import close
from suite.accounts.contacts import (
    Contact,
    Member,
    Standing,
    contact_of,
    country_of,
    find_open,
    in_use,
    is_member,
    members_of,
    owner_of,
    standings,
)
from suite.accounts.errors import (
    AccountIsClosed,
    AlreadyBlocked,
    ChangesFrozen,
    NotBlocked,
    NotChangeableNow,
    PasswordTooCommon,
    PasswordTooShort,
    WrongCredentials,
)
from suite.accounts.jobs import tell_idle
from suite.accounts.joints import Keeper, Leaving, Newcomer, hear_leaving, keep_fields
from suite.accounts.passwords import LONGEST
from suite.accounts.passwords import check as check_password
from suite.accounts.passwords import normal as normal_password
from suite.accounts.privacy import declaration
from suite.accounts.reach import count_mail_to, mailbox
from suite.accounts.recognition import recognise, signed_in_account
from suite.accounts.signin import Caller
from suite.accounts.views import api, pages
from suite.declarations import Part
from suite.kernel.module import Module

module = Module(
    name="accounts",
    declaration=declaration,
    api=api,
    pages=(pages,),
    provides=(Part.ACCOUNTS, Part.PREFERENCES, Part.SECURITY_QUESTIONS),
    recognise=recognise,
)


__all__ = [
    "LONGEST",
    "AccountIsClosed",
    "AlreadyBlocked",
    "Caller",
    "ChangesFrozen",
    "Contact",
    "Keeper",
    "Leaving",
    "Member",
    "Newcomer",
    "NotBlocked",
    "NotChangeableNow",
    "PasswordTooCommon",
    "PasswordTooShort",
    "Standing",
    "WrongCredentials",
    "check_password",
    "close",
    "contact_of",
    "count_mail_to",
    "country_of",
    "find_open",
    "hear_leaving",
    "in_use",
    "is_member",
    "keep_fields",
    "mailbox",
    "members_of",
    "module",
    "normal_password",
    "owner_of",
    "present_members",
    "signed_in_account",
    "standings",
    "tell_idle",
]
