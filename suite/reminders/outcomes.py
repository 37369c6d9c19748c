"""What can become of a planned reminder, as a code word and as a sentence for the person it was for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from suite.kernel.words import marked as _


class Outcome(StrEnum):
    """How a planned reminder was settled."""

    SENT = "sent"
    SUPERSEDED = "superseded"
    TOO_LATE = "too_late"
    RENEWED = "renewed"
    SHORTENED = "shortened"
    ENDED = "ended"
    LEFT = "left"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    NO_CONSENT = "no_consent"
    SWITCHED_OFF = "switched_off"


PLANNED: Final = "planned"
WHY: Final[Mapping[str, str]] = {
    PLANNED: _("It is sent when it is due, if you may be reminded then and nothing has changed."),
    Outcome.SENT: _("It was sent to your e-mail address."),
    Outcome.SUPERSEDED: _("It was late, and a reminder nearer to the end took its place."),
    Outcome.TOO_LATE: _("It was late, and would not have helped any more."),
    Outcome.RENEWED: _("It was not needed: the end moved to a later time."),
    Outcome.SHORTENED: _("It was not sent: the end moved to an earlier time."),
    Outcome.ENDED: _("It was not sent: what it was about was not yours any more, or was void or blocked."),
    Outcome.LEFT: _("It was not sent: you had left the service."),
    Outcome.BLOCKED: _("It was not sent: your account was blocked."),
    Outcome.RESTRICTED: _("It was not sent: the processing of your data was restricted."),
    Outcome.NO_CONSENT: _("It was not sent: you had not agreed to such reminders, or took that back."),
    Outcome.SWITCHED_OFF: _("It was not sent: you had switched such notices off."),
}
