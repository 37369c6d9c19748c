"""The tables of the accounts module."""

from suite.accounts.models.account import (
    PROFILE_FIELDS,
    REGISTRATION_LIVES,
    Account,
    Membership,
    Profile,
    Registration,
    account_closed,
    account_used,
    membership_ended,
    profile_of,
    registration_started,
)
from suite.accounts.models.changes import AddressChange, UndoLink, address_change_asked, undo_over
from suite.accounts.models.recovery import (
    RECOVERY_LIVES,
    Recovery,
    RecoveryWait,
    SecurityQuestion,
    recovery_asked,
    wait_over,
)
from suite.accounts.models.sessions import KnownDevice, Session, device_used, session_over

__all__ = [
    "PROFILE_FIELDS",
    "RECOVERY_LIVES",
    "REGISTRATION_LIVES",
    "Account",
    "AddressChange",
    "KnownDevice",
    "Membership",
    "Profile",
    "Recovery",
    "RecoveryWait",
    "Registration",
    "SecurityQuestion",
    "Session",
    "UndoLink",
    "account_closed",
    "account_used",
    "address_change_asked",
    "device_used",
    "membership_ended",
    "profile_of",
    "recovery_asked",
    "registration_started",
    "session_over",
    "undo_over",
    "wait_over",
]
