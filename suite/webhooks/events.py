"""What connected systems can be told: one table, read by `emit`, by the API and by its description."""

from collections.abc import Mapping
from typing import Final

EVENTS: Final[Mapping[str, str]] = {
    "account.verified": "A person proved the address; the account is open.",
    "account.closed": "An account was closed: forget what you hold about it.",
    "account.restored": "A closed account was opened again within its grace period.",
    "account.blocked": "An account was blocked; nobody can sign in to it.",
    "account.unblocked": "A blocked account can be used again.",
    "service.joined": "An account joined a service.",
    "service.left": "An account left a service.",
    "service.restored": "An account came back to a service it had left.",
    "license.added": "An account has a licence now.",
    "license.removed": "An account has a licence no more: forget that it had it.",
    "license.renewed": "A licence of an account ends at another time: ask for it anew.",
    "license.renewal_wanted": "A person wants a licence renewed at its end: whoever sells it may charge and extend it.",
    "license.renewal_unwanted": "A person wants a licence renewed no longer.",
    "license.voided": "A licence of an account is void.",
    "privacy.rectified": "Data of an account were corrected: fetch anew what you hold about it.",
    "privacy.restricted": "A person wants data only stored for now: keep what you hold, and do not use it.",
    "privacy.restriction_ended": "Data of an account may be used again.",
}

BY_LAW: Final = frozenset(
    {"account.closed", "service.left", "license.removed", *(event for event in EVENTS if event.startswith("privacy."))}
)
"""What recipients must be told even while data may only be stored (RIG-33)."""


def purpose_of(event: str) -> str:
    """Give what an event is for: that something ended or was corrected is passed on whatever else is restricted."""
    if event in BY_LAW:
        return "legal_obligation"
    return "protect_accounts" if event in {"account.blocked", "account.unblocked"} else "provide_service"


TEST: Final = "webhook.test"
"""Sent when somebody asks for a test; it is about nobody and cannot be subscribed to."""
