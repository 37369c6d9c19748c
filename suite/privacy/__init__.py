"""Persons, consents, catalogue, notice and sweeps: everything the declarations make happen."""

from suite.kernel.module import Module
from suite.privacy.catalogue import catalogue
from suite.privacy.checks import NotDeclared, check, check_database
from suite.privacy.consents import GIVEN, in_words, may
from suite.privacy.consents import choices as consent_choices
from suite.privacy.consents import give as give_consent
from suite.privacy.consents import withdraw as withdraw_consent
from suite.privacy.consents import withdraw_all as withdraw_consents
from suite.privacy.doomed import doom as doom_files
from suite.privacy.erasure import erase
from suite.privacy.jobs import seal_audit, sweep_daily
from suite.privacy.jobs import sweep as sweep_job
from suite.privacy.models import Person
from suite.privacy.privacy import declaration
from suite.privacy.register import Register, person_of, record_of
from suite.privacy.register import current as declared
from suite.privacy.register import use as declare
from suite.privacy.standing import object_to, objected, release, restrict, restricted, take_back_objection
from suite.privacy.stones import Stone
from suite.privacy.stores import Store
from suite.privacy.stores import add as add_store
from suite.privacy.stores import every as stores
from suite.privacy.sweeps import stopped_since as sweeps_stopped_since
from suite.privacy.sweeps import sweep
from suite.privacy.tombstones import read as present_tombstones
from suite.privacy.tombstones import read_all as all_tombstones
from suite.privacy.tombstones import replay as replay_tombstones
from suite.privacy.tombstones import replays
from suite.privacy.tombstones import seal_job as seal_tombstones
from suite.privacy.tombstones import write as leave_tombstone
from suite.privacy.views import api, pages

module = Module(name="privacy", declaration=declaration, api=(api,), pages=(pages,))

__all__ = [
    "GIVEN",
    "NotDeclared",
    "Person",
    "Register",
    "Stone",
    "Store",
    "add_store",
    "all_tombstones",
    "catalogue",
    "check",
    "check_database",
    "consent_choices",
    "declare",
    "declared",
    "doom_files",
    "erase",
    "give_consent",
    "in_words",
    "leave_tombstone",
    "may",
    "module",
    "object_to",
    "objected",
    "person_of",
    "present_tombstones",
    "record_of",
    "release",
    "replay_tombstones",
    "replays",
    "restrict",
    "restricted",
    "seal_audit",
    "seal_tombstones",
    "stores",
    "sweep",
    "sweep_daily",
    "sweep_job",
    "sweeps_stopped_since",
    "take_back_objection",
    "withdraw_consent",
    "withdraw_consents",
]
