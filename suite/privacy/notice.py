"""What the notice page shows: the catalogue, arranged for reading, and the vendor's facts."""

from collections.abc import Iterable, Mapping
from typing import Any

from suite.declarations import Basis, CookieCategory, Reason
from suite.kernel.words import marked as _
from suite.privacy.phrases import Tongue

# The order in which bases are shown, with what each means (GEN-22 to GEN-28).
BASES = {
    Basis.CONTRACT: (
        _("Contract"),
        _("needed to perform the contract with you, or for steps you ask for before one (Article 6(1)(b) GDPR)"),
    ),
    Basis.LEGITIMATE_INTEREST: (
        _("Legitimate interest"),
        _("needed for an interest that outweighs the intrusion, weighed in writing below (Article 6(1)(f) GDPR)"),
    ),
    Basis.LEGAL_OBLIGATION: (_("Legal obligation"), _("needed to obey the law (Article 6(1)(c) GDPR)")),
    Basis.CONSENT: (
        _("Your consent"),
        _("only if you say yes to this one purpose; every box is empty at first (Article 6(1)(a) GDPR)"),
    ),
}

COOKIE_CATEGORIES = {
    CookieCategory.USER_INPUT: _("remember what you typed while you move through a form"),
    CookieCategory.AUTHENTICATION: _("keep you signed in"),
    CookieCategory.PREFERENCES: _("remember your settings"),
    CookieCategory.PERFORMANCE: _("measure how fast and reliably the site works"),
    CookieCategory.SECURITY: _("protect against fraud and misuse"),
    CookieCategory.ADVERTISING: _("let other companies show advertisements"),
    CookieCategory.ANALYTICS: _("count how our sites are used"),
    CookieCategory.SOCIAL: _("connect pages with social networks"),
}


COOKIE_TITLES = {
    CookieCategory.USER_INPUT: _("user input"),
    CookieCategory.AUTHENTICATION: _("authentication"),
    CookieCategory.PREFERENCES: _("preferences"),
    CookieCategory.PERFORMANCE: _("performance"),
    CookieCategory.SECURITY: _("security"),
    CookieCategory.ADVERTISING: _("third party advertising"),
    CookieCategory.ANALYTICS: _("first party analytics"),
    CookieCategory.SOCIAL: _("social network tracking"),
}
ANALYTICS, SOCIAL = _("web analytics"), _("social networks")

# The everyday first, what hardly ever happens last.
_REASONS = list(Reason)


def notice(content: Mapping[str, Any], tongue: Tongue) -> dict[str, Any]:
    """Give the facts of the page for one version's content, in one language."""
    found, vendor = content["catalogue"], content["vendor"]
    purposes = {purpose["key"]: purpose for purpose in found["purposes"]}
    return {
        "t": tongue,
        "vendor": vendor,
        "sweep_minutes": content["sweep_minutes"],
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
        "recipients": [
            one | {"purposes": [purposes[key]["says"] for key in one["purposes"]]}
            for one in sorted(found["recipients"], key=lambda one: _REASONS.index(one["reason"]))
        ],
        "analytics": _of_category(found["recipients"], ANALYTICS),
        "networks": _of_category(found["recipients"], SOCIAL),
        "cookies": _cookies(found["cookies"]),
    }


def _service(service: dict[str, Any], purposes: dict[str, Any], vendor: Mapping[str, Any]) -> dict[str, Any]:
    served = [purposes[key] for key in service["purposes"]]
    return service | {
        "sibling_titles": [vendor["titles"][key] for key in service["siblings"]],
        "bases": [(title, _on(basis, served)) for basis, (title, _says) in BASES.items() if _on(basis, served)],
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


def _of_category(recipients: Iterable[dict[str, Any]], category: str) -> list[str]:
    return [one["says"] for one in recipients if one["category"] == category]


def _cookies(cookies: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the eight categories of the policy, each with the cookies this server may set (COO-1 to COO-8)."""
    return [
        {
            "title": COOKIE_TITLES[category],
            "says": says,
            "cookies": [cookie for cookie in cookies if cookie["category"] == str(category)],
        }
        for category, says in COOKIE_CATEGORIES.items()
    ]
