"""What a provider reports after a text has left. A state is only ever moved forward, by one guarded UPDATE."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from suite.kernel import clock, db, metrics
from suite.kernel.errors import NotFound
from suite.kernel.log import log
from suite.messages.letters import SMS
from suite.messages.models import DELIVERED, QUEUED, SENDING, SENT, UNDELIVERED, Message

_ENDS = {"delivered": DELIVERED, "undelivered": UNDELIVERED, "failed": UNDELIVERED}


def report(message_id: UUID, *, sid: str, status: str, error: str) -> None:
    """Take over what became of a text; what is late, repeated or no ending changes nothing."""
    heard = _take(message_id, sid)
    if status in _ENDS:
        heard = _end(message_id, sid, _ENDS[status], error or status) or heard
    if not heard and not _is_ours(message_id, sid):
        raise NotFound


def _take(message_id: UUID, sid: str) -> bool:
    """Note that a waiting message has left: its report was faster than the answer, or the answer is lost.

    The next try finds it gone, so that the code is not sent twice.
    """
    values = {"provider_id": sid, "sent_at": clock.now(), "recipient": None, "content": None}
    return _move(message_id, SENT, values, Message.state.in_((QUEUED, SENDING)), Message.provider_id.is_(None))


def _end(message_id: UUID, sid: str, state: str, error: str) -> bool:
    problem = f"twilio_{error if error.isascii() and error.isalnum() else 'unknown'}" if state == UNDELIVERED else None
    ended = _move(message_id, state, {"problem": problem}, Message.state == SENT, Message.provider_id == sid)
    if ended:
        log.info(f"message_{state}", message_id=str(message_id), problem=problem)
    return ended


def _move(message_id: UUID, state: str, values: dict[str, Any], *still: Any) -> bool:
    letter = db.session.scalar(
        update(Message)
        .where(Message.id == message_id, Message.channel == SMS, *still)
        .values(state=state, **values)
        .returning(Message.letter)
        .execution_options(synchronize_session=False)
    )
    if letter is not None:
        metrics.MESSAGES.labels(letter, state).inc()
    return letter is not None


def _is_ours(message_id: UUID, sid: str) -> bool:
    ours = select(Message.id).where(Message.id == message_id, Message.provider_id == sid)
    return db.session.scalar(ours) is not None
