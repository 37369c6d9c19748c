"""What the notice page shows: the catalogue, arranged for reading, and the vendor's facts."""

from collections.abc import Iterable
from typing import Any

from suite.declarations import Basis, CookieCategory
from suite.kernel import system
from suite.privacy.catalogue import catalogue
from suite.privacy.register import current

# The order in which bases are shown, with what each means (GEN-22 to GEN-28).
BASES = {
    Basis.CONTRACT: (
        "Contract",
        "needed to perform the contract with you, or for steps you ask for before one (Article 6(1)(b) GDPR)",
    ),
    Basis.LEGITIMATE_INTEREST: (
        "Legitimate interest",
        "needed for an interest that outweighs the intrusion, weighed in writing below (Article 6(1)(f) GDPR)",
    ),
    Basis.LEGAL_OBLIGATION: ("Legal obligation", "needed to obey the law (Article 6(1)(c) GDPR)"),
    Basis.CONSENT: (
        "Your consent",
        "only if you say yes to this one purpose; every box is empty at first (Article 6(1)(a) GDPR)",
    ),
}

COOKIE_CATEGORIES = {
    CookieCategory.USER_INPUT: "remember what you typed while you move through a form",
    CookieCategory.AUTHENTICATION: "keep you signed in",
    CookieCategory.PREFERENCES: "remember your settings",
    CookieCategory.PERFORMANCE: "measure how fast and reliably the site works",
    CookieCategory.SECURITY: "protect against fraud and misuse",
    CookieCategory.ADVERTISING: "let other companies show advertisements",
    CookieCategory.ANALYTICS: "count how our sites are used",
    CookieCategory.SOCIAL: "connect pages with social networks",
}


def notice() -> dict[str, Any]:
    """Give the facts of the page."""
    found, vendor = catalogue(), current().vendor
    purposes = {purpose["key"]: purpose for purpose in found["purposes"]}
    return {
        "vendor": vendor,
        "version": found["version"],
        "sweep_minutes": system.current().settings.sweep_minutes,
        "services": [_service(service, purposes, vendor) for service in found["services"]],
        "bases": [
            {"key": str(basis), "title": title, "says": says, "purposes": _on(basis, found["purposes"])}
            for basis, (title, says) in BASES.items()
        ],
        "consents": {consent["purpose"]: consent for consent in found["consents"]},
        "asking": _asking(found["services"]),
        "records": [record for record in found["records"] if record["about_people"]],
        "nameless": [record for record in found["records"] if not record["about_people"]],
        "stores": found["stores"],
        "recipients": [_recipient(recipient, purposes, vendor) for recipient in found["recipients"]],
        "cookies": _cookies(found["cookies"]),
    }


def _service(service: dict[str, Any], purposes: dict[str, Any], vendor: Any) -> dict[str, Any]:
    served = [purposes[key] for key in service["purposes"]]
    return service | {
        "sibling_titles": [vendor["titles"][key] for key in service["siblings"]],
        "bases": [(title, _on(basis, served)) for basis, (title, _) in BASES.items() if _on(basis, served)],
        "asks": _by_purpose(service["asks"], purposes),
        "forms": [form | {"asks": _by_purpose(form["asks"], purposes)} for form in service["forms"]],
        "documents": [vendor["links"][key] for key in service["links"]],
    }


def _by_purpose(asks: Iterable[dict[str, Any]], purposes: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Give what is asked under what it is asked for."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for ask in asks:
        grouped.setdefault(purposes[ask["purpose"]]["says"], []).append(ask)
    return grouped


def _on(basis: Basis, purposes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [purpose for purpose in purposes if purpose["basis"] == str(basis)]


def _asking(services: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Give, per consent, the services that ask for it."""
    asking: dict[str, list[dict[str, Any]]] = {}
    for service in services:
        for key in service["consents"]:
            asking.setdefault(key, []).append(service)
    return asking


def _recipient(recipient: dict[str, Any], purposes: dict[str, Any], vendor: Any) -> dict[str, Any]:
    country = vendor["countries"].get(recipient["country"])
    return recipient | {
        "receives": [plain(category) for category in recipient["receives"]],
        "purposes": [purposes[key]["says"] for key in recipient["purposes"]],
        "country": country["name"] if country else recipient["country"],
    }


def plain(category: str) -> str:
    """Write a fideslang category for people: `user.contact.phone_number` as `contact: phone number`."""
    return category.removeprefix("user.").replace("_", " ").replace(".", ": ", 1).replace(".", ", ")


def _cookies(cookies: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the eight categories of the policy, each with the cookies this server may set (COO-1 to COO-8)."""
    return [
        {
            "title": str(category).replace("_", " "),
            "says": says,
            "cookies": [cookie for cookie in cookies if cookie["category"] == str(category)],
        }
        for category, says in COOKIE_CATEGORIES.items()
    ]
