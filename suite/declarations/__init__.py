"""The words in which the product says what it holds, why and for how long.

Nothing here touches a database or a request. Tables, modules and services are described with these
objects; the start checks, notice, catalogue, sweeps, export and log redaction read them.
"""

from suite.declarations.fields import Field, Part
from suite.declarations.kinds import Kind, kind_of, kinds
from suite.declarations.module import (
    COOKIE_CONSENTS,
    Access,
    Basis,
    Consent,
    Cookie,
    CookieCategory,
    Declaration,
    Purpose,
    Reason,
    Recipient,
    Store,
)
from suite.declarations.periods import Event, Period
from suite.declarations.records import ByService, Keep, LeftOver, Record, Unlimited, WithParent, WithService
from suite.declarations.services import Feature, Service

__all__ = [
    "COOKIE_CONSENTS",
    "Access",
    "Basis",
    "ByService",
    "Consent",
    "Cookie",
    "CookieCategory",
    "Declaration",
    "Event",
    "Feature",
    "Field",
    "Keep",
    "Kind",
    "LeftOver",
    "Part",
    "Period",
    "Purpose",
    "Reason",
    "Recipient",
    "Record",
    "Service",
    "Store",
    "Unlimited",
    "WithParent",
    "WithService",
    "kind_of",
    "kinds",
]
