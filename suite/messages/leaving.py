"""The way out of a message: whether it may leave at this moment, and the note in the ledger when it has."""

from dataclasses import dataclass
from uuid import UUID

from suite.kernel import clock
from suite.kernel.log import log
from suite.messages import outbox
from suite.messages.contents import handover, handover_of_named, handover_of_reader
from suite.messages.letters import CodeText, Letter, letter_named
from suite.messages.models import EXPIRED, FAILED, LEFT, SENDING, UNKNOWN, WITHHELD, Message
from suite.privacy import ExitRefused, NotPermitted, WayOut, can_be_suppressed, leave, note_disclosure, suppressed


@dataclass(frozen=True)
class Leaving:
    """A message that may leave, by which way, and whether with a web beacon."""

    message: Message
    letter: Letter | CodeText
    way: WayOut
    beacon: bool


def way_out(message: Message, letter: Letter | CodeText) -> WayOut | tuple[str, str]:
    """Ask the exit gate; give the way out, or the state in which the message ends and the reason."""
    if message.state == SENDING:
        return UNKNOWN, ""
    if message.expires_at is not None and clock.now() >= message.expires_at:
        return EXPIRED, ""
    try:
        way = leave(handover(letter), person_id=_about(message, letter), service=message.service or "")
    except NotPermitted:
        return WITHHELD, ""
    except ExitRefused as refused:
        log.error("message_refused_at_the_exit", letter=letter.key, message_id=str(message.id), problem=refused.code)
        return FAILED, refused.code
    return way if _wanted(message, letter) else (WITHHELD, "")


def note(message: Message, letter: Letter | CodeText) -> None:
    """Write down that the provider has, or perhaps has, what the letter holds, for its reader and whom it names."""
    note_disclosure(handover_of_reader(letter), person_id=_about(message, letter))
    if isinstance(letter, Letter) and letter.names is not None and message.content is not None:
        note_disclosure(handover_of_named(letter), person_id=letter.names(outbox.open_facts(message)))


def note_unnoted(message: Message | None) -> None:
    """Note what left by the word of the provider alone: the worker that sent it died before it could say so."""
    if message is not None and message.state in LEFT:
        note(message, letter_named(message.letter))


def _about(message: Message, letter: Letter | CodeText) -> UUID | None:
    """Give whom a message is about; a farewell hangs on a number of nobody."""
    return None if letter.farewell else message.person_id


def _wanted(message: Message, letter: Letter | CodeText) -> bool:
    """Say whether nobody asked to be spared this at this address, and what the letter is about still holds."""
    if can_be_suppressed(letter.purpose) and suppressed(outbox.open_recipient(message), letter.purpose):
        return False
    return letter.still_wanted is None or letter.still_wanted(message.person_id, outbox.open_facts(message))
