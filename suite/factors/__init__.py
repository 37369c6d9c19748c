"""Second factors of whoever signs in: text messages, authenticator apps, recovery codes."""

from suite.declarations import Part
from suite.factors import challenges, enrolment, errors, phones, schemas
from suite.factors.models import METHODS, Challenge, Factor
from suite.factors.privacy import declaration
from suite.factors.views import TEXT_REFUSALS, api, provisioned, sent, shown
from suite.kernel.module import Module

module = Module(name="factors", declaration=declaration, api=(api,), provides=(Part.SECOND_FACTORS,))

__all__ = [
    "METHODS",
    "TEXT_REFUSALS",
    "Challenge",
    "Factor",
    "challenges",
    "enrolment",
    "errors",
    "module",
    "phones",
    "provisioned",
    "schemas",
    "sent",
    "shown",
]
