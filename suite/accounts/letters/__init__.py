"""What the accounts module writes to people."""

from suite.accounts.letters import desk, notices, recovery
from suite.accounts.letters.entry import (
    CODE_LIVES,
    account_closed,
    already_registered,
    confirm_address,
    service_left,
)

LETTERS = (
    confirm_address,
    already_registered,
    service_left,
    account_closed,
    *notices.LETTERS,
    *recovery.LETTERS,
    *desk.LETTERS,
)
"""Every letter of the module, for its declaration."""

__all__ = [
    "CODE_LIVES",
    "LETTERS",
    "account_closed",
    "already_registered",
    "confirm_address",
    "desk",
    "notices",
    "recovery",
    "service_left",
]
