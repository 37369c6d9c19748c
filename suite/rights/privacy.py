"""What the rights module declares."""

from suite.declarations import Declaration
from suite.rights.letters import LETTERS
from suite.rights.models import outside_request_asked, outside_request_closed, recipient_noted, request_closed

declaration = Declaration(
    module="rights",
    announces={
        request_closed: "rights_requests.closed_at",
        outside_request_asked: "rights_requesters.unproven_since",
        outside_request_closed: "rights_requesters.answered_at",
        recipient_noted: "recipients_to_tell.noted_at",
    },
    letters=tuple(letter.key for letter in LETTERS),
)
