"""What privacy officers do with requests; every look and act leaves an entry that the person can read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from suite.kernel import audit, clock, db, secrets
from suite.kernel.access import person_id
from suite.kernel.errors import NotFound
from suite.kernel.paging import Page, page_by_time
from suite.rights import deadlines, letters, serving, standing, steps, telling, words
from suite.rights.errors import ExtensionTooLate, OverridingReasonNeeded, WithdrawalIsFree
from suite.rights.models import RightsRequest

OVERRIDING = "overriding_interest"
REPLY = "answer-"
"""What the page tells a link that answers a question by, from one that proves an address."""


def listing(*, state: str | None, cursor: str | None, limit: int) -> Page:
    """Give the requests of a state, or all that are open, by the day they are due; no names and no contents."""
    chosen = RightsRequest.closed_at.is_(None) if state is None else RightsRequest.state == state
    rows = select(RightsRequest).where(chosen)
    return page_by_time(rows, RightsRequest.due_at, RightsRequest.id, cursor=cursor, limit=limit)


def look(request_id: UUID) -> RightsRequest:
    """Look at a request."""
    request = one(request_id)
    _note("request.viewed", request)
    return request


def one(request_id: UUID) -> RightsRequest:
    """Give a request for an act."""
    request = steps.one(request_id)
    if request is None:
        raise NotFound
    return request


def take(request_id: UUID) -> RightsRequest:
    """Take a request that nobody works on; of two officers at once one gets it."""
    request = one(request_id)
    steps.move(request, (words.RECEIVED,), state=words.IN_PROGRESS, handler=audit.subject_key(person_id()))
    _note("request.taken", request)
    return request


def ask(request_id: UUID, *, identity: bool, question: str) -> RightsRequest:
    """Ask the person something; until the answer comes the deadline stands still (RIG-24, RIG-27)."""
    request, token = one(request_id), secrets.new_token()
    steps.move(
        request,
        words.WORKING,
        state=words.AWAITING_IDENTITY if identity else words.AWAITING_INFORMATION,
        question=steps.shut(question, "rights_requests", request_id, "question"),
        reply_hash=secrets.token_hash(token),
        waiting_since=clock.now(),
    )
    _note("request.asked", request)
    letter = letters.asks_identity if identity else letters.asks_information
    steps.tell(letter, request, question=question, reply=REPLY + token)
    return request


def extend(request_id: UUID, *, reason: str, months: int) -> RightsRequest:
    """Take more time: once, announced before the first month is over, two months at most (RIG-30 to RIG-32)."""
    request = one(request_id)
    now = clock.now()
    if request.extended_at is not None or request.due_at < now:
        raise ExtensionTooLate
    steps.move(
        request,
        words.WORKING,
        RightsRequest.extended_at.is_(None),
        RightsRequest.due_at >= now,
        extended_at=now,
        extension=reason,
        due_at=deadlines.due(request.received_at, waited=request.waited, more_months=months),
    )
    _note("request.extended", request, reason=reason)
    steps.tell(letters.extended, request, reason=words.EXTENSIONS[reason])
    return request


def charge(request_id: UUID, *, reason: str, cents: int) -> RightsRequest:
    """Name a fee for what is unfounded, repetitive or excessive; never for the withdrawal of a consent."""
    request = one(request_id)
    if request.kind == words.CONSENT_WITHDRAWAL:
        raise WithdrawalIsFree
    steps.move(request, words.OPEN, RightsRequest.fee_cents.is_(None), fee_cents=cents, fee_reason=reason)
    _note("request.fee", request, reason=reason)
    amount = f"{cents // 100}.{cents % 100:02}"
    steps.tell(letters.fee, request, reason=words.CHARGEABLE[reason], amount=amount)
    return request


def refuse(request_id: UUID, *, reason: str, text: str) -> RightsRequest:
    """Refuse with a reason and words that the person is told (RIG-6, RIG-22)."""
    request = one(request_id)
    if request.kind == words.CONSENT_WITHDRAWAL:
        raise WithdrawalIsFree
    if request.kind == words.OBJECTION:
        _override(request, reason)
    answer = steps.shut(text, "rights_requests", request_id, "answer")
    # An objection stops a processing at once; compelling reasons may be recorded afterwards.
    afterwards = request.kind == words.OBJECTION and reason == OVERRIDING
    states = (*words.OPEN, words.FULFILLED) if afterwards else words.OPEN
    steps.close(request, words.REFUSED, states=states, refusal=reason, answer=answer)
    steps.tell(letters.refused, request, reason=words.REFUSALS[reason])
    return request


def fulfil(request_id: UUID, *, text: str, partly: bool, about: str | None = None) -> RightsRequest:
    """Do what was asked, and say what was done; what the program can do by itself it does here.

    `about` names the purpose of an objection that was written in somebody's own words.
    """
    request = one(request_id)
    about = request.about or (about if request.kind == words.OBJECTION else None)
    if request.kind == words.OBJECTION:
        standing.interest(about)
    if request.kind == words.ERASURE and serving.erase(request):
        return request
    state = words.PARTLY_FULFILLED if partly else words.FULFILLED
    answer = steps.shut(text, "rights_requests", request_id, "answer")
    steps.close(request, state, states=words.WORKING, answer=answer, about=about)
    _DONE.get(request.kind, lambda _request: None)(request)
    steps.tell(letters.partly_fulfilled if partly else letters.fulfilled, request)
    return request


def _override(request: RightsRequest, reason: str) -> None:
    """Record the reason that outweighs an objection; without one the processing stays stopped (RIG-13)."""
    if reason not in {OVERRIDING, *words.CHARGEABLE}:
        raise OverridingReasonNeeded
    if request.about is not None and reason == OVERRIDING:
        standing.begin_objection(request.person_id, request.about, overridden=reason)


def _restrict(request: RightsRequest) -> None:
    standing.begin_restriction(request.person_id, request.about or "accuracy")


def _stop(request: RightsRequest) -> None:
    if request.about is not None:
        standing.begin_objection(request.person_id, request.about)


def _tell_correction(request: RightsRequest) -> None:
    telling.tell("privacy.rectified", request.person_id)


_DONE = {
    words.RECTIFICATION: _tell_correction,
    words.UPDATE: _tell_correction,
    words.RESTRICTION: _restrict,
    words.OBJECTION: _stop,
}


def overdue(now: datetime) -> int:
    """Count the open requests whose deadline is over; the time somebody is waited for does not count."""
    late = select(func.count()).select_from(RightsRequest)
    late = late.where(RightsRequest.state.in_(words.WORKING), RightsRequest.due_at < now)
    with db.reading() as connection:
        return connection.scalar(late) or 0


def _note(action: str, request: RightsRequest, **facts: Any) -> None:
    audit.write(action, subject=request.person_id, request=str(request.id), kind=request.kind, **facts)
