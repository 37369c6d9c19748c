"""The outbox: a message is a row in the transaction of what it tells about, delivered after the commit."""

import re
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import or_, select, update

from suite.kernel import clock, db, jobs, sealed, system
from suite.kernel.ids import new_id
from suite.messages.letters import (
    SECURITY_CODES,
    CodeText,
    Letter,
    PhoneNumber,
    letter_named,
    mail_address,
    phone_number,
)
from suite.messages.models import FAILED, QUEUED, UNKNOWN, Message

_A_CODE = re.compile(r"[0-9A-Za-z]{4,12}")


def post(
    letter: Letter, *, person_id: UUID, to: str, language: str, facts: dict[str, Any], service: str | None = None
) -> UUID:
    """Write a letter to the mail address of one person; it leaves within a second after the commit.

    Whether its purpose is still allowed, for `service` where one is named, is asked when it leaves.
    """
    if type(letter) is not Letter:
        raise TypeError("Only a Letter is posted; a CodeText is sent by text().")
    return _put(letter, person_id, mail_address(to), language, facts, service)


def text(code_text: CodeText, to: PhoneNumber, *, person_id: UUID, language: str, facts: dict[str, Any]) -> UUID:
    """Text a security code, the fact `code`, to the phone of one person; it leaves within a second after the commit."""
    if type(code_text) is not CodeText:
        raise TypeError("Only a CodeText is sent to a phone number.")
    if code_text.purpose != SECURITY_CODES:
        raise ValueError("A phone number serves security codes only.")
    if not _A_CODE.fullmatch(str(facts.get("code", ""))):
        raise ValueError("A text message carries a code of 4 to 12 letters or digits, in the fact `code`.")
    return _put(code_text, person_id, phone_number(to), language, facts)


def _put(
    letter: Letter | CodeText,
    person_id: UUID,
    to: str,
    language: str,
    facts: dict[str, Any],
    service: str | None = None,
) -> UUID:
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
            service=service,
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
