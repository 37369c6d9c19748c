"""What a banner shows: the eight cookie categories with their cookies, and the further questions of the sites."""

from typing import Any

from suite.consents.questions import QUESTIONS, Chosen
from suite.declarations import COOKIE_CONSENTS, Cookie, CookieCategory
from suite.declarations.purposes import CONSENTS
from suite.kernel import system, words
from suite.privacy import COOKIE_CATEGORIES, declared, in_words

_ASKED_FIRST = frozenset(COOKIE_CONSENTS.values())


def listing(chosen: Chosen, language: str) -> dict[str, Any]:
    """Give everything a person may choose about, with what is allowed at this moment (COO-23, COO-24)."""
    cookies = _used_here()
    categories = []
    for category, says in COOKIE_CATEGORIES.items():
        purpose = COOKIE_CONSENTS.get(category)
        own = [cookie for cookie in cookies if cookie.category == category and not cookie.consent]
        shown = _question(purpose, own, chosen, language)
        needed = purpose is None and category is not CookieCategory.PREFERENCES
        said = words.in_language(says, language)
        categories.append({"category": str(category), "says": said, "needed": needed, **shown})
    further = [
        _question(purpose, [cookie for cookie in cookies if cookie.consent == purpose], chosen, language)
        for purpose in QUESTIONS
        if purpose not in _ASKED_FIRST
    ]
    return {"answered": chosen.answered, "signal": chosen.signal, "categories": categories, "further": further}


def _used_here() -> list[Cookie]:
    """Give the cookies this installation can set: those named `__Host-` need TLS, their twins are for development."""
    unused = "suite_" if system.current().settings.https else "__Host-"
    cookies = {cookie.name: cookie for one in declared().declarations for cookie in one.cookies}
    return [cookie for name, cookie in cookies.items() if not name.startswith(unused)]


def _question(purpose: str | None, cookies: list[Cookie], chosen: Chosen, language: str) -> dict[str, Any]:
    """Give one question; where there is none, the cookies are needed or set by choosing."""
    consent = CONSENTS[purpose] if purpose else None
    return {
        "purpose": purpose,
        "text": in_words(consent, language)[0] if consent else None,
        "stops": words.in_language(consent.stops, language) if consent else None,
        "allowed": chosen.allows(purpose) if purpose else True,
        "refused_by_signal": purpose is not None and chosen.refused_by_signal(purpose),
        "cookies": [
            {
                "name": cookie.name,
                "says": words.in_language(cookie.says, language),
                "lasts": cookie.lasts.iso(),
                "lasts_says": str(cookie.lasts),
            }
            for cookie in cookies
        ],
    }
