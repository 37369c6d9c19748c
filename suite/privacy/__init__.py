"""Persons, consents, catalogue, notice and sweeps: everything the declarations make happen."""

from suite.kernel.module import Module
from suite.privacy.checks import NotDeclared, check, check_database
from suite.privacy.consents import GIVEN, WITHDRAWN, history, in_words, may
from suite.privacy.consents import choices as consent_choices
from suite.privacy.consents import entry_of as consent_entry
from suite.privacy.consents import give as give_consent
from suite.privacy.consents import holds as consent_holds
from suite.privacy.consents import refuse as refuse_consent
from suite.privacy.consents import stop as stop_consent
from suite.privacy.consents import withdraw as withdraw_consent
from suite.privacy.consents import withdraw_all as withdraw_consents
from suite.privacy.content import catalogue
from suite.privacy.disclosures import note as note_disclosure
from suite.privacy.disclosures import recipients_of
from suite.privacy.doomed import doom as doom_files
from suite.privacy.endings import service_ends
from suite.privacy.erasure import erase
from suite.privacy.errors import DataRestricted, DisclosureDecided, DisclosureNotApproved, TwoPeopleNeeded
from suite.privacy.exits import (
    ExitRefused,
    Handover,
    NotPermitted,
    WayOut,
    leave,
    must_lead,
    place_problem,
    recipient_named,
)
from suite.privacy.handing_on import hand_on
from suite.privacy.jobs import seal_audit, sweep_daily
from suite.privacy.jobs import sweep as sweep_job
from suite.privacy.ledger import LegalDisclosure
from suite.privacy.models import ConsentEntry, Person
from suite.privacy.notice import COOKIE_CATEGORIES
from suite.privacy.privacy import HANDED_TO_AUTHORITIES, declaration
from suite.privacy.reading import SHOWN, consent_history, hides, rows_shown, shows
from suite.privacy.register import Register, person_of, record_of
from suite.privacy.register import current as declared
from suite.privacy.register import use as declare
from suite.privacy.standing import (
    changeable,
    may_be_changed,
    object_to,
    objected,
    objections_of,
    release,
    restrict,
    restricted,
    restriction_of,
    take_back_objection,
)
from suite.privacy.stores import Store
from suite.privacy.stores import add as add_store
from suite.privacy.stores import every as stores
from suite.privacy.suppression import (
    address_hash,
    can_be_suppressed,
    filter_allowed,
    suppress,
    suppress_all,
    suppressed,
)
from suite.privacy.sweeps import stopped_since as sweeps_stopped_since
from suite.privacy.sweeps import sweep
from suite.privacy.switches import switch_off, switch_on
from suite.privacy.tombstones import replay as replay_tombstones
from suite.privacy.tombstones import replays
from suite.privacy.tombstones import seal_job as seal_tombstones
from suite.privacy.tombstones import unknown as unknown_tombstones
from suite.privacy.tombstones import write as leave_tombstone
from suite.privacy.versions import publish as publish_notice
from suite.privacy.views import api, pages

module = Module(name="privacy", declaration=declaration, api=(api,), pages=(pages,))

__all__ = [
    "COOKIE_CATEGORIES",
    "GIVEN",
    "HANDED_TO_AUTHORITIES",
    "SHOWN",
    "WITHDRAWN",
    "ConsentEntry",
    "DataRestricted",
    "DisclosureDecided",
    "DisclosureNotApproved",
    "ExitRefused",
    "Handover",
    "LegalDisclosure",
    "NotDeclared",
    "NotPermitted",
    "Person",
    "Register",
    "Store",
    "TwoPeopleNeeded",
    "WayOut",
    "add_store",
    "address_hash",
    "can_be_suppressed",
    "catalogue",
    "changeable",
    "check",
    "check_database",
    "consent_choices",
    "consent_entry",
    "consent_history",
    "consent_holds",
    "declare",
    "declared",
    "doom_files",
    "erase",
    "filter_allowed",
    "give_consent",
    "hand_on",
    "hides",
    "history",
    "in_words",
    "leave",
    "leave_tombstone",
    "may",
    "may_be_changed",
    "module",
    "must_lead",
    "note_disclosure",
    "object_to",
    "objected",
    "objections_of",
    "person_of",
    "place_problem",
    "publish_notice",
    "recipient_named",
    "recipients_of",
    "record_of",
    "refuse_consent",
    "release",
    "replay_tombstones",
    "replays",
    "restrict",
    "restricted",
    "restriction_of",
    "rows_shown",
    "seal_audit",
    "seal_tombstones",
    "service_ends",
    "shows",
    "stop_consent",
    "stores",
    "suppress",
    "suppress_all",
    "suppressed",
    "sweep",
    "sweep_daily",
    "sweep_job",
    "sweeps_stopped_since",
    "switch_off",
    "switch_on",
    "take_back_objection",
    "unknown_tombstones",
    "withdraw_consent",
    "withdraw_consents",
]
