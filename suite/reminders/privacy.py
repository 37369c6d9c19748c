"""What the reminders module declares."""

from suite.declarations import Declaration
from suite.reminders.models import reminder_due

declaration = Declaration(module="reminders", announces={reminder_due: "reminders.due_at"})
