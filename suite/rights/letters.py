"""What people are told at each step of a request; the law demands it, so it leaves while data may only be stored."""

from datetime import timedelta

from suite.kernel import jobs
from suite.kernel.words import marked as _
from suite.messages import Button, Letter, Line, letter

_RIGHTS = (
    Line(_("If you think that we are wrong, you can complain to the supervisory authority of your country.")),
    Button(_("Authorities and contacts"), "/privacy"),
)
_WHERE = Line(_("Its number is {number}. If you have an account, you see it there under your requests."))


def _step(key: str, subject: str, *parts: Line | Button, expires: timedelta | None = None) -> Letter:
    return letter(Letter(key, subject, parts, purpose="legal_obligation", lane=jobs.NORMAL, expires=expires))


prove = _step(
    "request_prove",
    _("Please confirm your request about your data"),
    Line(_("somebody, perhaps you, used this e-mail address to ask us for {kind}.")),
    Line(_("Open this page to confirm that it was you. Before that nobody of us looks at it:")),
    Button(_("Confirm the request"), "/privacy/request#{link}"),
    Line(_("The link works for 24 hours. If it was not you, do nothing: then the request is deleted.")),
    expires=timedelta(hours=24),
)
received = _step(
    "request_received",
    _("We received your request"),
    Line(_("you asked us for {kind} on {received}.")),
    Line(_("We answer by {due}. It costs you nothing.")),
    _WHERE,
)
weighed = _step(
    "request_weighed",
    _("We weigh your objection"),
    Line(_("you asked us for {kind} on {received}.")),
    Line("{answer}"),
    Line(_("We answer by {due}. It costs you nothing.")),
    _WHERE,
)
asks_identity = _step(
    "request_asks_identity",
    _("Please help us to make sure that it is you"),
    Line(_("you asked us for {kind}. Before we can answer we have to be sure that the data are yours:")),
    Line("{question}"),
    Button(_("Answer"), "/privacy/request#{reply}"),
    Line(_("Until you answer, the time for our answer stands still.")),
)
asks_information = _step(
    "request_asks_information",
    _("We have a question about your request"),
    Line(_("you asked us for {kind}. To answer it sooner and better we need to know:")),
    Line("{question}"),
    Button(_("Answer"), "/privacy/request#{reply}"),
    Line(_("Until you answer, the time for our answer stands still.")),
)
informed = _step(
    "request_informed",
    _("Thank you for your answer"),
    Line(_("we go on with your request for {kind}. We answer by {due}.")),
)
extended = _step(
    "request_extended",
    _("We need more time for your request"),
    Line(_("you asked us for {kind} on {received}. We need more time, because {reason}.")),
    Line(_("We answer by {due}.")),
    *_RIGHTS,
)
fee = _step(
    "request_fee",
    _("Your request would cost something"),
    Line(_("you asked us for {kind}. We would charge {amount} EUR for it, because {reason}.")),
    Line(_("You can take the request back at any time; then it costs nothing.")),
    *_RIGHTS,
)
fulfilled = _step(
    "request_fulfilled",
    _("Your request is done"),
    Line(_("you asked us for {kind} on {received}. It is done.")),
    Line("{answer}"),
)
partly_fulfilled = _step(
    "request_partly_fulfilled",
    _("Your request is done in part"),
    Line(_("you asked us for {kind} on {received}. We could do a part of it.")),
    Line("{answer}"),
    *_RIGHTS,
)
refused = _step(
    "request_refused",
    _("We cannot do what you asked for"),
    Line(_("you asked us for {kind} on {received}. We do not do it, because {reason}.")),
    Line("{answer}"),
    *_RIGHTS,
)
withdrawn = _step(
    "request_withdrawn",
    _("You took your request back"),
    Line(_("you asked us for {kind} on {received}, and took that back. We do nothing more about it.")),
)
restriction_ended = _step(
    "restriction_ended",
    _("Your data are used again"),
    Line(_("the restriction of your data was ended in your account. Time: {time}.")),
    Line(_("If it was not you, please write to us at once.")),
)

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
