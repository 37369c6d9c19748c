"""The outbox: a message is a row in the transaction of what it tells about, delivered after the commit."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, update

from suite.kernel import clock, db, jobs, sealed, system
from suite.kernel.ids import new_id
from suite.messages.letters import Letter, letter_named
from suite.messages.models import FAILED, QUEUED, UNKNOWN, Message


def post(letter: Letter, *, person_id: UUID, to: str, language: str, facts: dict[str, Any]) -> UUID:
    """Write a message to one person; it leaves within a second after the commit."""
    from suite.messages.jobs import deliver

    now = clock.now()
    keys = system.current().keys
    message_id = new_id()
    db.session.add(
        Message(
            id=message_id,
            person_id=person_id,
            letter=letter.key,
            channel=letter.channel,
            language=language,
            recipient=keys.seal(to, sealed.context("messages", message_id, "recipient")),
            content=keys.seal(orjson.dumps(facts).decode(), sealed.context("messages", message_id, "content")),
            expires_at=now + letter.expires if letter.expires else None,
            created_at=now,
        )
    )
    db.session.flush()
    jobs.defer(deliver, lane=letter.lane, message_id=message_id)
    return message_id


def open_recipient(message: Message) -> str:
    """Give the address a message goes to."""
    return system.current().keys.open(message.recipient or b"", sealed.context("messages", message.id, "recipient"))


def open_facts(message: Message) -> dict[str, Any]:
    """Give what the letter is filled with."""
    plain = system.current().keys.open(message.content or b"", sealed.context("messages", message.id, "content"))
    return dict(orjson.loads(plain))


def retry(message_id: UUID | None = None) -> int:
    """Send failed messages again that still have their content; return how many."""
    from suite.messages.jobs import deliver

    waiting = select(Message).where(Message.state.in_([FAILED, UNKNOWN]), Message.content.is_not(None))
    if message_id is not None:
        waiting = waiting.where(Message.id == message_id)
    count = 0
    for message in db.session.scalars(waiting):
        found = db.session.execute(
            update(Message)
            .where(Message.id == message.id, Message.state == message.state)
            .values(state=QUEUED, problem=None)
        )
        if found.rowcount == 1:  # type: ignore[attr-defined]
            jobs.defer(deliver, lane=letter_named(message.letter).lane, message_id=message.id)
            count += 1
    return count
