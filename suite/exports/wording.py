"""Declared retention in words, in the languages of the product."""

from sqlalchemy import Table

from suite.declarations import ByService, Keep, Period, Service, Unlimited, WithParent, WithService
from suite.declarations.records import Retention
from suite.kernel.words import in_language
from suite.kernel.words import marked as _
from suite.privacy import declared, record_of

PERIOD_AFTER = _("deleted {period} after this: {event}")
SERVICE_AFTER = _("deleted when the time of the service is over, counted from this: {event}")
WITH_PARENT = _("deleted together with this: {parent}")
WITH_SERVICE = _("deleted when nobody used its services for their time, or the last licences for them are over")
LEFT_OVER = _("deleted with the account or registration that made it")
EVERYTHING = _("everything else that is held about you")
AT_ONCE_AFTER = _("deleted at once after this: {event}")


def rule(rule: Retention, table: Table, service: str | None, language: str) -> str:
    """Say when rows of a table, under a service or the account, go by one of its rules."""
    counted = _counted(rule, declared().services.get(service or ""))
    if counted is not None:
        return period_after(*counted, language)
    match rule:
        case ByService(after):
            return _filled(SERVICE_AFTER, language, event=after.says)
        case WithParent(column):
            return _filled(WITH_PARENT, language, parent=_parent(table, column))
        case Unlimited(why):
            return in_language(why, language)
        case _:
            return in_language(WITH_SERVICE if isinstance(rule, WithService) else LEFT_OVER, language)


def _counted(rule: Retention, service: Service | None) -> tuple[Period, str] | None:
    """Give the period of a rule and the words for what starts it, where both are known."""
    match rule:
        case Keep(after, length):
            return length, after.says
        case ByService(after) if service is not None:
            return service.keep, after.says
        case WithService(used) if service is not None and service.inactivity is not None:
            return service.inactivity, used.says
        case _:
            return None


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
