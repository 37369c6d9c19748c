"""What the modules and services say, asked one by one: categories, purposes, recipients, cookies."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from suite.declarations import Basis, CookieCategory, Period, Purpose
from suite.privacy.register import Register

# From here on calendar months are as short as they can be: one is 28 days, two are 59.
_SHORTEST = datetime(2027, 2, 1, tzinfo=UTC)
_SPECIAL = frozenset(
    {
        "biometric",
        "ethnicity",
        "genetic",
        "health",
        "medical",
        "philosophical",
        "political",
        "race",
        "racial",
        "religion",
        "religious",
        "sex",
        "sexual",
        "union",
    }
)


@cache
def _vocabulary(name: str) -> frozenset[str]:
    text = files("suite.declarations").joinpath(name).read_text(encoding="ascii")
    return frozenset(text.split())


def _known_category(category: str) -> bool:
    """A category is a fideslang key or our own child of one."""
    known = _vocabulary("fideslang_categories.txt")
    return category in known or category.rpartition(".")[0] in known


def category_sentences(where: str, category: str) -> Iterator[str]:
    """Special categories, and categories nobody knows."""
    if _SPECIAL.intersection(category.replace(".", "_").split("_")):
        yield f"{where} holds the special category {category!r}: such data are not processed here; remove it."
    elif not _known_category(category):
        yield (
            f"{where} has the category {category!r}, which is neither a fideslang key nor a direct child of "
            "one: choose one from suite/declarations/fideslang_categories.txt."
        )


def services(register: Register) -> Iterator[str]:
    """Fields and features whose category is special or unknown."""
    for service in register.services.values():
        where = f"The service {service.key!r}"
        asks = (*service.asks, *(ask for form in service.forms for ask in form.asks))
        held = [ask.field.kind for ask in asks]
        held += [kind for feature in service.offers for kind in feature.needs]
        held += [kind for form in service.forms for kind in form.takes]
        for kind in dict.fromkeys(held):
            yield from category_sentences(f"{where}, {kind.says!r},", kind.category)


def graces(register: Register) -> Iterator[str]:
    """Services that let people take leaving back when the data may be gone already."""
    for service in register.services.values():
        if service.grace != Period() and service.grace.after(_SHORTEST) >= service.keep.after(_SHORTEST):
            yield (
                f"The service {service.key!r} has a grace of {service.grace}, which is not shorter than the time its "
                f"data may stay ({service.keep}): write a shorter grace=, or none."
            )


def purposes(register: Register) -> Iterator[str]:
    """Purposes without a basis, a text or a balancing statement."""
    uses = _vocabulary("fideslang_uses.txt")
    known: dict[str, Purpose] = {}
    for declaration in register.declarations:
        asked = {consent.key for consent in declaration.consents if consent.text}
        for purpose in declaration.purposes:
            where = f"The purpose {purpose.key!r} of {declaration.module}"
            if known.setdefault(purpose.key, purpose) != purpose:
                yield f"{where} is declared twice, and not alike: declare it once, with one legal basis."
            if purpose.basis is None:
                yield f"{where} has no legal basis: give it one of Basis."
            if purpose.basis is Basis.CONSENT and purpose.key not in asked:
                yield f"{where} rests on consent but has no text to consent to: add a Consent to consents=."
            if purpose.basis is Basis.LEGITIMATE_INTEREST and not purpose.balance:
                yield f"{where} rests on a legitimate interest without a balancing statement: write balance=."
            if purpose.use not in uses:
                yield f"{where} has the data use {purpose.use!r}, which fideslang does not know."


def served(register: Register) -> Iterator[str]:
    """Purposes that tables and services serve and nobody declares."""
    known = {purpose.key for declaration in register.declarations for purpose in declaration.purposes}
    for table, record in register.tables():
        for key in record.purposes:
            if key not in known:
                yield f"{table.name} serves the purpose {key!r}, which no module declares."
    for service in register.services.values():
        asks = (*service.asks, *(ask for form in service.forms for ask in form.asks))
        served = [ask.purpose for ask in asks] + [purpose.key for purpose in service.purposes]
        for key in dict.fromkeys(served):
            if key not in known:
                yield f"The service {service.key!r} serves the purpose {key!r}, which no module declares."


def access(register: Register) -> Iterator[str]:
    """Rights of people who work here that serve no declared purpose."""
    known = {purpose.key for declaration in register.declarations for purpose in declaration.purposes}
    for declaration in register.declarations:
        for one in declaration.access:
            if one.purpose not in known:
                yield (
                    f"The role {one.role!r} may {one.permission!r} for the purpose {one.purpose!r}, which no module "
                    "declares: name the purpose that needs it in NEEDED_FOR (suite/kernel/access.py)."
                )


def recipients(register: Register) -> Iterator[str]:
    """Recipients declared by halves."""
    for declaration in register.declarations:
        for recipient in declaration.recipients:
            needed = (recipient.country, recipient.receives, recipient.purposes, recipient.safeguard, recipient.rules)
            if not all(needed):
                yield (
                    f"The recipient {recipient.key!r} of {declaration.module} lacks a country, the categories it "
                    "receives, a purpose, a safeguard or the rules it accepted: declare all five."
                )
            for category in recipient.receives:
                yield from category_sentences(f"The recipient {recipient.key!r} of {declaration.module}", category)


def cookies(register: Register) -> Iterator[str]:
    """Cookies in two categories."""
    known: dict[str, CookieCategory] = {}
    for declaration in register.declarations:
        for cookie in declaration.cookies:
            if known.setdefault(cookie.name, cookie.category) != cookie.category:
                yield f"The cookie {cookie.name!r} is declared in two categories: choose one of the eight."
