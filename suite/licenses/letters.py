"""What the licences module writes: that a licence is about to end."""

from datetime import timedelta

from suite.kernel import jobs
from suite.kernel.words import marked as _
from suite.messages import Letter, Line, letter
from suite.reminders import still_wanted

_SUBJECT = _("Your licence for {license} ends {when}")
_PARTS = (
    Line(_("your licence for {license}, whose number ends with {tail}, ends {when}: on {date}.")),
    Line(_("Renew it here: {renew}")),
    Line(_("If you have renewed it already, nothing needs to be done.")),
)


def _ending(key: str, why: str, purpose: str) -> Letter:
    return letter(
        Letter(
            key,
            _SUBJECT,
            (*_PARTS, Line(why)),
            purpose=purpose,
            lane=jobs.BULK,
            expires=timedelta(days=1),
            still_wanted=still_wanted,
        )
    )


license_reminder = _ending(
    "license_reminder",
    _("You get this mail because you asked {service} to remind you. You can take that back at any time."),
    "license_reminders",
)
license_notice = _ending(
    "license_notice",
    _("{service} sends such notices to everybody who has a licence. You can switch them off at any time."),
    "license_notices",
)
LETTERS = (license_reminder, license_notice)
