"""A service of the policy as one object: what it asks, offers, may do, and how long it keeps."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from suite.declarations.fields import Field, Part
from suite.declarations.kinds import Kind
from suite.declarations.module import Consent, Purpose
from suite.declarations.periods import Period
from suite.declarations.records import Keep


class Reminders(StrEnum):
    """On which ground a service reminds of an expiring licence."""

    NONE = "none"
    OPT_IN = "opt_in"
    SERVICE_MESSAGE = "service_message"


REMIND_BEFORE: Final = (Period(days=30), Period(days=14), Period(days=7), Period(days=1), Period())
"""How long before the end people are reminded; nothing stands for the day of the end itself."""


@dataclass(frozen=True)
class Ask:
    """A field on the registration form; `required` ones are marked with a star (WEB-38)."""

    field: Field
    required: bool
    purpose: str = "provide_service"


@dataclass(frozen=True)
class Feature:
    """Something a service offers, the data it needs and the part of the product that does it."""

    key: str
    says: str
    part: Part
    needs: tuple[Kind, ...] = ()
    consent: Consent | None = None


@dataclass(frozen=True)
class Form:
    """A form besides registration; what it asks serves the purposes its fields name and no other.

    `takes` is noted without being asked, and only against misuse (WEB-9).
    """

    key: str
    says: str
    part: Part
    asks: tuple[Ask, ...]
    takes: tuple[Kind, ...] = ()
    consent: Consent | None = None


@dataclass(frozen=True)
class Service:
    """One service of the policy.

    `keep` is the longest time personal data may stay after the person leaves the service or closes the
    account; `grace` how long the owner can take that back, within it; `backups` the age at which a backup
    is gone; `inactivity` the declared limit where the policy says only "as long as you use the service".
    `clocks` are limits that start with another event: such data go at whichever end comes first. `measures` are the
    security measures that protect its data (LOC-7), `subject` says who the people are, as a fideslang data subject.
    `remind` says how long before the end of a licence or contract people are reminded, the longest time first.
    """

    key: str
    title: str
    policy: str
    says: str
    asks: tuple[Ask, ...]
    offers: tuple[Feature, ...]
    purposes: tuple[Purpose, ...]
    consents: tuple[Consent, ...]
    keep: Period
    backups: Period
    siblings: tuple[str, ...] = ()
    reminders: Reminders = Reminders.NONE
    grace: Period = Period()
    inactivity: Period | None = None
    restorable: bool = True
    links: tuple[str, ...] = ()
    has_accounts: bool = True
    clocks: tuple[Keep, ...] = ()
    forms: tuple[Form, ...] = ()
    measures: tuple[str, ...] = ()
    subject: str = "customer"
    remind: tuple[Period, ...] = REMIND_BEFORE

    def __post_init__(self) -> None:
        hours = [one.days * 24 + one.hours for one in self.remind]
        if any(one.months for one in self.remind) or hours != sorted(set(hours), reverse=True):
            raise ValueError(f"{self.key} must name each time to remind once, in days and hours, the longest first.")

    def opens_with(self, parts: Iterable[Part]) -> bool:
        """Say whether people can register: every required field has a part that keeps it."""
        there = set(parts)
        return self.has_accounts and all(ask.field.part in there for ask in self.asks if ask.required)

    def asked(self, parts: Iterable[Part]) -> tuple[Ask, ...]:
        """Give the fields that can be taken at registration with these parts."""
        there = set(parts)
        return tuple(ask for ask in self.asks if ask.field.part in there)


def required(*fields: Field, purpose: str = "provide_service") -> tuple[Ask, ...]:
    """Ask for fields without which registration is refused."""
    return tuple(Ask(field, required=True, purpose=purpose) for field in fields)


def optional(*fields: Field, purpose: str = "provide_service") -> tuple[Ask, ...]:
    """Ask for fields a person may leave out."""
    return tuple(Ask(field, required=False, purpose=purpose) for field in fields)
