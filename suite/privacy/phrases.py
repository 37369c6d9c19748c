"""What the declarations say, put into the words of a language: periods, rules, countries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.units import format_unit

from suite.declarations import Period
from suite.kernel import words
from suite.kernel.words import marked as _


@cache
def _counted(count: int, unit: str, language: str) -> str:
    return format_unit(count, unit, "long", locale=language)


@dataclass(frozen=True)
class Tongue:
    """A language that declared texts are shown in; what has no translation is shown in English."""

    language: str

    def say(self, text: str, /, **values: str) -> str:
        """Give a text, with its places filled."""
        return words.known(text, self.language).format(**values) if values else words.known(text, self.language)

    def period(self, iso: str) -> str:
        """Give a period, such as "1 calendar month" or "24 часа"."""
        period = Period.parse(iso)
        if period == Period() or self.language == "en":
            return words.known(str(period), self.language)
        counts = ((period.months, "month"), (period.days, "day"), (period.hours, "hour"))
        return " ".join(_counted(count, unit, self.language) for count, unit in counts if count)

    def after(self, iso: str, event: str) -> str:
        """Give a limit: a period and the event it is counted from."""
        return self.say(_("{period} after {event}"), period=self.period(iso), event=self.say(event))

    def rule(self, rule: Mapping[str, str]) -> str:
        """Give a rule of the catalogue."""
        match rule["rule"]:
            case "period":
                return self.after(rule["period"], rule["after"])
            case "by_service":
                return self.say(_("the period of the service after {event}"), event=self.say(rule["after"]))
            case "with_service":
                limit = _("with the service, when its period after {event} or its last licence is over")
                return self.say(limit, event=self.say(rule["after"]))
            case "left_over":
                limit = _(
                    "with the account or registration that made it, at the latest {period} after it was made if "
                    "nothing hangs on it any more"
                )
                return self.say(limit, period=self.period(rule["period"]))
            case "with_parent":
                return self.say(_("together with {record}"), record=self.say(rule["parent"]))
            case _:
                return self.say(rule["says"])

    def country(self, code: str, countries: Mapping[str, Any]) -> str:
        """Give a country by its code: in English as the vendor writes it."""
        own: str = countries[code]["name"] if code in countries else ""
        if own and self.language == "en":
            return own
        return str(Locale(self.language).territories.get(code, own or code))

    def day(self, instant: datetime) -> str:
        """Give the date of an instant."""
        return format_date(instant, "d MMMM yyyy" if self.language == "en" else "long", locale=self.language)

    def list(self, texts: Iterable[str]) -> str:
        """Give texts one after the other."""
        return "; ".join(self.say(text) for text in texts)
