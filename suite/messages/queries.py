"""Reading the outbox for the internal tools: which messages there are and how far they got, never whom or what."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from suite.kernel import db
from suite.kernel.models import Job
from suite.kernel.paging import Page, page
from suite.messages.models import FAILED, QUEUED, SENDING, UNKNOWN, Message

STUCK = "stuck"
TROUBLES = (FAILED, UNKNOWN, STUCK)
"""States that wait for somebody: given up, perhaps sent, or waiting for a job that was given up."""


def messages_of(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give the messages of a person, newest first."""
    return page(select(Message).where(Message.person_id == person_id), Message.id, cursor=cursor, limit=limit)


def troubled(state: str | None, *, cursor: str | None, limit: int) -> Page:
    """Give the messages that wait for somebody, in one of the states or all of them, newest first."""
    wanted = [_in(one) for one in TROUBLES if state in {None, one}]
    return page(select(Message).where(or_(*wanted)), Message.id, cursor=cursor, limit=limit)


def addressee(message_id: UUID) -> UUID | None:
    """Give whom a message is for, None when there is no such message."""
    return db.session.scalar(select(Message.person_id).where(Message.id == message_id))


def _in(state: str) -> ColumnElement[bool]:
    if state != STUCK:
        return Message.state == state
    dead = db.session.scalars(select(Job.args).where(Job.name == "messages.deliver", Job.dead_at.is_not(None)))
    return and_(Message.state.in_((QUEUED, SENDING)), Message.id.in_([UUID(args["message_id"]) for args in dead]))
