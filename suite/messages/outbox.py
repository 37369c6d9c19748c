"""The outbox: a message is a row in the transaction of what it tells about, delivered after the commit."""

from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import or_, select, update

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
    """Send again what failed, or waits for a job that was given up; return how many messages.

    A dead job of a message is revived instead of doubled, so that nothing is sent twice at the same time.
    """
    from suite.messages.jobs import deliver

    dead = jobs.dead(deliver, "message_id")
    waiting = select(Message).where(
        Message.content.is_not(None), or_(Message.state.in_([FAILED, UNKNOWN]), Message.id.in_(dead))
    )
    if message_id is not None:
        waiting = waiting.where(Message.id == message_id)
    return sum(_send_again(message, dead.get(message.id)) for message in db.session.scalars(waiting))


def _send_again(message: Message, dead_job: UUID | None) -> bool:
    """Put one message back into the queue, unless somebody else just changed it."""
    from suite.messages.jobs import deliver

    found = db.session.execute(
        update(Message)
        .where(Message.id == message.id, Message.state == message.state)
        .values(problem=None, state=QUEUED if message.state in {FAILED, UNKNOWN} else message.state)
    )
    if found.rowcount != 1:  # type: ignore[attr-defined]
        return False
    if dead_job is not None:
        jobs.revive(dead_job)
    else:
        jobs.defer(deliver, lane=letter_named(message.letter).lane, message_id=message.id)
    return True
