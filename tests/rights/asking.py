"""People who ask about their data, and officers who answer."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from suite.kernel import clock, db
from suite.messages.models import InboxMessage
from suite.rights.models import RightsRequest
from suite.staff import Role
from tests.people import Outbox, People, SignedIn

REQUESTS, DESK, OUTSIDE = "/api/v1/me/requests", "/api/v1/staff/privacy/requests", "/api/v1/privacy/requests"
COMPLAINT = {"kind": "complaint", "text": "Your practice is not fair."}


def ask(member: SignedIn, **body: Any) -> dict[str, Any]:
    """Ask for something; give the request."""
    answer = member.post(REQUESTS, json=body)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def complaint(people: People, at: datetime | None = None) -> tuple[SignedIn, str]:
    """Let somebody complain, at an instant if one is named; give the person and the number of the request."""
    member = people.member()
    with clock.at(at or clock.now()):
        if at is not None:
            member = people.sign_in()
        return member, ask(member, **COMPLAINT)["id"]


def officer(people: People, email: str = "ada@example.org") -> SignedIn:
    """Give a privacy officer who is signed in."""
    return people.staff(Role.PRIVACY_OFFICER, email=email)


def act(officer_: SignedIn, request: str, what: str, **body: Any) -> Any:
    """Do something with a request."""
    return officer_.post(f"{DESK}/{request}/{what}", **({"json": body} if body else {}))


def row(request: str) -> RightsRequest:
    """Give the stored request."""
    with db.transaction(reading=True) as session:
        return next(one for one in session.scalars(select(RightsRequest)) if str(one.id) == request)


def outside(people: People, outbox: Outbox, email: str = "ann@example.org", kind: str = "erasure") -> str:
    """Ask without signing in; give the token of the mailed link."""
    body = {"email": email, "kind": kind, "text": "Please erase what you hold."}
    answer = people.stranger.post(OUTSIDE, json=body)
    assert answer.status_code == 202, answer.json
    return token(outbox.last("request_prove"))


def proven(people: People, outbox: Outbox, email: str = "ann@example.org", kind: str = "erasure") -> dict[str, Any]:
    """Ask without signing in and open the mailed link."""
    answer = people.stranger.post(f"{OUTSIDE}/proof", json={"token": outside(people, outbox, email, kind)})
    assert answer.status_code == 200, answer.json
    return dict(answer.json)


def token(message: InboxMessage) -> str:
    """Give the token of the link in a letter."""
    return message.text.split("/privacy/request#")[1].split()[0].removeprefix("answer-")


def refused(answer: Any) -> tuple[int, str]:
    """Give how an answer says no."""
    return answer.status_code, answer.json["code"]


def later(**time: int) -> Any:
    """Hold the clock that much later."""
    return clock.at(clock.now() + timedelta(**time))
