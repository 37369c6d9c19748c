"""Builders for tests about regaining access: what is asked, mailed and answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from suite.accounts.models import Recovery, SecurityQuestion
from suite.kernel import db
from tests.people import Outbox, People

RECOVERIES = "/api/v1/recoveries"
QUESTION = "/api/v1/me/security-question"
NEW = "five small red bottles"
ANSWER = "The Little Green Tractor"
CHOSEN = {"question": "first_own_book", "answer": ANSWER}


class Recovering:
    """Asks for new passwords through HTTP, and reads the mails."""

    def __init__(self, people: People, outbox: Outbox) -> None:
        self.people, self.outbox = people, outbox

    def post(self, path: str = "", **body: Any) -> Any:
        """Send one step."""
        return self.people.stranger.post(f"{RECOVERIES}{path}", json=body)

    def ask(self, email: str = "ann@example.org") -> str:
        """Ask for a new password; give the number of the request."""
        asked = self.post(email=email)
        assert asked.status_code == 202, asked.json
        return str(asked.json["id"])

    def code(self) -> str:
        """Give the newest mailed code."""
        lines = self.outbox.last("reset_password").text.splitlines()
        return next(line.strip() for line in lines if line.strip().isdigit())

    def token(self) -> str:
        """Give the token of the newest mailed link."""
        return self.outbox.last("reset_password").text.split("/recover#")[1].split()[0]

    def prove(self, email: str = "ann@example.org") -> Any:
        """Ask, and prove the mailbox with the code."""
        asked = self.ask(email)
        return self.post(f"/{asked}/proof", code=self.code())

    def ticket(self, email: str = "ann@example.org") -> str:
        """Give a ticket."""
        proven = self.prove(email)
        assert proven.status_code == 200, proven.json
        return str(proven.json["ticket"])

    def sign_in(self, password: str, email: str = "ann@example.org") -> int:
        """Try a password; give the status."""
        answer = self.people.stranger.post("/api/v1/sessions", json={"email": email, "password": password})
        return int(answer.status_code)


def wrong_for(right: str) -> str:
    """Give a code that is not the right one."""
    return "000000" if right != "000000" else "000001"


def rows() -> list[Recovery]:
    """Give every request, oldest first."""
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Recovery).order_by(Recovery.asked_at, Recovery.id)))


def question() -> SecurityQuestion | None:
    """Give the one security question there is."""
    with db.transaction(reading=True) as session:
        return session.scalars(select(SecurityQuestion)).one_or_none()


def instant(text: str) -> datetime:
    """Read an instant of an answer."""
    return datetime.fromisoformat(text)
