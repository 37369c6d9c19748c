"""The steps of a request: each is one guarded UPDATE, so that of two officers at once one wins, and a letter."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.accounts import Contact, contact_of, country_of
from suite.kernel import audit, clock, db, sealed, system
from suite.kernel.ids import new_id
from suite.kernel.words import in_language
from suite.messages import Letter, post
from suite.privacy import declared
from suite.rights import deadlines, letters, words
from suite.rights.errors import RequestNotOpen
from suite.rights.models import Requester, RightsRequest


def make(person_id: UUID, kind: str, **values: Any) -> RightsRequest:
    """Take a request in: its clock begins to run."""
    now = clock.now()
    given = {"id": new_id(), "received_at": now, "due_at": deadlines.due(now)} | values
    request = RightsRequest(person_id=person_id, kind=kind, state=words.RECEIVED, **given)
    db.session.add(request)
    db.session.flush()
    audit.write("request.made", subject=person_id, request=str(request.id), kind=kind)
    return request


def move(request: RightsRequest, states: Iterable[str], *conditions: Any, **values: Any) -> None:
    """Change a request that is still in one of these states; of many at once exactly one does it."""
    moved = db.session.execute(
        update(RightsRequest)
        .where(RightsRequest.id == request.id, RightsRequest.state.in_(list(states)), *conditions)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise RequestNotOpen
    db.session.refresh(request)


def close(request: RightsRequest, state: str, *, states: Iterable[str] = words.OPEN, **values: Any) -> None:
    """End a request; a question that waits waits no longer."""
    ending = {"state": state, "closed_at": clock.now(), "waiting_since": None, "reply_hash": None}
    move(request, states, **ending, **values)
    db.session.execute(update(Requester).where(Requester.id == request.person_id).values(answered_at=request.closed_at))
    audit.write(f"request.{state}", subject=request.person_id, request=str(request.id), kind=request.kind)


def tell(letter: Letter, request: RightsRequest, **facts: str) -> None:
    """Write to whoever asked; facts that are code words are said in the language of the letter."""
    to = addressee(request)
    if to is None:
        return
    known = {
        "kind": in_language(words.KINDS[request.kind], to.language),
        "number": str(request.id),
        "received": clock.written(request.received_at),
        "due": clock.written(request.due_at),
        "answer": said(request, to.language),
    }
    if letters.names_authority(letter):
        known["authority"] = authority(request.person_id, to.language)
    spoken = {name: in_language(text, to.language) for name, text in facts.items()}
    post(letter, person_id=request.person_id, to=to.address, language=to.language, facts=known | spoken)


def finish(request: RightsRequest, result: str, state: str = words.FULFILLED) -> None:
    """End what the program did by itself, and say so."""
    close(request, state, result=result)
    tell(letters.fulfilled, request)


def addressee(request: RightsRequest) -> Contact | None:
    """Give where letters about a request go: to the account, or to the address somebody proved."""
    found = contact_of(request.person_id)
    if found is not None:
        return found
    requester = db.session.get(Requester, request.person_id)
    if requester is None:
        return None
    return Contact(opened(requester.address, "rights_requesters", requester.id, "address") or "", requester.language)


def said(request: RightsRequest, language: str) -> str:
    """Give the answer to a request: the officer's words, or those of the program."""
    written = opened(request.answer, "rights_requests", request.id, "answer")
    if written is None and request.result is not None:
        return in_language(words.ANSWERS[request.result], language).replace("{web}", clauses())
    return written or ""


def authority(person_id: UUID, language: str) -> str:
    """Give the supervisory authority of a person's country by name and address, where the country is known."""
    found = declared().vendor["authorities"].get(country_of(person_id) or "")
    return f"{found['name']}, {found['web']}" if found else in_language(words.AUTHORITY, language)


def clauses() -> str:
    """Give where the Standard Contractual Clauses are published, if they are (LOC-6)."""
    links = declared().vendor.get("links", {})
    return str(links.get("standard_contractual_clauses", {}).get("web", ""))


def one(request_id: UUID, person_id: UUID | None = None) -> RightsRequest | None:
    """Give a request; with a person, only one of theirs."""
    statement = select(RightsRequest).where(RightsRequest.id == request_id)
    if person_id is not None:
        statement = statement.where(RightsRequest.person_id == person_id)
    return db.session.scalar(statement)


def shut(text: str | None, table: str, row: UUID, column: str) -> bytes | None:
    """Encrypt what stands in one cell; nothing stays nothing."""
    return None if text is None else system.current().keys.seal(text, sealed.context(table, row, column))


def opened(box: bytes | None, table: str, row: UUID, column: str) -> str | None:
    """Decrypt what stands in one cell."""
    return None if box is None else system.current().keys.open(box, sealed.context(table, row, column))
