"""The exit gate: whatever leaves names a declared recipient, a declared purpose and the categories it carries.

Senders take an `Exit`, which only `leave` makes; so nothing leaves that was not asked for here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from suite.declarations import Declaration, Recipient
from suite.declarations.module import CLAUSES
from suite.privacy.consents import may
from suite.privacy.register import current


class ExitRefused(Exception):
    """Data must not leave; `code` says why, and never about whom."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotPermitted(ExitRefused):
    """The declarations would let the data leave; the person's choices do not."""


@dataclass(frozen=True)
class Handover:
    """Who is to get which categories, and for what; `country` and `safeguard` as declared unless said otherwise."""

    recipient: str
    purpose: str
    categories: tuple[str, ...]
    country: str = ""
    safeguard: str = ""


@dataclass(frozen=True)
class Exit:
    """The permission to hand something over to one recipient, asked for just now."""

    recipient: str


def leave(handover: Handover, *, person_id: UUID | None, service: str = "") -> Exit:
    """Let data of a person out, or raise ExitRefused; None stands for nobody, as in a test or a last word."""
    recipient = recipient_named(handover.recipient)
    if recipient is None:
        raise ExitRefused("exit_recipient_undeclared")
    if handover.purpose not in {purpose.key for purpose in recipient.purposes}:
        raise ExitRefused("exit_purpose_undeclared")
    if not set(handover.categories) <= set(recipient.receives):
        raise ExitRefused("exit_category_undeclared")
    problem = place_problem(handover.country or recipient.country, handover.safeguard or recipient.safeguard)
    if problem is not None:
        raise ExitRefused(problem)
    if person_id is not None and not may(person_id, handover.purpose, service):
        raise NotPermitted("exit_not_permitted")
    return Exit(recipient.key)


def must_lead(way: Exit, recipient: str) -> None:
    """Refuse to hand anything to a recipient without an `Exit` that leads there; each sender asks first of all."""
    if not isinstance(way, Exit) or way.recipient != recipient:
        raise ExitRefused("exit_past_the_gate")


def place_problem(country: str, safeguard: str) -> str | None:
    """Say by a code why data cannot go to a country under a safeguard, None when they can."""
    known: dict[str, Any] | None = current().vendor.get("countries", {}).get(country)
    if known is None:
        return "exit_country_unlisted"
    clauses_needed = not known["eea"] and (not known["adequate"] or known["limits"])
    if not safeguard or (clauses_needed and CLAUSES not in safeguard):
        return "exit_safeguard_missing"
    return None


def recipient_named(key: str) -> Recipient | None:
    """Give a declared recipient, None when nobody declared it."""
    return next((one for one in recipients(current().declarations) if one.key == key), None)


def recipients(declarations: Iterable[Declaration]) -> Iterable[Recipient]:
    """Give every recipient that modules declare."""
    return (recipient for declaration in declarations for recipient in declaration.recipients)
