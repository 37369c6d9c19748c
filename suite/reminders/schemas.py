"""What callers of the reminders module get."""

import marshmallow as ma

from suite.kernel.fields import Instant, Schema
from suite.kernel.paging import PageOut
from suite.reminders.outcomes import WHY


class ReminderOut(Schema):
    """A reminder that is planned, was sent, or was dropped with a reason."""

    id = ma.fields.UUID(required=True)
    about = ma.fields.String(required=True, metadata={"description": "What kind of thing ends, such as `license`."})
    item = ma.fields.UUID(required=True, metadata={"description": "The number of that thing."})
    service = ma.fields.String(required=True)
    before = ma.fields.String(
        required=True,
        metadata={"description": "How long before the end, as an ISO 8601 duration; `PT0H` is the day of the end."},
    )
    ends_at = Instant(required=True)
    due_at = Instant(required=True)
    settled_at = Instant(required=True, allow_none=True)
    state = ma.fields.String(required=True, validate=ma.validate.OneOf([str(state) for state in WHY]))
    why = ma.fields.String(required=True, metadata={"description": "The state in a sentence, in your language."})


class RemindersOut(PageOut):
    """Reminders, the last planned first."""

    reminders = ma.fields.List(ma.fields.Nested(ReminderOut), required=True)
