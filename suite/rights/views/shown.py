"""A request as its person and as an officer see it."""

from typing import Any

from suite.declarations.purposes import CONSENTS
from suite.kernel.words import in_language
from suite.rights import steps, words
from suite.rights.models import RightsRequest

_PLAIN = (
    "id",
    "kind",
    "state",
    "received_at",
    "due_at",
    "waiting_since",
    "closed_at",
    "about",
    "service",
    "extension",
    "extended_at",
    "refusal",
    "fee_reason",
    "fee_cents",
)
_SEALED = ("text", "recipient", "question", "information")


def shown(request: RightsRequest, language: str) -> dict[str, Any]:
    """Give everything about a request, in words of a language."""
    plain = {name: getattr(request, name) for name in _PLAIN}
    boxed = {name: steps.opened(getattr(request, name), "rights_requests", request.id, name) for name in _SEALED}
    says = in_language(words.REFUSALS[request.refusal], language) if request.refusal else None
    withdrawn = request.kind == words.CONSENT_WITHDRAWAL and request.about in CONSENTS
    stops = in_language(CONSENTS[request.about or ""].stops, language) if withdrawn else None
    answer = steps.said(request, language) or None
    return plain | boxed | {"refusal_says": says, "answer": answer, "stops": stops}
