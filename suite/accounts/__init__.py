"""Accounts: registration, sign-in, sessions, memberships, closure."""

from suite.accounts import jobs as _jobs  # noqa: F401 - makes the jobs known
from suite.accounts.privacy import declaration
from suite.accounts.recognition import recognise
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

__all__ = ["module"]
