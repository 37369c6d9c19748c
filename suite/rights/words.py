"""The code words of requests, each with what people read: kinds, states, reasons, answers the program gives itself."""

from suite.kernel.words import marked as _

ACCESS, PORTABILITY, RECTIFICATION, ERASURE = "access", "portability", "rectification", "erasure"
RESTRICTION, OBJECTION, CONSENT_WITHDRAWAL = "restriction", "objection", "consent_withdrawal"
COMPLAINT, QUESTION, UPDATE, CLAUSES = "complaint", "question", "update", "contract_clauses"

KINDS = {
    ACCESS: _("a copy of your data"),
    PORTABILITY: _("your data in a form that machines read"),
    RECTIFICATION: _("a correction of your data"),
    ERASURE: _("the erasure of your data"),
    RESTRICTION: _("storing your data only, without any other use"),
    OBJECTION: _("an objection"),
    CONSENT_WITHDRAWAL: _("the withdrawal of a consent"),
    COMPLAINT: _("a complaint"),
    QUESTION: _("a question"),
    UPDATE: _("an update of what you told us"),
    CLAUSES: _("a copy of the contractual clauses"),
}
"""What can be asked, as people read it."""

SENSITIVE = frozenset({ACCESS, PORTABILITY, ERASURE})
"""Asked by whoever holds the session, these would give data away or end them: the person is confirmed first."""

RECEIVED, IN_PROGRESS = "received", "in_progress"
AWAITING_IDENTITY, AWAITING_INFORMATION = "awaiting_identity", "awaiting_information"
FULFILLED, PARTLY_FULFILLED, REFUSED, WITHDRAWN = "fulfilled", "partly_fulfilled", "refused", "withdrawn"
WORKING = (RECEIVED, IN_PROGRESS)
WAITING = (AWAITING_IDENTITY, AWAITING_INFORMATION)
OPEN = (*WORKING, *WAITING)
CLOSED = (FULFILLED, PARTLY_FULFILLED, REFUSED, WITHDRAWN)
STATES = (*OPEN, *CLOSED)

RESTRICTION_REASONS = ("accuracy", "unlawful", "legal_claims", "objection_pending")
"""Why data may only be stored for now, by Article 18(1) GDPR."""

CHARGEABLE = {
    "unfounded": _("the request is clearly unfounded"),
    "repetitive": _("the same was asked repeatedly"),
    "excessive": _("the request is excessive"),
}
"""The only reasons for a fee (RIG-21)."""

REFUSALS = CHARGEABLE | {
    "identity_not_shown": _("we could not make sure that the data are yours"),
    "legal_duty": _("the law obliges us to keep the data"),
    "legal_claims": _("the data are needed for legal claims"),
    "rights_of_others": _("it would harm the rights of others"),
    "overriding_interest": _("there are compelling reasons that outweigh your interest"),
    "no_such_data": _("we hold no such data"),
    "data_are_correct": _("the data are correct as they are"),
}
"""Why a request may be refused (RIG-6, RIG-22)."""

EXTENSIONS = {
    "complex": _("the request is particularly complex"),
    "number_of_requests": _("you made a number of requests"),
}
"""The only reasons for more time (RIG-30)."""

AUTHORITY = _("the supervisory authority of your country")
"""Whom to complain to, where the country is not known."""

ANSWERS = {
    "restricted": _("Your data are only stored from now on. You can end that in your account at any time."),
    "objection_holds": _("What you objected to has stopped."),
    "consents_withdrawn": _("What you had allowed is not allowed any more."),
    "change_in_settings": _("You can change that yourself in the settings of your account, at once."),
    "export_ready": _("Your data are ready. Sign in to download them within 24 hours."),
    "clauses_published": _("You find the Standard Contractual Clauses here: {web}"),
    "guards_you": _(
        "This guards your account against strangers, so it goes on while somebody of us weighs your objection."
    ),
}
"""What the program answers by itself."""
