"""Persons, consents, catalogue, notice and sweeps: everything the declarations make happen."""

from suite.kernel.module import Module
from suite.privacy.catalogue import catalogue
from suite.privacy.checks import NotDeclared, check, check_database
from suite.privacy.consents import GIVEN, WITHDRAWN, history, in_words, may, notice_version
from suite.privacy.consents import choices as consent_choices
from suite.privacy.consents import entry_of as consent_entry
from suite.privacy.consents import give as give_consent
from suite.privacy.consents import holds as consent_holds
from suite.privacy.consents import refuse as refuse_consent
from suite.privacy.consents import stop as stop_consent
from suite.privacy.consents import withdraw as withdraw_consent
from suite.privacy.consents import withdraw_all as withdraw_consents
from suite.privacy.jobs import seal_audit
from suite.privacy.jobs import sweep as sweep_job
from suite.privacy.models import ConsentEntry, Person
from suite.privacy.notice import COOKIE_CATEGORIES
from suite.privacy.privacy import declaration
from suite.privacy.register import Register
from suite.privacy.register import current as declared
from suite.privacy.register import use as declare
from suite.privacy.standing import object_to, objected, release, restrict, restricted, take_back_objection
from suite.privacy.suppression import (
    address_hash,
    can_be_suppressed,
    filter_allowed,
    lift,
    suppress,
    suppress_hash,
    suppressed,
)
from suite.privacy.switches import switch_off, switch_on
from suite.privacy.tombstones import replays
from suite.privacy.tombstones import write as leave_tombstone
from suite.privacy.views import api, pages

module = Module(name="privacy", declaration=declaration, api=(api,), pages=(pages,))

__all__ = [
    "COOKIE_CATEGORIES",
    "GIVEN",
    "WITHDRAWN",
    "ConsentEntry",
    "NotDeclared",
    "Person",
    "Register",
    "address_hash",
    "can_be_suppressed",
    "catalogue",
    "check",
    "check_database",
    "consent_choices",
    "consent_entry",
    "consent_holds",
    "declare",
    "declared",
    "filter_allowed",
    "give_consent",
    "history",
    "in_words",
    "leave_tombstone",
    "lift",
    "may",
    "module",
    "notice_version",
    "object_to",
    "objected",
    "refuse_consent",
    "release",
    "replays",
    "restrict",
    "restricted",
    "seal_audit",
    "stop_consent",
    "suppress",
    "suppress_hash",
    "suppressed",
    "sweep_job",
    "switch_off",
    "switch_on",
    "take_back_objection",
    "withdraw_consent",
    "withdraw_consents",
]
