"""What people are told at each step of a request; the law demands it, so it leaves while data may only be stored."""

from datetime import timedelta

from suite.kernel import jobs
from suite.kernel.words import marked as _
from suite.messages import Button, Letter, Line, letter

_COMPLAINT = Line(_("If you think that we are wrong, you can complain to {authority}."))
_RIGHTS = (
    _COMPLAINT,
    Button(_("Authorities and contacts"), "/privacy"),
)
_ABOUT = Line(_("this is about your request of {received}: {kind}."))
_WHERE = Line(_("Its number is {number}. If you have an account, you see it there under your requests."))


def _step(key: str, subject: str, *parts: Line | Button, expires: timedelta | None = None) -> Letter:
    return letter(Letter(key, subject, parts, purpose="legal_obligation", lane=jobs.NORMAL, expires=expires))


prove = _step(
    "request_prove",
    _("Please confirm your request about your data"),
    Line(_("somebody, perhaps you, used this e-mail address for a request to us: {kind}.")),
    Line(_("Open this page to confirm that it was you. Before that nobody of us looks at it:")),
    Button(_("Confirm the request"), "/privacy/request#{link}"),
    Line(_("The link works for 24 hours. If it was not you, do nothing: then the request is deleted.")),
    expires=timedelta(hours=24),
)
received = _step(
    "request_received",
    _("We received your request"),
    _ABOUT,
    Line(_("We answer by {due}. It costs you nothing.")),
    _WHERE,
)
weighed = _step(
    "request_weighed",
    _("We weigh your objection"),
    _ABOUT,
    Line("{answer}"),
    Line(_("We answer by {due}. It costs you nothing.")),
    _WHERE,
)
asks_identity = _step(
    "request_asks_identity",
    _("Please help us to make sure that it is you"),
    _ABOUT,
    Line(_("Before we can answer we have to be sure that the data are yours:")),
    Line("{question}"),
    Button(_("Answer"), "/privacy/request#{reply}"),
    Line(_("Until you answer, the time for our answer stands still.")),
)
asks_information = _step(
    "request_asks_information",
    _("We have a question about your request"),
    _ABOUT,
    Line(_("To answer it sooner and better we need to know:")),
    Line("{question}"),
    Button(_("Answer"), "/privacy/request#{reply}"),
    Line(_("Until you answer, the time for our answer stands still.")),
)
informed = _step(
    "request_informed",
    _("Thank you for your answer"),
    _ABOUT,
    Line(_("We go on with it. We answer by {due}.")),
)
extended = _step(
    "request_extended",
    _("We need more time for your request"),
    _ABOUT,
    Line(_("We need more time, because {reason}.")),
    Line(_("We answer by {due}.")),
    *_RIGHTS,
)
fee = _step(
    "request_fee",
    _("Your request would cost something"),
    _ABOUT,
    Line(_("We would charge {amount} EUR for it, because {reason}.")),
    Line(_("You can take the request back at any time; then it costs nothing.")),
    *_RIGHTS,
)
fulfilled = _step(
    "request_fulfilled",
    _("Your request is done"),
    _ABOUT,
    Line(_("It is done.")),
    Line("{answer}"),
)
partly_fulfilled = _step(
    "request_partly_fulfilled",
    _("Your request is done in part"),
    _ABOUT,
    Line(_("We could do a part of it.")),
    Line("{answer}"),
    *_RIGHTS,
)
refused = _step(
    "request_refused",
    _("We cannot do what you asked for"),
    _ABOUT,
    Line(_("We do not do it, because {reason}.")),
    Line("{answer}"),
    *_RIGHTS,
)
withdrawn = _step(
    "request_withdrawn",
    _("You took your request back"),
    _ABOUT,
    Line(_("You took it back, and we do nothing more about it.")),
)
restriction_ended = _step(
    "restriction_ended",
    _("Your data are used again"),
    Line(_("the restriction of your data was ended in your account. Time: {time}.")),
    Line(_("If it was not you, please write to us at once.")),
)


def names_authority(one: Letter) -> bool:
    """Say whether a letter names the supervisory authority."""
    return _COMPLAINT in one.parts


LETTERS = (
    prove,
    received,
    weighed,
    asks_identity,
    asks_information,
    informed,
    extended,
    fee,
    fulfilled,
    partly_fulfilled,
    refused,
    withdrawn,
    restriction_ended,
)
