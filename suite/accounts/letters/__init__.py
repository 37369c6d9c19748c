"""What the accounts module writes to people."""

from suite.accounts.letters import changes, desk, notices, recovery
from suite.accounts.letters.entry import (
    CODE_LIVES,
    account_closed,
    account_closed_for_now,
    already_registered,
    confirm_address,
    service_idle,
    service_left,
    service_left_for_now,
)

LETTERS = (
    confirm_address,
    already_registered,
    service_idle,
    service_left,
    service_left_for_now,
    account_closed,
    account_closed_for_now,
    *notices.LETTERS,
    *changes.LETTERS,
    *recovery.LETTERS,
    *desk.LETTERS,
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
    "desk",
    "notices",
    "recovery",
    "service_idle",
    "service_left",
    "service_left_for_now",
]
