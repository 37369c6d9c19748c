"""What a signed-in person asks, takes back and answers; most is served at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.accounts import signed_in_account
from suite.kernel import audit, clock, limits
from suite.kernel.errors import NotFound, SignInAgain
from suite.kernel.ids import new_id
from suite.kernel.paging import Page, page
from suite.rights import letters, serving, steps, words
from suite.rights.errors import NothingAsked
from suite.rights.models import RightsRequest

PER_PERSON = limits.Allowance("rights/person", times=30, seconds=24 * 3600)


def ask(given: dict[str, Any], *, fresh: bool) -> RightsRequest:
    """Take a request of the caller, and serve it where the program can; otherwise staff get it."""
    kind = given["kind"]
    if kind in words.SENSITIVE and not fresh:
        raise SignInAgain
    account = signed_in_account()
    limits.take(PER_PERSON, str(account.id))
    request_id = new_id()
    request = steps.make(
        account.id,
        kind,
        id=request_id,
        service=given.get("service"),
        about=given.get("about"),
        text=steps.shut(given.get("text"), "rights_requests", request_id, "text"),
        recipient=steps.shut(given.get("recipient"), "rights_requests", request_id, "recipient"),
    )
    if not serving.serve(request):
        steps.tell(letters.received, request)
    return request


def mine(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the requests of a person, newest first."""
    rows = select(RightsRequest).where(RightsRequest.person_id == person_id)
    return page(rows, RightsRequest.id, cursor=cursor, limit=limit)


def one(person_id: UUID, request_id: UUID) -> RightsRequest:
    """Give one request of a person; what is another's is not there."""
    found = steps.one(request_id, person_id)
    if found is None:
        raise NotFound
    return found


def take_back(person_id: UUID, request_id: UUID) -> RightsRequest:
    """Take a request back that is not answered yet."""
    request = one(person_id, request_id)
    steps.close(request, words.WITHDRAWN)
    steps.tell(letters.withdrawn, request)
    return request


def inform(request: RightsRequest, text: str) -> RightsRequest:
    """Answer what staff asked; the time that took is added to the deadline (Amb-27)."""
    if request.waiting_since is None:
        raise NothingAsked
    waited = int((clock.now() - request.waiting_since).total_seconds())
    steps.move(
        request,
        words.WAITING,
        state=words.IN_PROGRESS,
        information=steps.shut(text, "rights_requests", request.id, "information"),
        waiting_since=None,
        reply_hash=None,
        waited=request.waited + waited,
        due_at=request.due_at + timedelta(seconds=waited),
    )
    audit.write("request.informed", subject=request.person_id, request=str(request.id))
    steps.tell(letters.informed, request)
    return request
