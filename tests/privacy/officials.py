"""Those who serve people in random lives: an officer, a counsel, an operator, a connected system, a newsletter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from uuid import UUID

from suite.kernel import access, db, system
from suite.messages import Letter, Line, letter, post
from suite.messages import letters as known
from suite.rights import telling
from suite.staff import Role
from suite.webhooks import EVENTS
from tests.failures.peers import free_port
from tests.people import Outbox, People, SignedIn

DESK, DISCLOSURES, ACCOUNTS = "/api/v1/staff/privacy/requests", "/api/v1/staff/disclosures", "/api/v1/staff/accounts"
NEWS = Letter("canary_news", "Something ends", (Line("It ends."),), purpose="license_notices")


class World:
    """What is around people while they live."""

    def __init__(self, people: People, outbox: Outbox) -> None:
        self.people, self.outbox = people, outbox

    @cached_property
    def officer(self) -> SignedIn:
        """Give somebody who answers requests."""
        return self.people.staff(Role.PRIVACY_OFFICER, email="officer@example.org")

    @cached_property
    def counsel(self) -> SignedIn:
        """Give the second pair of eyes."""
        return self.people.staff(Role.LEGAL_COUNSEL, email="counsel@example.org")

    @cached_property
    def support(self) -> SignedIn:
        """Give somebody who looks at accounts and messages, and blocks."""
        return self.people.staff(Role.SUPPORT_AGENT, Role.ADMINISTRATOR, email="support@example.org")

    def connect(self) -> None:
        """Connect a system nobody answers at, so that deliveries wait and fail."""
        operator = self.people.staff(Role.OPERATOR, email="operator@example.org")
        url = f"http://127.0.0.1:{free_port()}/hooks"
        made = operator.post("/api/v1/staff/webhooks", json={"url": url, "events": list(EVENTS)})
        assert made.status_code == 201, made.json

    def unsubscribe(self, person: str, address: str) -> None:
        """Mail somebody a letter that can be stopped, and click on the link in it; under a restriction none is sent."""
        with db.transaction():
            post(NEWS, person_id=UUID(person), to=address, language="en", facts={})
        for mailed in [one.text for one in self.outbox.sent if one.recipient == address and one.letter == NEWS.key]:
            token = mailed.split("/unsubscribe#")[1].split()[0]
            self.people.stranger.post(f"/api/v1/unsubscribe/{token}", data="List-Unsubscribe=One-Click")

    def handle(self, request: str, words: list[str], *, how: int) -> None:
        """Do with a request what officers do; `words` are what they write."""
        path = f"{DESK}/{request}"
        self.officer.post(f"{path}/view")
        self.officer.post(f"{path}/take")
        if how % 2:
            self.officer.post(f"{path}/extension", json={"reason": "complex", "months": 1})
            self.officer.post(f"{path}/fee", json={"reason": "repetitive", "cents": 500})
        if how % 3 == 0:
            self.officer.post(f"{path}/refusal", json={"reason": "legal_duty", "text": words[0]})
        elif how % 3 == 1:
            self.officer.post(f"{path}/fulfilment", json={"text": words[0], "partly": True})

    def ask_back(self, request: str, question: str) -> bool:
        """Ask whoever made a request something; say whether it could be asked."""
        asked = self.officer.post(f"{DESK}/{request}/question", json={"text": question, "identity": True})
        return bool(asked.status_code == 200)

    def disclose(self, person: str, words: list[str]) -> None:
        """Hand data over to an authority, as a law demands and two of us decide."""
        law, authority, reference = words
        demand = {"law": law, "authority": authority, "reference": reference, "country": "DE"}
        body = demand | {"account_id": person, "categories": ["user.contact.email"]}
        proposed = self.officer.post(DISCLOSURES, json=body)
        assert proposed.status_code == 201, proposed.json
        path = f"{DISCLOSURES}/{proposed.json['id']}"
        for who, what in ((self.counsel, "view"), (self.counsel, "approval"), (self.officer, "execution")):
            who.post(f"{path}/{what}")

    def look(self, person: str, address: str) -> None:
        """Search, view, block and let go."""
        self.support.post(f"{ACCOUNTS}/search", json={"email": address})
        for what, body in (("view", None), ("audit", {}), ("messages/list", {}), ("block", {"reason": "misuse"})):
            self.support.post(f"{ACCOUNTS}/{person}/{what}", json=body)
        self.support.post(f"{ACCOUNTS}/{person}/unblock", json={"reason": "mistake"})


def tell_recipients() -> None:
    """Tell every recipient that waits for it, as an officer does."""
    access.begin(access.SYSTEM, None)
    with db.transaction():
        while rows := telling.waiting(cursor=None, limit=100).rows:
            for row in rows:
                telling.told(row.id)


@contextmanager
def around(people: People, outbox: Outbox) -> Iterator[World]:
    """Give a world in which webhooks may go to this machine and there is a letter that can be stopped."""
    before, letters = system.current(), dict(known._letters)
    system.use(replace(before, settings=replace(before.settings, webhooks_private="yes")))
    letter(NEWS)
    try:
        world = World(people, outbox)
        world.connect()
        yield world
    finally:
        known._letters.clear()
        known._letters.update(letters)
        system.use(before)
