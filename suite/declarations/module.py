"""What a module declares besides its columns: purposes, consents, recipients, cookies, stores."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from suite.declarations.periods import Event, Period


class Basis(StrEnum):
    """Legal bases of the policy (GEN-22 to GEN-28)."""

    CONTRACT = "contract"
    CONSENT = "consent"
    LEGITIMATE_INTEREST = "legitimate_interest"
    LEGAL_OBLIGATION = "legal_obligation"


@dataclass(frozen=True)
class Purpose:
    """Why data are processed; `use` is a fideslang data use.

    A legitimate interest carries its balancing statement, a consent purpose its consent. `while_restricted` marks what
    goes on for a person whose data may only be stored: what the person asks for each time, and what guards the person.
    `off_switch` marks what a person can switch off although it needs no consent.
    """

    key: str
    says: str
    use: str
    basis: Basis | None
    balance: str = ""
    while_restricted: bool = False
    off_switch: bool = False


@dataclass(frozen=True)
class Consent:
    """A question a person may say yes to; never ticked beforehand."""

    purpose: Purpose
    text: str
    version: int = 1
    stops: str = ""

    @property
    def key(self) -> str:
        """The key of the purpose the consent is for."""
        return self.purpose.key

    @property
    def text_hash(self) -> str:
        """SHA-256 of the English text, recorded with every choice."""
        return sha256(self.text.encode()).hexdigest()


class CookieCategory(StrEnum):
    """The eight cookie categories of the policy (COO-1 to COO-8)."""

    USER_INPUT = "user_input"
    AUTHENTICATION = "authentication"
    PREFERENCES = "preferences"
    PERFORMANCE = "performance"
    SECURITY = "security"
    ADVERTISING = "third_party_advertising"
    ANALYTICS = "first_party_analytics"
    SOCIAL = "social_network_tracking"


# COO-24: these are off until a person says yes. The others are needed, or set by the person's own act of choosing.
COOKIE_CONSENTS: Mapping[CookieCategory, str] = {
    CookieCategory.PERFORMANCE: "site_performance",
    CookieCategory.ADVERTISING: "advertising",
    CookieCategory.ANALYTICS: "statistics",
    CookieCategory.SOCIAL: "social_modules",
}


@dataclass(frozen=True)
class Cookie:
    """A cookie the server may set; any other name cannot leave it.

    Without `consent`, the key of a purpose, it is set as its category says.
    """

    name: str
    category: CookieCategory
    says: str
    lasts: Period
    consent: str = ""

    @property
    def needs(self) -> str:
        """The key of the purpose a person must have said yes to before it is set; empty for cookies that are needed."""
        return self.consent or COOKIE_CONSENTS.get(self.category, "")


class Reason(StrEnum):
    """Why data may leave at all: the closed list of the policy (REC-1, PRI-2, RIG-11)."""

    GROUP = "group"
    PROCESSOR = "processor"
    OWN_ORDER = "own_order"
    OWN_REQUEST = "own_request"
    LEGAL_OBLIGATION = "legal_obligation"


CLAUSES = "Standard Contractual Clauses"
"""What the safeguard of a recipient names where its country does not protect data adequately (LOC-5)."""


@dataclass(frozen=True)
class Recipient:
    """Somebody outside who receives data, with the categories handed over and why.

    `rules` says which data-protection rules it has accepted and where that is on record; `keeps` whether it stores
    what it gets, and so must be told when data are corrected, erased or restricted (RIG-33).
    """

    key: str
    says: str
    category: str
    receives: tuple[str, ...]
    purposes: tuple[Purpose, ...]
    country: str
    safeguard: str
    reason: Reason = Reason.PROCESSOR
    rules: str = "our privacy and security requirements, by contract"
    keeps: bool = False


@dataclass(frozen=True)
class Store:
    """A place outside the tables: files, logs, caches; `backed_up` says whether its files stand in backups too."""

    key: str
    says: str
    keep: Period
    backed_up: bool = True


@dataclass(frozen=True)
class Access:
    """What people who work in a role are allowed, and the purpose that needs it (REC-2, REC-3)."""

    role: str
    permission: str
    purpose: str


@dataclass(frozen=True)
class Declaration:
    """Everything a module says about personal data that no column can say."""

    module: str
    purposes: tuple[Purpose, ...] = ()
    consents: tuple[Consent, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    stores: tuple[Store, ...] = ()
    announces: Mapping[Event, str] | None = None
    letters: tuple[str, ...] = ()
    access: tuple[Access, ...] = ()
