"""What the sites ask about cookies: which choice is in force, from a cookie or, for people who signed in, the ledger.

The cookie holds the questions answered with yes, each with the version of its text, and nothing else: it is the same
for everybody who chose the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from suite.declarations import COOKIE_CONSENTS
from suite.declarations.purposes import CONSENTS
from suite.kernel import db
from suite.privacy import (
    GIVEN,
    ConsentEntry,
    Person,
    consent_choices,
    consent_holds,
    declared,
    give_consent,
    may_be_changed,
    refuse_consent,
    withdraw_consent,
)

QUESTIONS = (*COOKIE_CONSENTS.values(), "download_cookies", "campaign_statistics")
STOPPED_BY_GPC = ("advertising", "social_modules")
"""Questions that `Sec-GPC: 1` answers with no, whatever was said before (COO-25)."""
METHOD, BY_SIGNAL = "cookie_choices", "gpc"
_FIRST, _SIGN = "1", "~"

Answers = Mapping[str, ConsentEntry]
"""The latest entry of a person for each question they ever answered."""


@dataclass(frozen=True)
class Chosen:
    """What was answered with yes, whether somebody answered at all, and whether the browser sends the signal."""

    given: frozenset[str] = frozenset()
    answered: bool = False
    signal: bool = False

    def allows(self, purpose: str) -> bool:
        """Say whether a yes is in force; the signal wins over an earlier one."""
        return purpose in self.given and not self.refused_by_signal(purpose)

    def refused_by_signal(self, purpose: str) -> bool:
        """Say whether the browser itself says no."""
        return self.signal and purpose in STOPPED_BY_GPC


def read(cookie: str | None, *, signal: bool) -> Chosen:
    """Read the cookie of a browser; a yes to an older text counts no more, and nonsense says nothing."""
    first, *said = (cookie or "").split(_SIGN)
    if first != _FIRST:
        return Chosen(signal=signal)
    present = {_with_version(purpose): purpose for purpose in QUESTIONS}
    return Chosen(frozenset(present[one] for one in said if one in present), answered=True, signal=signal)


def write(chosen: Chosen) -> str:
    """Give the cookie that holds a choice; what the signal refuses is not in it."""
    said = (_with_version(purpose) for purpose in QUESTIONS if chosen.allows(purpose))
    return _SIGN.join((_FIRST, *said))


def of_person(person_id: UUID, otherwise: Chosen) -> Chosen:
    """Give the choice of a person who is signed in: what the ledger says, else what the browser says."""
    return _said(_answers(person_id), otherwise)


def changed(before: Chosen, said: Mapping[str, bool]) -> Chosen:
    """Give the choice after somebody answered some questions; the others stay as they were."""
    given = before.given.union(key for key, yes in said.items() if yes) - {key for key, yes in said.items() if not yes}
    return Chosen(given, answered=True, signal=before.signal)


def choose(person_id: UUID, before: Chosen, said: Mapping[str, bool], *, language: str) -> Chosen:
    """Give the choice after a person answered some questions, and write into the ledger what differs."""
    latest = _locked(person_id)
    chosen = changed(_said(latest, before), said)
    _record(person_id, chosen, latest, QUESTIONS, language)
    return chosen


def hear_signal(person_id: UUID, before: Chosen, *, language: str) -> Chosen:
    """Give the choice of a person whose browser sends the signal, and note once what it refused (method `gpc`)."""
    latest = _locked(person_id)
    _record(person_id, Chosen(signal=True), latest, STOPPED_BY_GPC, language)
    return _said(latest, before)


def _record(person_id: UUID, chosen: Chosen, latest: Answers, about: tuple[str, ...], language: str) -> None:
    for purpose in about:
        consent, entry = CONSENTS[purpose], latest.get(purpose)
        write_down: Callable[..., object] | None = None
        if chosen.allows(purpose) and not consent_holds(entry):
            may_be_changed(person_id)
            write_down = give_consent
        elif chosen.allows(purpose):
            continue
        elif entry is None:
            write_down = refuse_consent
        elif entry.state == GIVEN:
            write_down = withdraw_consent
        if write_down is not None:
            method = BY_SIGNAL if chosen.refused_by_signal(purpose) else METHOD
            write_down(person_id, consent, service=_site(), language=language, method=method)


def _locked(person_id: UUID) -> Answers:
    """Give the answers of a person nobody else changes meanwhile."""
    db.session.get(Person, person_id, with_for_update={"key_share": True})
    return _answers(person_id)


def _answers(person_id: UUID) -> Answers:
    latest, site = consent_choices(person_id), _site()
    return {purpose: latest[site, purpose] for purpose in QUESTIONS if (site, purpose) in latest}


def _said(latest: Answers, otherwise: Chosen) -> Chosen:
    if not latest:
        return otherwise
    given = frozenset(purpose for purpose, entry in latest.items() if consent_holds(entry))
    return Chosen(given, answered=True, signal=otherwise.signal)


def _site() -> str:
    """Give the service that asks about cookies: the one whose consents hold every question."""
    return next(
        key
        for key, service in declared().services.items()
        if {consent.key for consent in service.consents}.issuperset(QUESTIONS)
    )


def _with_version(purpose: str) -> str:
    return f"{purpose}.{CONSENTS[purpose].version}"
