"""Declared retention in words, in the languages of the product."""

from sqlalchemy import Table

from suite.declarations import ByService, Keep, Period, Unlimited, WithParent
from suite.declarations.records import Retention
from suite.kernel.words import in_language
from suite.kernel.words import marked as _
from suite.privacy import declared, record_of

PERIOD_AFTER = _("deleted {period} after this: {event}")
SERVICE_AFTER = _("deleted when the time of the service is over, counted from this: {event}")
WITH_PARENT = _("deleted together with this: {parent}")
EVERYTHING = _("everything else that is held about you")
AT_ONCE_AFTER = _("deleted at once after this: {event}")


def rule(rule: Retention, table: Table, service: str | None, language: str) -> str:
    """Say when rows of a table, under a service or the account, go by one of its rules."""
    match rule:
        case Keep(after, length):
            return period_after(length, after.says, language)
        case ByService(after) if service and service in declared().services:
            return period_after(declared().services[service].keep, after.says, language)
        case ByService(after):
            return _filled(SERVICE_AFTER, language, event=after.says)
        case WithParent(column):
            return _filled(WITH_PARENT, language, parent=_parent(table, column))
        case Unlimited(why):
            return in_language(why, language)


def period_after(length: Period, event: str, language: str) -> str:
    """Say that something goes a period after an event."""
    if length == Period():
        return _filled(AT_ONCE_AFTER, language, event=event)
    return _filled(PERIOD_AFTER, language, event=event, period=_period(length, language))


def _period(length: Period, language: str) -> str:
    """Write a period, with the plurals of the language."""
    if language == "en":
        return str(length)
    from babel.units import format_unit  # needed when somebody asks in another language

    parts = (("duration-month", length.months), ("duration-day", length.days), ("duration-hour", length.hours))
    return " ".join(format_unit(number, unit, "long", locale=language) for unit, number in parts if number)


def _parent(table: Table, column: str) -> str:
    """Give the words for the row that a row goes with."""
    found = next(iter(table.c[column].foreign_keys)).column.table
    record = record_of(found)
    return EVERYTHING if found.name == "people" or record is None else record.says


def _filled(text: str, language: str, **parts: str) -> str:
    return in_language(text, language).format(**{name: in_language(part, language) for name, part in parts.items()})
