"""Persons, consents, catalogue, notice and sweeps: everything the declarations make happen."""

from suite.kernel.module import Module
from suite.privacy.catalogue import catalogue
from suite.privacy.checks import NotDeclared, check, check_database
from suite.privacy.consents import GIVEN, in_words, may
from suite.privacy.consents import choices as consent_choices
from suite.privacy.consents import give as give_consent
from suite.privacy.consents import withdraw as withdraw_consent
from suite.privacy.consents import withdraw_all as withdraw_consents
from suite.privacy.jobs import seal_audit
from suite.privacy.jobs import sweep as sweep_job
from suite.privacy.models import Person
from suite.privacy.privacy import declaration
from suite.privacy.reading import SHOWN, consent_history, hides, rows_shown, shows
from suite.privacy.register import Register, record_of
from suite.privacy.register import current as declared
from suite.privacy.register import use as declare
from suite.privacy.standing import object_to, objected, release, restrict, restricted, take_back_objection
from suite.privacy.tombstones import replays
from suite.privacy.tombstones import write as leave_tombstone
from suite.privacy.views import api, pages

module = Module(name="privacy", declaration=declaration, api=(api,), pages=(pages,))

__all__ = [
    "GIVEN",
    "SHOWN",
    "NotDeclared",
    "Person",
    "Register",
    "catalogue",
    "check",
    "check_database",
    "consent_choices",
    "consent_history",
    "declare",
    "declared",
    "give_consent",
    "hides",
    "in_words",
    "leave_tombstone",
    "may",
    "module",
    "object_to",
    "objected",
    "record_of",
    "release",
    "replays",
    "restrict",
    "restricted",
    "rows_shown",
    "seal_audit",
    "shows",
    "sweep_job",
    "take_back_objection",
    "withdraw_consent",
    "withdraw_consents",
]
