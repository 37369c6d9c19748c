"""Delivery: claim, send outside any transaction, mark and erase in one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from suite.consents import beacons_allowed, unsubscribe_token
from suite.kernel import clock, db, jobs, metrics, system
from suite.kernel.log import log
from suite.messages import outbox
from suite.messages.contents import handover
from suite.messages.errors import NotDelivered
from suite.messages.letters import CodeText, Letter, letter_named, mail_address, phone_number
from suite.messages.models import EXPIRED, FAILED, LEFT, QUEUED, SENDING, SENT, UNKNOWN, WITHHELD, Message
from suite.messages.rendering import Rendered, render, render_code
from suite.messages.senders import sender_for
from suite.privacy import (
    Exit,
    ExitRefused,
    NotPermitted,
    Person,
    can_be_suppressed,
    leave,
    note_disclosure,
    suppressed,
)


@dataclass(frozen=True)
class Leaving:
    """A message that may leave, by which way, and whether with a web beacon."""

    message: Message
    letter: Letter | CodeText
    way: Exit
    beacon: bool


def deliver(message_id: UUID) -> None:
    """Send one message as its letter promises: at least once, or at most once."""
    claimed = jobs.running()
    prepared = _prepare(message_id, claimed)
    if prepared is None:
        return
    message, letter = prepared.message, prepared.letter
    try:
        provider_id = _send(prepared)
    except NotDelivered as problem:
        if letter.once and problem.unsure:
            _leave_unknown(message, claimed, problem)
        else:
            _not_sent(message, claimed, problem)
        return
    with db.transaction():
        _note(message, letter)
        _close(message, SENT, provider_id=provider_id)
        jobs.drop(claimed)
    log.info("message_sent", letter=letter.key, message_id=str(message.id))


def _send(leaving: Leaving) -> str:
    """Open and write the message and hand it over; whatever goes wrong is a NotDelivered.

    What kind of message it is decides which way it takes, and never the row.
    """
    message, letter = leaving.message, leaving.letter
    try:
        to = outbox.open_recipient(message)
        to = phone_number(to) if isinstance(letter, CodeText) else mail_address(to)
        rendered = write(
            letter,
            outbox.open_facts(message),
            message.language,
            unsubscribe=unsubscribe_token(
                message.person_id, service=message.service or "", purpose=letter.purpose, address=to
            ),
            beacon=leaving.beacon,
        )
    except Exception as problem:
        raise NotDelivered(f"letter_{type(problem).__name__}") from problem
    try:
        return str(sender_for(letter.channel).send(leaving.way, message, to, rendered))
    except NotDelivered:
        raise
    except ExitRefused as refused:
        raise NotDelivered(refused.code) from refused
    except Exception as problem:
        raise NotDelivered(type(problem).__name__, unsure=True) from problem


def _prepare(message_id: UUID, claimed: jobs.Claimed) -> Leaving | None:
    """Decide, with the job held, whether the message may still leave, by which way, and whether with a web beacon."""
    with db.transaction() as session:
        jobs.hold(claimed)
        message = session.get(Message, message_id)
        if message is None or message.state not in {QUEUED, SENDING}:
            _note_unnoted(message)
            jobs.finish(claimed)
            return None
        letter = letter_named(message.letter)
        way = _way_out(message, letter)
        if not isinstance(way, Exit):
            _end(message, letter, *way)
            jobs.finish(claimed)
            return None
        message.tries += 1
        if letter.once:
            message.state = SENDING
        beacon = isinstance(letter, Letter) and bool(letter.campaign) and beacons_allowed(message.person_id)
    return Leaving(message, letter, way, beacon)


def _way_out(message: Message, letter: Letter | CodeText) -> Exit | tuple[str, str]:
    """Give the way out, or the state in which the message ends and the reason."""
    if message.state == SENDING:
        return UNKNOWN, ""
    if message.expires_at is not None and clock.now() >= message.expires_at:
        return EXPIRED, ""
    try:
        person_id = None if letter.farewell else message.person_id
        way = leave(handover(letter), person_id=person_id, service=message.service or "")
    except NotPermitted:
        return WITHHELD, ""
    except ExitRefused as refused:
        log.error("message_refused_at_the_exit", letter=letter.key, message_id=str(message.id), problem=refused.code)
        return FAILED, refused.code
    return way if _wanted(message, letter) else (WITHHELD, "")


def _wanted(message: Message, letter: Letter | CodeText) -> bool:
    """Say whether nobody asked to be spared this at this address, and what the letter is about still holds."""
    if can_be_suppressed(letter.purpose) and suppressed(outbox.open_recipient(message), letter.purpose):
        return False
    return letter.still_wanted is None or letter.still_wanted(message.person_id, outbox.open_facts(message))


def _end(message: Message, letter: Letter | CodeText, state: str, problem: str) -> None:
    """End a message that does not leave; one that perhaps has left, or may be sent when declared, keeps its content."""
    if state == UNKNOWN:
        _note(message, letter)
    _close(message, state, problem=problem, keep_content=state in {UNKNOWN, FAILED})


def _note(message: Message, letter: Letter | CodeText) -> None:
    note_disclosure(handover(letter), person_id=None if letter.farewell else message.person_id)


def _note_unnoted(message: Message | None) -> None:
    """Note what left by the word of the provider alone: the worker that sent it died before it could say so."""
    if message is not None and message.state in LEFT:
        _note(message, letter_named(message.letter))


def write(
    letter: Letter | CodeText, facts: dict[str, Any], language: str, *, unsubscribe: str = "", beacon: bool = False
) -> Rendered:
    """Fill a letter or a text under the name and the address of this installation."""
    ours = {"public_url": system.current().settings.public_url, "product": product_name()}
    if isinstance(letter, CodeText):
        return render_code(letter, facts, language, **ours)
    return render(letter, facts, language, **ours, unsubscribe=unsubscribe, beacon=beacon)


def product_name() -> str:
    """Give the name letters speak under: the display part of the sender address."""
    name = system.current().settings.mail_from.partition("<")[0].strip().strip('"')
    return name or "Accounts"


def _not_sent(message: Message, claimed: jobs.Claimed, problem: NotDelivered) -> None:
    """Keep the reason; the message goes back to the queue, or is given up and shown with its content kept."""
    given_up = problem.final or claimed.attempts >= claimed.kind.attempts
    with db.transaction():
        if given_up:
            _close(message, FAILED, problem=problem.code, keep_content=True)
            jobs.finish(claimed)
        else:
            jobs.hold(claimed)
            _wait(message, problem)
    log.warning("message_not_sent", message_id=str(message.id), problem=problem.code, given_up=given_up)
    if not given_up:
        raise problem


def _wait(message: Message, problem: NotDelivered) -> None:
    if _move(message, state=QUEUED, problem=problem.code[:80]):
        metrics.MESSAGES.labels(message.letter, QUEUED).inc()


def _leave_unknown(message: Message, claimed: jobs.Claimed, problem: NotDelivered) -> None:
    """End an at-most-once message that may have left: it is shown and counted, never sent again by itself."""
    with db.transaction():
        _note(message, letter_named(message.letter))
        _close(message, UNKNOWN, problem=problem.code, keep_content=True)
        jobs.finish(claimed)


def _close(
    message: Message,
    state: str,
    *,
    provider_id: str | None = None,
    problem: str = "",
    keep_content: bool = False,
) -> None:
    """Mark the end of a message and erase its address and content."""
    values: dict[str, Any] = {
        "state": state,
        "provider_id": (provider_id or "")[:80] or None,
        "sent_at": clock.now() if state == SENT else None,
    }
    if problem:
        values["problem"] = problem[:80]
    if not keep_content:
        values |= {"recipient": None, "content": None}
    if not _move(message, **values):
        return
    metrics.MESSAGES.labels(message.letter, state).inc()
    if letter_named(message.letter).farewell:
        db.session.execute(delete(Person).where(Person.id == message.person_id))


def _move(message: Message, **values: Any) -> bool:
    """Change the row, unless a callback of the provider was faster and said that the message has left."""
    moved = db.session.execute(
        update(Message)
        .where(Message.id == message.id, Message.state.not_in(LEFT))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return moved.rowcount == 1  # type: ignore[attr-defined,no-any-return]
