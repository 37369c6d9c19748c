"""What the program does by itself as soon as it is asked; whatever is not here goes to staff."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from suite.accounts import close, contact_of, find_open
from suite.exports import READY, begin
from suite.kernel import audit
from suite.privacy import GIVEN, consent_choices, declared, withdraw_consent
from suite.rights import letters, standing, steps, telling, words
from suite.rights.errors import NoConsentGiven
from suite.rights.models import RightsRequest

Serving = Callable[[RightsRequest], bool]


def serve(request: RightsRequest) -> bool:
    """Do what was asked; say whether the person was told already."""
    serving = SERVED.get(request.kind)
    return serving is not None and serving(request)


def erase(request: RightsRequest) -> bool:
    """Close the account and erase it at once: neither a period nor a grace is waited for (Amb-14).

    The request goes with the person; the farewell letter tells when, and a tombstone stays.
    """
    account = find_open(request.person_id)
    if account is None:
        return False
    steps.move(request, words.OPEN, state=words.IN_PROGRESS, waiting_since=None, reply_hash=None)
    telling.note("account.closed", request.person_id)
    close(account, erase_now=True)
    audit.write("request.erasing", subject=request.person_id, request=str(request.id))
    return True


def copy(request: RightsRequest) -> bool:
    """Have a copy of the data made in the background; when it is ready the request is done."""
    to = contact_of(request.person_id)
    recipient = steps.opened(request.recipient, "rights_requests", request.id, "recipient")
    steps.move(request, words.WORKING, state=words.IN_PROGRESS)
    language = to.language if to is not None else "en"
    begin(request.person_id, language=language, recipient=recipient, request_id=request.id)
    return True


def copy_ready(_export_id: UUID, person_id: UUID, request_id: UUID | None) -> None:
    """End the request a copy was made for, unless it was taken back meanwhile; the letter about the copy tells."""
    request = steps.one(request_id, person_id) if request_id is not None else None
    if request is not None and request.open:
        steps.close(request, words.FULFILLED, result="export_ready")


READY.append(copy_ready)


def restrict(request: RightsRequest) -> bool:
    """Let the data only be stored."""
    standing.begin_restriction(request.person_id, request.about or "accuracy")
    steps.finish(request, "restricted")
    return True


def object_to(request: RightsRequest) -> bool:
    """Stop what rests on a legitimate interest; what guards the person goes on until an officer weighed it (RIG-13)."""
    purpose = standing.interest(request.about)
    if purpose.while_restricted:
        standing.begin_objection(request.person_id, purpose.key, overridden=standing.GUARDS)
        steps.move(request, words.WORKING, result="guards_you")
        steps.tell(letters.weighed, request)
        return True
    standing.begin_objection(request.person_id, purpose.key)
    steps.finish(request, "objection_holds")
    return True


def withdraw_consents(request: RightsRequest) -> bool:
    """Withdraw a consent, or every one that was given, for one service or for all."""
    services, given = declared().services, consent_choices(request.person_id)
    to, withdrawn = contact_of(request.person_id), 0
    address = to.address if to is not None else ""
    for (key, purpose), entry in given.items():
        if entry.state != GIVEN or request.about not in {None, purpose} or request.service not in {None, key}:
            continue
        for consent in services[key].consents if key in services else ():
            if consent.key == purpose:
                withdraw_consent(
                    request.person_id,
                    consent,
                    service=key,
                    language=entry.language,
                    method="request",
                    address=address,
                )
                audit.write("consent.changed", subject=request.person_id, service=key, purpose=purpose, given=False)
                withdrawn += 1
    if not withdrawn:
        raise NoConsentGiven
    steps.finish(request, "consents_withdrawn")
    return True


def correct(request: RightsRequest) -> bool:
    """Say how to change what people change themselves; anything else is corrected by staff."""
    if request.about is None:
        return False
    steps.finish(request, "change_in_settings")
    return True


def point_to_clauses(request: RightsRequest) -> bool:
    """Say where the contractual clauses are published; where they are not, staff send a copy (LOC-6)."""
    if not steps.clauses():
        return False
    steps.finish(request, "clauses_published")
    return True


SERVED: Final[dict[str, Serving]] = {
    words.ACCESS: copy,
    words.PORTABILITY: copy,
    words.ERASURE: erase,
    words.RESTRICTION: restrict,
    words.OBJECTION: object_to,
    words.CONSENT_WITHDRAWAL: withdraw_consents,
    words.RECTIFICATION: correct,
    words.UPDATE: correct,
    words.CLAUSES: point_to_clauses,
}
