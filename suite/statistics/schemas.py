"""What goes in and out of the statistics."""

import marshmallow as ma

from suite.kernel.fields import Choice, Schema, Some, Text, WholeNumber, YesNo
from suite.statistics.grounds import GROUNDS
from suite.statistics.visits import ACTIONS, APPLICATIONS, DIMENSIONS

EVENTS = 10
"""Events of one request."""

_DAY = 24 * 3600


class VisitEventIn(Schema):
    """A page that was visited, or an application that was used. Nothing here may name a person."""

    page = Text(most=500, metadata={"description": "The path; query, fragment, numbers and tokens are cut off here."})
    before = Text(
        most=500,
        metadata={"description": "The page before; of other sites only the domain is counted.", "example": "/"},
    )
    seconds = WholeNumber(least=0, most=_DAY, metadata={"description": "Time on the page; a class is counted."})
    search = Text(most=200, metadata={"description": "What was searched for; only words about products are counted."})
    application = Choice(*APPLICATIONS)
    action = Choice(*ACTIONS, metadata={"description": "What was done with the application; without it, opened."})
    screen_width = WholeNumber(least=1, most=20000, metadata={"description": "In pixels; a class is counted."})


class VisitIn(Schema):
    """What a visit brought. Browser, system, device and network are told by the request itself, in classes."""

    example = {
        "service": "business-hub",
        "consent": True,
        "events": [{"page": "/licenses", "before": "https://www.example.org/", "seconds": 40, "screen_width": 1440}],
    }

    service = Choice(*GROUNDS, required=True)
    consent = YesNo(
        load_default=False,
        metadata={
            "description": "Whether the visitor said yes to statistics here. Without it nothing is recorded for "
            "services that ask for consent."
        },
    )
    events = Some(ma.fields.Nested(VisitEventIn), most=EVENTS, least=1, required=True)


class CountedOut(Schema):
    """Whether visits of the caller may be sent."""

    example = {"service": "my-account", "counted": True}

    service = ma.fields.String(required=True)
    counted = ma.fields.Boolean(
        required=True,
        metadata={"description": "False without consent, after an objection or under a restriction: send nothing."},
    )


class ReportQuery(Schema):
    """Which figures are wanted."""

    service = Choice(*GROUNDS, required=True)
    dimension = Choice(*DIMENSIONS, load_default="page")
    since = ma.fields.Date(
        data_key="from", load_default=None, metadata={"description": "First day; without it, 28 days; at most 366."}
    )
    until = ma.fields.Date(
        data_key="to", load_default=None, metadata={"description": "Last day; without it, yesterday (UTC)."}
    )


class ValueOut(Schema):
    """How often a value was seen; `other` stands for all that few had."""

    value = ma.fields.String(required=True)
    times = ma.fields.Integer(required=True)


class DayOut(Schema):
    """How much there was on a day."""

    day = ma.fields.Date(required=True)
    times = ma.fields.Integer(required=True)


class ReportOut(Schema):
    """Figures of a service by one dimension."""

    service = ma.fields.String(required=True)
    dimension = ma.fields.String(required=True)
    since = ma.fields.Date(data_key="from", required=True)
    until = ma.fields.Date(data_key="to", required=True)
    total = ma.fields.Integer(required=True)
    values = ma.fields.List(
        ma.fields.Nested(ValueOut), required=True, metadata={"description": "The hundred most frequent ones."}
    )
    days = ma.fields.List(ma.fields.Nested(DayOut), required=True)
