"""What a person sees of their reminders: planned ones and past ones, each with what became of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.kernel import words
from suite.kernel.paging import Page, page
from suite.reminders.models import Reminder
from suite.reminders.outcomes import PLANNED, WHY


def of_person(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the reminders of a person, the last planned first, page by page."""
    return page(select(Reminder).where(Reminder.person_id == person_id), Reminder.id, cursor=cursor, limit=limit)


def shown(reminder: Reminder, language: str) -> dict[str, Any]:
    """Give a reminder with its state in words."""
    state = reminder.outcome or PLANNED
    return {
        "id": reminder.id,
        "about": reminder.about,
        "item": reminder.item,
        "service": reminder.service,
        "before": reminder.kind,
        "ends_at": reminder.ends_at,
        "due_at": reminder.due_at,
        "settled_at": reminder.settled_at,
        "state": state,
        "why": words.in_language(WHY.get(state, ""), language),
    }
