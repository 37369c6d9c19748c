"""What the statistics module declares. No recipient: figures do not leave, and no analytics service is in use."""

from suite.declarations import Declaration
from suite.statistics.models import day_counted, visit_noted

declaration = Declaration(
    module="statistics",
    announces={visit_noted: "visit_hours.hour", day_counted: "visit_days.day"},
)
