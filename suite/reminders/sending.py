"""Sending: a due reminder is claimed once; claim, letter and outcome are one transaction.

The letter is a row of the outbox, so that a run that dies has done all of a batch or nothing. Any number may run at
once: each takes rows that no other holds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from babel.dates import format_date, format_timedelta
from sqlalchemy import select, update

from suite.declarations import Service
from suite.kernel import clock, db, metrics, system, words
from suite.kernel.words import marked as _
from suite.messages import Letter, post
from suite.privacy import Person, declared
from suite.reminders import judging
from suite.reminders.distances import days_left
from suite.reminders.models import Reminder
from suite.reminders.outcomes import Outcome
from suite.reminders.sources import Asked, every_source

_BATCH, _BATCH_POSTGRESQL = 25, 100
"""On SQLite everybody who writes waits for a batch, so it is short."""
_NEAR: Final = {0: _("today"), 1: _("tomorrow")}
Settled = Counter[tuple[str, str]]


def send(most: int, step: Callable[[], None] = lambda: None) -> Settled:
    """Settle what is due, at most so many or a few more; give how many by kind of thing and outcome.

    `step` is called in every transaction.
    """
    total, batch = Settled(), Settled()
    while batch or not total:
        with db.transaction():
            step()
            batch = _settle_some()
        for (about, outcome), rows in batch.items():
            metrics.REMINDERS.labels(about, outcome).inc(rows)
        total += batch
        if not batch or total.total() >= most:
            break
    return total


def _settle_some() -> Settled:
    found = Settled()
    rows = _claim(clock.now())
    for (about, service), some in groupby(rows, key=lambda row: (row.about, row.service)):
        for outcome, settled in _settle(about, declared().services[service], [*some]):
            _note(outcome, settled)
            found[about, outcome] += len(settled)
    return found


def _claim(now: datetime) -> list[Reminder]:
    """Take due rows nobody else takes. Their people are held too: whoever is being erased is left alone.

    Nothing is waited for here, so that an erasure, which takes the person first and the rows after, never waits for us
    while we wait for it.
    """
    size = _BATCH if system.current().database.sqlite else _BATCH_POSTGRESQL
    due = select(Reminder.id, Reminder.person_id).where(
        Reminder.outcome.is_(None),
        Reminder.claimed_at.is_(None),
        Reminder.due_at <= now,
        Reminder.about.in_(every_source()),
        Reminder.service.in_(declared().services),
    )
    found = db.session.execute(due.order_by(Reminder.due_at).limit(size).with_for_update(skip_locked=True)).all()
    people = select(Person.id).where(Person.id.in_({row.person_id for row in found}))
    held = set(db.session.scalars(people.with_for_update(read=True, key_share=True, skip_locked=True)))
    mine = [row.id for row in found if row.person_id in held]
    claimed = update(Reminder).where(Reminder.id.in_(mine), Reminder.claimed_at.is_(None)).values(claimed_at=now)
    rows = db.session.scalars(claimed.returning(Reminder)).all() if mine else []
    return sorted(rows, key=lambda row: (row.about, row.service, row.due_at))


def _settle(about: str, service: Service, rows: Sequence[Reminder]) -> Iterable[tuple[Outcome, list[UUID]]]:
    source = every_source()[about]
    letter = source.letter(service)
    if letter is None:  # the service has stopped reminding since
        return [(Outcome.SWITCHED_OFF, [row.id for row in rows])]
    known = judging.know(source, service.key, letter.purpose, rows)
    outcomes: dict[Outcome, list[UUID]] = {}
    for row in rows:
        outcome = judging.judge(row, known)
        outcomes.setdefault(outcome, []).append(row.id)
        if outcome is Outcome.SENT:
            _write(letter, row, known, service)
    return outcomes.items()


def _write(letter: Letter, row: Reminder, known: judging.Known, service: Service) -> None:
    """Write to the address of the account, and to each other one the person has proven."""
    contact = known.people[row.person_id].contact
    ending = known.endings[Asked(row.person_id, row.item)]
    facts = {**ending.facts, **_facts(row, service, contact.language)}
    copies = [(address, {"copy": str(number)}) for number, address in ending.also_to.items()]
    for address, copy in [(contact.address, {}), *copies]:
        post(
            letter,
            person_id=row.person_id,
            to=address,
            language=contact.language,
            facts=facts | copy,
            service=service.key,
        )


def _note(outcome: Outcome, rows: list[UUID]) -> None:
    db.session.execute(
        update(Reminder)
        .where(Reminder.id.in_(rows), Reminder.outcome.is_(None))
        .values(settled_at=clock.now(), outcome=outcome)
        .execution_options(synchronize_session=False)
    )


def _facts(row: Reminder, service: Service, language: str) -> dict[str, Any]:
    """Give what every reminder says, and the row it is about: it is asked again when the letter leaves."""
    return {
        "when": when(row.ends_at, clock.now(), language),
        "date": format_date(row.ends_at, "d MMMM yyyy" if language == "en" else "long", locale=language),
        "service": service.title,
        "about": row.about,
        "item": str(row.item),
        "of": service.key,
        "ends_at": row.ends_at.isoformat(),
    }


def when(ends_at: datetime, now: datetime, language: str) -> str:
    """Give the time until the end in words, by days of the calendar: "today", "in 7 days", "через 21 день"."""
    days = days_left(ends_at, now)
    if days in _NEAR:
        return words.in_language(_NEAR[days], language)
    return format_timedelta(timedelta(days=days), "day", threshold=days + 1, add_direction=True, locale=language)


def still_wanted(person_id: UUID, facts: dict[str, Any]) -> bool:
    """Say whether a reminder in the outbox is still true when it leaves; every letter of a source carries this."""
    source = every_source().get(facts["about"])
    if source is None:
        return False
    asked = Asked(person_id, UUID(facts["item"]))
    return judging.holds(source, asked, facts["of"], datetime.fromisoformat(facts["ends_at"]))
