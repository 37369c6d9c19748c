"""What the accounts module writes to people."""

from suite.accounts.letters import changes, notices
from suite.accounts.letters.entry import (
    CODE_LIVES,
    account_closed,
    account_closed_for_now,
    already_registered,
    confirm_address,
    service_left,
    service_left_for_now,
)

LETTERS = (
    confirm_address,
    already_registered,
    service_left,
    service_left_for_now,
    account_closed,
    account_closed_for_now,
    *notices.LETTERS,
    *changes.LETTERS,
)
"""Every letter of the module, for its declaration."""

__all__ = [
    "CODE_LIVES",
    "LETTERS",
    "account_closed",
    "account_closed_for_now",
    "already_registered",
    "changes",
    "confirm_address",
    "notices",
    "service_left",
    "service_left_for_now",
]
