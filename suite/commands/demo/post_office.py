"""Delivers the letters of invented people before their transaction ends, so that no worker ever sees them."""

import random
from uuid import UUID

from sqlalchemy import delete, select

from suite.accounts.jobs import answer_registration
from suite.kernel import clock, db
from suite.kernel.models import Job
from suite.messages.delivery import write
from suite.messages.jobs import deliver as deliver_job
from suite.messages.leaving import note, way_out
from suite.messages.letters import letter_named
from suite.messages.models import EXPIRED, FAILED, QUEUED, SENT, InboxMessage, Message
from suite.messages.outbox import open_facts, open_recipient
from suite.privacy import Person, WayOut

_FAILURES = ("smtp_550", "smtp_552", "smtp_TimeoutError")


def code_for(registration_id: UUID) -> str:
    """Read the code from the letter that waits for this registration."""
    message = db.session.scalars(select(Message).where(Message.person_id == registration_id)).one()
    return str(open_facts(message)["code"])


def deliver(chance: random.Random, *, failures: bool = True) -> None:
    """Put the letters written at this instant that may leave into the inbox; a few fail or come too late."""
    now = clock.now()
    db.session.execute(
        delete(Job).where(Job.created_at == now, Job.name.in_((deliver_job.name, answer_registration.name)))
    )
    for message in db.session.scalars(select(Message).where(Message.created_at == now, Message.state == QUEUED)):
        way = way_out(message, letter_named(message.letter))
        if not isinstance(way, WayOut):
            _end(message, way[0])
            continue
        message.tries = 1
        if letter_named(message.letter).farewell:
            db.session.execute(delete(Person).where(Person.id == message.person_id))
        elif failures and chance.random() < 0.15:
            message.state, message.problem = FAILED, chance.choice(_FAILURES)
        elif failures and chance.random() < 0.05:
            _end(message, EXPIRED)
        else:
            _show(message)
            note(message, letter_named(message.letter))
            _end(message, SENT)


def _show(message: Message) -> None:
    rendered = write(letter_named(message.letter), open_facts(message), message.language)
    db.session.add(
        InboxMessage(
            id=message.id,
            person_id=message.person_id,
            letter=message.letter,
            channel=message.channel,
            recipient=open_recipient(message),
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            received_at=clock.now(),
        )
    )


def _end(message: Message, state: str) -> None:
    message.state = state
    message.recipient = message.content = None
    if state == SENT:
        message.sent_at, message.provider_id = clock.now(), "inbox"
    elif state == EXPIRED:
        message.problem = "smtp_TimeoutError"
