"""Whether a planned reminder is still true and allowed, asked at the moment of the claim; the first no settles it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from suite.accounts import Standing, standings
from suite.declarations import Basis, Period
from suite.declarations.purposes import PURPOSES
from suite.kernel import clock
from suite.privacy import declared, may, restricted, suppressed
from suite.reminders.distances import due_at, helps, nearer_than
from suite.reminders.models import Reminder
from suite.reminders.outcomes import Outcome
from suite.reminders.sources import Asked, Ending, Source


@dataclass(frozen=True)
class Known:
    """What was found out for many reminders at once: how the things are, and how the people stand."""

    source: Source
    service: str
    purpose: str
    endings: Mapping[Asked, Ending]
    people: Mapping[UUID, Standing]


def know(source: Source, service: str, purpose: str, rows: Sequence[Reminder]) -> Known:
    """Ask for many reminders about one kind of thing in one service."""
    endings = source.now([Asked(row.person_id, row.item) for row in rows])
    return Known(source, service, purpose, endings, standings([row.person_id for row in rows], service))


def judge(row: Reminder, known: Known) -> Outcome:
    """Say whether a reminder is to be sent, or why not."""
    return _late(row) or _changed(row, known) or _away(row, known) or _forbidden(row, known) or Outcome.SENT


def _late(row: Reminder) -> Outcome | None:
    """Of several that are due, the one nearest to the end is sent, and only while it helps."""
    before, now = Period.parse(row.kind), clock.now()
    nearer = nearer_than(before, declared().services[row.service].remind)
    if any(due_at(one, row.ends_at) <= now and helps(one, row.ends_at, now) for one in nearer):
        return Outcome.SUPERSEDED
    return None if helps(before, row.ends_at, now) else Outcome.TOO_LATE


def _changed(row: Reminder, known: Known) -> Outcome | None:
    ending = known.endings.get(Asked(row.person_id, row.item))
    if ending is None:
        return Outcome.ENDED
    if ending.ends_at == row.ends_at:
        return None
    return Outcome.RENEWED if ending.ends_at is None or ending.ends_at > row.ends_at else Outcome.SHORTENED


def _away(row: Reminder, known: Known) -> Outcome | None:
    member = known.people.get(row.person_id)
    if member is None or not member.belongs:
        return Outcome.LEFT
    return Outcome.BLOCKED if member.blocked else None


def _forbidden(row: Reminder, known: Known) -> Outcome | None:
    if may(row.person_id, known.purpose, known.service) and not _unwanted(row, known):
        return None
    if restricted(row.person_id):
        return Outcome.RESTRICTED
    return Outcome.NO_CONSENT if PURPOSES[known.purpose].basis is Basis.CONSENT else Outcome.SWITCHED_OFF


def _unwanted(row: Reminder, known: Known) -> bool:
    return suppressed(known.people[row.person_id].contact.address, known.purpose)


def holds(source: Source, asked: Asked, service: str, ends_at: datetime) -> bool:
    """Say whether what a letter tells is still so, when it leaves: renewals count until the last moment."""
    ending = source.now([asked]).get(asked)
    if ending is None or ending.ends_at != ends_at:
        return False
    member = standings([asked.person_id], service).get(asked.person_id)
    return member is not None and member.belongs and not member.blocked
