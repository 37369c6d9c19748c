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
}

_PURPOSES: Final[Mapping[str, str]] = {
    "account.closed": "legal_obligation",
    "account.blocked": "protect_accounts",
    "account.unblocked": "protect_accounts",
    "service.left": "legal_obligation",
}


def purpose_of(event: str) -> str:
    """Give what an event is for: that something ended is passed on whatever else is restricted."""
    return _PURPOSES.get(event, "provide_service")


TEST: Final = "webhook.test"
"""Sent when somebody asks for a test; it is about nobody and cannot be subscribed to."""
